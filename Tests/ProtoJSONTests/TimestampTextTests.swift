import ProtoJSON
import Testing

@Suite("Times and durations as text") struct TimestampTextTests {
    @Test(
        "prints UTC with as many digits as are needed",
        arguments: [
            (0, 0, "1970-01-01T00:00:00Z"), (1_710_316_500, 0, "2024-03-13T07:55:00Z"),
            (-1, 999_999_999, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400, 500_000_000, "2000-02-29T00:00:00.500Z"), (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
            (253_402_300_799, 1000, "9999-12-31T23:59:59.000001Z"), (-2_203_891_200, 0, "1900-03-01T00:00:00Z"),
        ] as [(Int64, Int64, String)])
    func prints(seconds: Int64, nanoseconds: Int64, expected: String) throws {
        #expect(TimestampText.text(seconds: seconds, nanoseconds: nanoseconds) == expected)
        let read = try #require(TimestampText.read(expected))
        #expect(read == (seconds, Int32(nanoseconds)))
    }

    @Test(
        "reads any offset, and a leap second as the one after it",
        arguments: [
            ("2024-03-13T15:55:00+08:00", 1_710_316_500), ("2024-03-13T02:25:00-05:30", 1_710_316_500),
            ("2016-12-31T23:59:60Z", 1_483_228_800), ("2024-02-29T00:00:00-00:00", 1_709_164_800),
            ("2024-03-13 07:55:00.9Z", 1_710_316_500),
        ] as [(String, Int64)])
    func offsets(text: String, expected: Int64) {
        #expect(TimestampText.read(text)?.seconds == expected)
    }

    @Test(
        "refuses what is no instant",
        arguments: [
            "", "2024-03-13", "2024-03-13T15:55:00", "2024-03-13T15:55Z", "2024-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2024-03-13T24:00:00Z", "2024-03-13T00:60:00Z", "2024-03-13T00:00:61Z", "2024-03-13T00:00:00.Z",
            "2024-3-13T00:00:00Z",
            "2024-03-13T00:00:00+24:00", "2024-03-13T00:00:00+0800", "2024-03-13T00:00:00Zx",
            "0001-01-01T00:00:00+01:00",
            "２024-03-13T00:00:00Z", "0000-01-01T00:00:00Z",
        ])
    func refuses(text: String) {
        #expect(TimestampText.read(text) == nil)
    }

    @Test("every seventh day of four centuries survives the way there and back")
    func everyDay() throws {
        for day in stride(from: Int64(-11_000), to: 136_000, by: 7) {
            let text = try #require(TimestampText.text(seconds: day * 86_400, nanoseconds: 0))
            #expect(TimestampText.read(text)?.seconds == day * 86_400)
        }
    }

    @Test(
        "durations keep sign and fraction",
        arguments: [
            ("0s", 0, 0), ("1.500s", 1, 500_000_000), ("-0.000001s", 0, -1000), ("-3s", -3, 0),
            ("315576000000s", 315_576_000_000, 0),
        ] as [(String, Int64, Int32)])
    func durations(text: String, seconds: Int64, nanoseconds: Int32) throws {
        let read = try #require(DurationText.read(text))
        #expect(read == (seconds, nanoseconds))
        #expect(DurationText.text(seconds: seconds, nanoseconds: Int64(nanoseconds)) == text)
    }

    @Test(
        "durations refuse what is out of range or has no unit",
        arguments: [
            "", "s", "1", "1.s", ".5s", "1 s", "+1s", "315576000001s", "9999999999999s",
        ])
    func badDurations(text: String) {
        #expect(DurationText.read(text) == nil)
    }
}
