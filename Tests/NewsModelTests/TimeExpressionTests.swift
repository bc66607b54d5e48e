import NewsModel
import Testing

@Suite("Bounds of time as text") struct TimeExpressionTests {
    /// A Sunday evening in Shanghai, still Sunday morning in New York.
    static let now = "2026-11-22T12:34:56Z"

    @Test(
        "stand for an instant in the asker's zone",
        arguments: [
            ("2026", "Asia/Shanghai", "2025-12-31T16:00:00Z", "2026-12-31T16:00:00Z"),
            ("2026-02", "Asia/Shanghai", "2026-01-31T16:00:00Z", "2026-02-28T16:00:00Z"),
            ("2026-02-27", "Asia/Shanghai", "2026-02-26T16:00:00Z", "2026-02-27T16:00:00Z"),
            ("2026-12-31", "UTC", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2026-03-08", "America/New_York", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
            ("2026-02-27T15:55:00+08:00", "UTC", "2026-02-27T07:55:00Z", "2026-02-27T07:55:00Z"),
            ("2026-02-27T15:55:00.5Z", "UTC", "2026-02-27T15:55:00.500Z", "2026-02-27T15:55:00.500Z"),
            ("2026-02-27t15:55:00z", "UTC", "2026-02-27T15:55:00Z", "2026-02-27T15:55:00Z"),
            ("2026-02-27T15:55-05:30", "UTC", "2026-02-27T21:25:00Z", "2026-02-27T21:25:00Z"),
            ("2026-02-27T15:55", "Asia/Shanghai", "2026-02-27T07:55:00Z", "2026-02-27T07:55:00Z"),
            ("2026-02-27 15:55:01", "Asia/Shanghai", "2026-02-27T07:55:01Z", "2026-02-27T07:55:01Z"),
            ("-90m", "UTC", "2026-11-22T11:04:56Z", "2026-11-22T11:04:56Z"),
            ("-36h", "UTC", "2026-11-21T00:34:56Z", "2026-11-21T00:34:56Z"),
            ("-7d", "UTC", "2026-11-15T12:34:56Z", "2026-11-15T12:34:56Z"),
            ("7d", "UTC", "2026-11-15T12:34:56Z", "2026-11-15T12:34:56Z"),
            ("-2w", "UTC", "2026-11-08T12:34:56Z", "2026-11-08T12:34:56Z"),
            ("0m", "UTC", "2026-11-22T12:34:56Z", "2026-11-22T12:34:56Z"),
            ("999999999w", "UTC", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("now", "UTC", "2026-11-22T12:34:56Z", "2026-11-22T12:34:56Z"),
            ("today", "Asia/Shanghai", "2026-11-21T16:00:00Z", "2026-11-22T16:00:00Z"),
            ("today", "Pacific/Apia", "2026-11-22T11:00:00Z", "2026-11-23T11:00:00Z"),
            ("yesterday", "UTC", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
            ("9999", "UTC", "9999-01-01T00:00:00Z", "10000-01-01T00:00:00Z"),
        ])
    func resolution(text: String, zoneName: String, since: String, until: String) throws {
        let rules = try zone(zoneName)
        let now = try instant(Self.now)
        let expression = try TimeExpression(text)
        #expect(RFC3339.text(expression.bound(.since, zone: rules, now: now).instant) == since)
        #expect(RFC3339.text(expression.bound(.until, zone: rules, now: now).instant) == until)
    }

    @Test(
        "that are wrong name the field and the part at fault",
        arguments: [
            ("2026-13", "month must be 01 to 12"), ("2026-00", "month must be 01 to 12"),
            ("2026-2", "month must be 01 to 12"), ("2026-", "month must be 01 to 12"),
            ("2026-02-30", "day must be 01 to 28"), ("2024-02-30", "day must be 01 to 29"),
            ("2026-02-7", "day must be 01 to 28"), ("2026-04-31", "day must be 01 to 30"),
            ("2026-02-271", "day must be 01 to 28"), ("0000", "year must be 0001 to 9999"),
            ("26", "year must be 0001 to 9999"), ("20260227", "year must be 0001 to 9999"),
            ("2026-02-27T24:00", "hour must be 00 to 23"), ("2026-02-27T", "hour must be 00 to 23"),
            ("2026-02-27T15", "minute must be 00 to 59"), ("2026-02-27T15:60", "minute must be 00 to 59"),
            ("2026-02-27T15:55:61", "second must be 00 to 59"), ("2026-02-27T15:55:60", "second must be 00 to 59"),
            ("2026-02-27T15:55:60Z", "second must be 00 to 59"),
            ("2026-02-27T15:55:00.Z", "a fraction of a second must have 1 to 9 digits"),
            ("2026-02-27T15:55:00+8", "offset must be Z or +00:00 to +23:59 or -00:00 to -23:59"),
            ("2026-02-27T15:55:00+24:00", "offset must be Z or +00:00 to +23:59 or -00:00 to -23:59"),
            ("2026-02-27x", "\"x\" must not follow"), ("2026/02", "\"/02\" must not follow"),
            ("2026-02-27T15:55:00Z ", "\" \" must not follow"), ("+3d", "relative times reach back, as -7d does"),
            ("d", "an amount must have 1 to 9 digits"), ("-1234567890d", "an amount must have 1 to 9 digits"),
        ])
    func faults(text: String, fault: String) {
        let error = #expect(throws: TimeExpressionError.self) { try TimeExpression(text) }
        #expect(error?.message(field: "since") == "since \"\(text)\": \(fault)")
    }

    @Test(
        "of no known form are told the forms",
        arguments: ["tomorrow", "Now", "-7y", "--7d", "last week", "-", "二〇二六", " 2026", "-2026-02"])
    func forms(text: String) {
        #expect(throws: TimeExpressionError(text: text, fault: .form)) { try TimeExpression(text) }
    }

    @Test("of great length are cut in the message")
    func longText() {
        let error = TimeExpressionError(text: String(repeating: "9", count: 5000), fault: .year)
        #expect(error.message(field: "until").utf8.count < 150)
    }
}

@Suite("RFC 3339 times") struct RFC3339Tests {
    @Test(
        "are read to the microsecond",
        arguments: [
            ("1985-04-12T23:20:50.52Z", 482_196_050_520_000), ("1996-12-19T16:39:57-08:00", 851_042_397_000_000),
            // A leap second counts as the next second (the RFC's own examples).
            ("1990-12-31T23:59:60Z", 662_688_000_000_000), ("1990-12-31T15:59:60-08:00", 662_688_000_000_000),
            ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130_000),
            ("2026-02-27T00:00:00.123456789Z", 1_772_150_400_123_456),
        ] as [(String, Int64)])
    func reading(text: String, microseconds: Int64) throws {
        #expect(try instant(text).microseconds == microseconds)
    }

    @Test(
        "need seconds and an offset",
        arguments: [
            ("2026-02-27", TimeFault.form), ("2026-02-27T15:55Z", .second), ("2026-02-27T15:55:00", .offset),
            ("2026-02-29T00:00:00Z", .day(last: 28)), ("", .year),
        ])
    func faults(text: String, fault: TimeFault) {
        #expect(throws: fault) { try RFC3339.parse(text) }
    }

    @Test(
        "are written as the clock of a zone shows them",
        arguments: [
            ("2024-03-13T07:55:00Z", "Asia/Shanghai", "2024-03-13T15:55:00+08:00"),
            ("2026-01-01T00:00:00.250Z", "America/St_Johns", "2025-12-31T20:30:00.250-03:30"),
            ("1850-01-01T00:00:00Z", "Asia/Shanghai", "1850-01-01T00:00:00Z"),
            ("2026-01-01T00:00:00Z", "UTC", "2026-01-01T00:00:00+00:00"),
        ])
    func writing(utc: String, zoneName: String, text: String) throws {
        let moment = try instant(utc)
        #expect(try RFC3339.text(moment, in: zone(zoneName)) == text)
        #expect(RFC3339.text(moment) == utc)
    }
}
