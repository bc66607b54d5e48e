import Foundation
import NewsModel
import Testing

/// A file of one version with transitions, types and a footer, as RFC 9636, section 3 lays it out.
struct TZifBuilder {
    var version: UInt8 = UInt8(ascii: "2")
    var transitions: [(at: Int64, type: UInt8)] = []
    var offsets: [Int32] = [0]
    var leapSecondCount: Int32 = 0
    var footer = "UTC0"

    var bytes: [UInt8] {
        if version == 0 { return block(timeSize: 4) }
        return block(timeSize: 4) + block(timeSize: 8) + Array("\n\(footer)\n".utf8)
    }

    private func block(timeSize: Int) -> [UInt8] {
        var bytes = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
        for count in [0, 0, leapSecondCount, Int32(transitions.count), Int32(offsets.count), 4] as [Int32] {
            bytes += big(Int64(count), 4)
        }
        for transition in transitions { bytes += big(transition.at, timeSize) }
        bytes += transitions.map(\.type)
        for offset in offsets { bytes += big(Int64(offset), 4) + [0, 0] }
        bytes += Array("ABC\0".utf8)
        for _ in 0..<leapSecondCount { bytes += big(78_796_800, timeSize) + big(1, 4) }
        return bytes
    }

    private func big(_ value: Int64, _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * (size - 1 - $0))) }
    }
}

@Suite("TZif files") struct TZifTests {
    @Test("of versions 1 to 4 are read", arguments: [0, UInt8(ascii: "2"), UInt8(ascii: "3"), UInt8(ascii: "4")])
    func versions(version: UInt8) throws {
        let file = TZifBuilder(
            version: version, transitions: [(at: 0, type: 1)], offsets: [3600, 7200], footer: "XYZ-2")
        let rules = try ZoneRules(name: "Test", tzif: file.bytes)
        #expect(rules.offset(at: Instant(microseconds: -1)) == 3600)
        #expect(rules.offset(at: .epoch) == 7200)
    }

    @Test(
        "with a fault are refused with its name",
        arguments: [
            (TZifBuilder(version: UInt8(ascii: "5")), ZoneError.unknownVersion(UInt8(ascii: "5"))),
            (TZifBuilder(offsets: []), .malformed("there is no local time type")),
            (TZifBuilder(transitions: [(1, 0), (1, 0)]), .malformed("transitions do not ascend")),
            (TZifBuilder(transitions: [(1, 3)]), .malformed("a transition has an unknown type")),
            (TZifBuilder(offsets: [100_000]), .malformed("an offset from UTC exceeds 26 hours")),
            (TZifBuilder(leapSecondCount: 1), .countsLeapSeconds),
            (TZifBuilder(footer: "nonsense"), .malformed("the footer is not a POSIX TZ rule")),
        ])
    func faults(file: TZifBuilder, fault: ZoneError) {
        #expect(throws: fault) { try ZoneRules(name: "Test", tzif: file.bytes) }
    }

    @Test("that are no such files are refused")
    func foreign() {
        #expect(throws: ZoneError.notTZif) { try ZoneRules(name: "Test", tzif: Array("PNG ................".utf8)) }
        #expect(throws: ZoneError.truncated) { try ZoneRules(name: "Test", tzif: []) }
    }

    @Test("end at every byte without a trap")
    func cuts() throws {
        let whole = [UInt8](try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/London")))
        for count in 0..<whole.count {
            #expect(throws: ZoneError.self) { try ZoneRules(name: "Test", tzif: Array(whole.prefix(count))) }
        }
    }

    @Test(
        "close with a rule for the time after",
        arguments: [
            ("EST5EDT,M3.2.0,M11.1.0", "2030-07-01T00:00:00Z", -14_400),
            ("EST5EDT,M3.2.0,M11.1.0", "2030-01-01T00:00:00Z", -18_000),
            ("<+0545>-5:45", "2030-01-01T00:00:00Z", 20_700),
            // Hours beyond a day: Saturday 22:00 before the last Sunday of March (America/Nuuk).
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2030-03-31T00:59:59Z", -7200),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2030-03-31T01:00:00Z", -3600),
            // Summer all year round.
            ("XXX3EDT4,0/0,J365/23", "2030-01-01T12:00:00Z", -14_400),
            ("AAA0BBB,J60,J300", "2028-03-01T01:59:59Z", 0), ("AAA0BBB,J60,J300", "2028-03-01T02:00:00Z", 3600),
            ("AAA0BBB,59,300", "2028-02-29T02:00:00Z", 3600), ("AAA0BBB,59,300", "2028-02-29T01:59:59Z", 0),
        ])
    func rules(rule: String, moment: String, offset: Int) throws {
        let rules = try ZoneRules(name: "Test", tzif: TZifBuilder(footer: rule).bytes)
        #expect(try rules.offset(at: instant(moment)) == offset)
    }

    @Test(
        "with a rule that is not one are refused",
        arguments: [
            "AB5", "ABC", "ABC25", "ABC5DEF", "ABC5DEF,M3.2.0", "ABC5DEF,M13.2.0,M11.1.0", "ABC5DEF,M3.6.0,M11.1.0",
            "ABC5DEF,M3.2.7,M11.1.0", "ABC5DEF,J0,J1", "ABC5DEF,366,1", "ABC5DEF,M3.2.0/168,M11.1.0", "<>5", "<ABC5",
            "ABC5DEF,M3.2.0,M11.1.0x", "ABC5:60",
        ])
    func badRules(rule: String) {
        #expect(throws: ZoneError.malformed("the footer is not a POSIX TZ rule")) {
            try ZoneRules(name: "Test", tzif: TZifBuilder(footer: rule).bytes)
        }
    }
}
