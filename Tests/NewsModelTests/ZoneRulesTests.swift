import NewsModel
import Testing

@Suite("Zone rules") struct ZoneRulesTests {
    @Test(
        "give the offset of every moment, before the first and after the last transition of the file too",
        arguments: [
            ("Asia/Shanghai", "2026-02-27T00:00:00Z", 28_800), ("Asia/Shanghai", "1990-07-01T00:00:00Z", 32_400),
            ("Asia/Shanghai", "1850-01-01T00:00:00Z", 29_143),
            ("America/New_York", "2026-03-08T06:59:59Z", -18_000),
            ("America/New_York", "2026-03-08T07:00:00Z", -14_400),
            ("America/New_York", "2026-11-01T05:59:59Z", -14_400),
            ("America/New_York", "2026-11-01T06:00:00Z", -18_000),
            ("America/New_York", "2120-07-01T00:00:00Z", -14_400),
            ("America/New_York", "2120-01-01T00:00:00Z", -18_000),
            ("Europe/London", "2026-03-29T00:59:59Z", 0), ("Europe/London", "2026-03-29T01:00:00Z", 3600),
            ("Europe/London", "2088-10-31T00:59:59Z", 3600), ("Europe/London", "2088-10-31T01:00:00Z", 0),
            ("Asia/Kathmandu", "2026-01-01T00:00:00Z", 20_700), ("Asia/Kathmandu", "1985-12-31T18:29:59Z", 19_800),
            ("Pacific/Apia", "2011-12-30T09:59:59Z", -36_000), ("Pacific/Apia", "2011-12-30T10:00:00Z", 50_400),
            ("Australia/Sydney", "2050-01-01T00:00:00Z", 39_600), ("Australia/Sydney", "2050-07-01T00:00:00Z", 36_000),
            ("Europe/Dublin", "2060-07-01T00:00:00Z", 3600), ("Europe/Dublin", "2060-01-01T00:00:00Z", 0),
            ("UTC", "2026-01-01T00:00:00Z", 0),
        ])
    func offsets(name: String, moment: String, offset: Int) throws {
        #expect(try zone(name).offset(at: instant(moment)) == offset)
    }

    @Test(
        "find the moment of a local time: the first of two, and past a gap as if the clock had not been put forward",
        arguments: [
            ("Asia/Shanghai", "2024-03-13T15:55", "2024-03-13T07:55:00Z"),
            ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30:00Z"),
            ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00:00Z"),
            ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z"),
            ("America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00Z"),
            ("America/New_York", "2126-11-03T01:30", "2126-11-03T05:30:00Z"),
            ("Europe/London", "2026-03-29T01:30", "2026-03-29T01:30:00Z"),
            ("Europe/London", "2026-10-25T01:30", "2026-10-25T00:30:00Z"),
            ("Asia/Kathmandu", "2026-01-01T00:00", "2025-12-31T18:15:00Z"),
            ("Asia/Kathmandu", "1986-01-01T00:05", "1985-12-31T18:35:00Z"),
            ("Pacific/Apia", "2011-12-29T23:59", "2011-12-30T09:59:00Z"),
            ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00:00Z"),
            ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00:00Z"),
        ])
    func instants(name: String, clock: String, moment: String) throws {
        #expect(try zone(name).instant(of: local(clock)) == instant(moment))
    }

    @Test(
        "begin a day at its first moment, whatever the clock shows then",
        arguments: [
            ("Asia/Shanghai", "2026-02-27", "2026-02-26T16:00:00Z"),
            // Put forward at midnight: the day begins at 01:00.
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
            // Put back at midnight: 23:00 to 24:00 comes twice, and both are the day before.
            ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"),
            // 00:01 was followed by 23:01 of the day before.
            ("America/St_Johns", "2006-10-29", "2006-10-29T02:30:00Z"),
            // From 23:30 straight to 00:30.
            ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z"),
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
        ])
    func days(name: String, day: String, moment: String) throws {
        #expect(try zone(name).firstInstant(of: date(day)) == instant(moment))
    }

    @Test(
        "agree with themselves: the clock of an instant leads back to it, or to the hour before in an overlap",
        arguments: ["Asia/Shanghai", "America/New_York", "Europe/London", "Pacific/Apia", "Africa/Casablanca", "UTC"])
    func roundTrip(name: String) throws {
        let rules = try zone(name)
        var moment = try instant("1900-01-01T00:00:00Z")
        let end = try instant("2150-01-01T00:00:00Z")
        while moment < end {
            let clock = rules.civil(at: moment)
            let back = rules.instant(of: clock)
            #expect(back <= moment && rules.civil(at: back) == clock, "\(name) \(clock)")
            moment = moment + .seconds(86_400 * 3 + 3671)
        }
    }

    @Test("stand for an instant at the ends of 64 bits without trapping", arguments: [Int64.min, .max])
    func extremes(microseconds: Int64) throws {
        let rules = try zone("America/New_York")
        let instant = Instant(microseconds: microseconds)
        #expect(abs(rules.offset(at: instant)) < 86_400)
        #expect(rules.civil(at: instant).microsecondOfDay >= 0)
    }
}
