import NewsModel
import Testing

@Suite("Instants") struct InstantTests {
    @Test(
        "come from whole seconds and nanoseconds, of which digits below a microsecond are dropped",
        arguments: [
            (0, 0, 0), (1, 999, 1_000_000), (1, 1_999, 1_000_001), (-1, 500_000_000, -500_000),
            (253_402_300_799, 999_999_999, 253_402_300_799_999_999),
        ] as [(Int64, Int32, Int64)])
    func fromSeconds(seconds: Int64, nanoseconds: Int32, microseconds: Int64) {
        #expect(Instant(seconds: seconds, nanoseconds: nanoseconds)?.microseconds == microseconds)
    }

    @Test("cannot lie outside 64 bits of microseconds", arguments: [Int64.max, .min, 9_300_000_000_000])
    func outside(seconds: Int64) {
        #expect(Instant(seconds: seconds) == nil)
    }

    @Test(
        "split into seconds rounded towards the past and what is left",
        arguments: [(0, 0, 0), (1_500_000, 1, 500_000), (-1, -1, 999_999), (-1_000_000, -1, 0)]
            as [(Int64, Int64, Int32)])
    func split(microseconds: Int64, seconds: Int64, rest: Int32) {
        let instant = Instant(microseconds: microseconds)
        #expect(instant.seconds == seconds)
        #expect(instant.microsecondOfSecond == rest)
        #expect(instant.nanosecondOfSecond == rest * 1000)
    }

    @Test("stop at the ends of their range instead of wrapping round")
    func saturation() {
        let last = Instant(microseconds: .max)
        let first = Instant(microseconds: .min)
        #expect(last + .seconds(1) == last)
        #expect(first - .seconds(1) == first)
        #expect(first + .seconds(-1) == first)
        #expect(last - .seconds(-1) == last)
        #expect(Instant.epoch + .seconds(Int64.max) == last)
    }

    @Test("subtract to the duration between them")
    func difference() {
        let start = Instant(microseconds: 1_000)
        #expect((start + .milliseconds(5)) - start == .milliseconds(5))
        #expect(Instant(microseconds: .max) - Instant(microseconds: .min) > .seconds(1))
    }

    @Test("are cut to what a Timestamp holds: years 1 to 9999")
    func timestampRange() {
        #expect(RFC3339.text(.timestampMin) == "0001-01-01T00:00:00Z")
        #expect(RFC3339.text(.timestampMax) == "9999-12-31T23:59:59.999999Z")
        #expect(Instant(microseconds: .max).clampedToTimestamp == .timestampMax)
        #expect(Instant(microseconds: .min).clampedToTimestamp == .timestampMin)
        #expect(Instant.epoch.clampedToTimestamp == .epoch)
        #expect(!Instant(microseconds: .max).isTimestamp)
    }
}
