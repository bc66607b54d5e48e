import GRPCWire
import Testing

@Suite("grpc-timeout") struct GRPCTimeoutTests {
    private func parse(_ text: String) throws(TimeoutError) -> Int64? { try GRPCTimeout.parse(Array(text.utf8).span) }

    @Test(
        "A10: digits and a unit are read exactly",
        arguments: [
            ("1n", 1), ("1u", 1_000), ("1m", 1_000_000), ("1S", 1_000_000_000), ("1M", 60_000_000_000),
            ("1H", 3_600_000_000_000), ("00000001S", 1_000_000_000), ("99999999S", 99_999_999_000_000_000),
            ("2562047H", 2_562_047 * 3_600_000_000_000),
        ] as [(String, Int64)])
    func valid(text: String, nanoseconds: Int64) throws {
        #expect(try parse(text) == nanoseconds)
    }

    @Test("A10: more than a clock counts is no deadline", arguments: ["99999999H", "2562048H"])
    func clamped(text: String) throws {
        #expect(try parse(text) == nil)
    }

    @Test(
        "A11: anything else is refused with its reason",
        arguments: [
            ("", .empty), ("abc", .unknownUnit(0x63)), ("1X", .unknownUnit(0x58)), ("1", .unknownUnit(0x31)),
            ("1s", .unknownUnit(0x73)), (" 5S", .notADigit(0x20)), ("-1S", .notADigit(0x2D)), ("+1S", .notADigit(0x2B)),
            ("5 S", .notADigit(0x20)), ("1.5S", .notADigit(0x2E)), ("S", .digitCount(0)),
            ("123456789S", .digitCount(9)), ("5S ", .unknownUnit(0x20)),
        ] as [(String, TimeoutError)])
    func invalid(text: String, error: TimeoutError) {
        #expect(throws: error) { try parse(text) }
    }

    @Test("A12: zero of any unit is zero", arguments: ["0n", "0H", "00000000S"])
    func zero(text: String) throws {
        #expect(try parse(text) == 0)
    }

    @Test(
        "D12: a duration is written in at most eight digits, rounded up",
        arguments: [
            (.nanoseconds(1), "1n"), (.nanoseconds(99_999_999), "99999999n"), (.nanoseconds(100_000_000), "100000u"),
            (.nanoseconds(100_000_001), "100001u"), (.milliseconds(250), "250000u"), (.seconds(30), "30000000u"),
            (.seconds(100), "100000m"), (.milliseconds(100_001), "100001m"), (.seconds(100_000), "100000S"),
            (.seconds(99_999_999), "99999999S"), (.seconds(100_000_000), "1666667M"),
            (.seconds(5_999_999_941), "1666667H"), (.seconds(Int64.max), "99999999H"), (.zero, "0n"),
            (.seconds(-1), "0n"), (Duration(secondsComponent: 0, attosecondsComponent: 1), "1n"),
        ] as [(Duration, String)])
    func format(timeout: Duration, text: String) {
        #expect(GRPCTimeout.format(timeout) == text)
    }

    @Test("D12: what is written is read back as no less", arguments: 0..<60)
    func roundTrip(shift: Int) throws {
        for nanoseconds in [Int64(1) << shift, Int64(1) << shift + 1, (Int64(1) << shift) &* 3 / 2] {
            let text = GRPCTimeout.format(.nanoseconds(nanoseconds))
            #expect(text.utf8.count <= 9)
            #expect(try #require(try parse(text)) >= nanoseconds)
        }
    }

    @Test("A11: reasons name what is wrong")
    func descriptions() {
        #expect(TimeoutError.unknownUnit(0x58).description == "grpc-timeout ends in 'X', not in one of H M S m u n")
        #expect(TimeoutError.notADigit(0x20).description == "grpc-timeout has byte 32 where a digit must stand")
        #expect(TimeoutError.digitCount(9).description == "grpc-timeout has 9 digits, not 1 to 8")
        #expect(TimeoutError.empty.description == "grpc-timeout is empty")
    }
}
