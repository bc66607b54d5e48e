import NewsModel
import Testing

@Suite("Windows of time") struct TimeWindowTests {
    struct Case: Sendable {
        var since = ""
        var until = ""
        var zone = "Asia/Shanghai"
        var storeZone = "Asia/Shanghai"
        /// In the store's zone.
        var printed: String
        var precision = Precision.day
        var isIn: Bool
    }

    static let cases: [Case] = [
        // Minutes and seconds: by instant, since included, until excluded.
        Case(since: "2024-03-13T15:55", printed: "2024-03-13T15:55", precision: .minute, isIn: true),
        Case(since: "2024-03-13T15:56", printed: "2024-03-13T15:55", precision: .minute, isIn: false),
        Case(until: "2024-03-13T15:55", printed: "2024-03-13T15:55", precision: .minute, isIn: false),
        Case(since: "2024-03", until: "2024-03", printed: "2024-03-13T15:55", precision: .minute, isIn: true),
        Case(since: "2024-03", until: "2024-03", printed: "2024-04-01T00:00", precision: .second, isIn: false),
        Case(since: "2024-03-14", zone: "UTC", printed: "2024-03-14T07:59", precision: .minute, isIn: false),
        // Days: by what was printed, wherever the reader sits.
        Case(since: "2026-02-01", printed: "2026-02-01", isIn: true),
        Case(since: "2026-02-01", zone: "America/New_York", printed: "2026-02-01", isIn: true),
        Case(since: "2026-02-01", zone: "America/New_York", printed: "2026-01-31", isIn: false),
        Case(
            since: "2026-02-01", zone: "Pacific/Kiritimati", storeZone: "Pacific/Niue", printed: "2026-02-01",
            isIn: true),
        Case(
            since: "2026-02-01", zone: "Pacific/Niue", storeZone: "Pacific/Kiritimati", printed: "2026-02-01",
            isIn: true),
        Case(until: "2026-02", zone: "America/New_York", printed: "2026-02-28", isIn: true),
        Case(until: "2026-02", zone: "America/New_York", printed: "2026-03-01", isIn: false),
        Case(since: "2026-02", until: "2026-02", printed: "2026-02-27", isIn: true),
        Case(since: "2026-02-27T15:00", printed: "2026-02-27", isIn: true),
        Case(since: "2026-02-28T00:00", printed: "2026-02-27", isIn: false),
        Case(until: "2026-02-27T00:00", printed: "2026-02-27", isIn: false),
        Case(until: "2026-02-27T00:01", printed: "2026-02-27", isIn: true),
        // Months and years that began before the window and reach into it.
        Case(since: "2026-02-15", printed: "2026-02-01", precision: .month, isIn: true),
        Case(since: "2026-03-01", printed: "2026-02-01", precision: .month, isIn: false),
        Case(since: "2026-02-15", printed: "2026-01-01", precision: .year, isIn: true),
        Case(since: "2027", printed: "2026-01-01", precision: .year, isIn: false),
        Case(until: "2025", printed: "2026-01-01", precision: .year, isIn: false),
        // Nothing lies between a moment and itself, not even a day.
        Case(since: "2026-02-27T12:00", until: "2026-02-27T12:00", printed: "2026-02-27", isIn: false),
        Case(since: "2026-03", until: "2026-02", printed: "2026-02-15", isIn: false),
    ]

    private func window(_ item: Case) throws -> TimeWindow {
        let rules = try zone(item.zone)
        let now = try instant("2026-11-22T00:00:00Z")
        let bound = { (text: String, side: TimeExpression.Side) in
            text.isEmpty ? nil : try TimeExpression(text).bound(side, zone: rules, now: now)
        }
        return TimeWindow(
            since: try bound(item.since, .since), until: try bound(item.until, .until),
            storeZone: try zone(item.storeZone))
    }

    private func sortInstant(_ item: Case) throws -> Instant {
        let storeZone = try zone(item.storeZone)
        let clock = item.precision.isInstant ? try local(item.printed) : CivilDateTime(startOf: try date(item.printed))
        let sort = SortTime(published: clock, precision: item.precision, zone: storeZone, storeZone: storeZone)
        return try #require(sort).instant
    }

    @Test("contain instants by instant and printed periods by overlap", arguments: cases)
    func containment(item: Case) throws {
        #expect(try window(item).contains(sortInstant(item), precision: item.precision) == item.isIn)
    }

    @Test("are scanned where everything in them lies", arguments: cases.filter(\.isIn))
    func scanned(item: Case) throws {
        let instant = try sortInstant(item)
        let holding = try window(item).scanRanges.filter { range in
            (range.lower.map { instant >= $0 } ?? true) && (range.upper.map { instant < $0 } ?? true)
        }
        #expect(holding.count == 1)
    }

    @Test("are scanned at most 26 hours beyond what was asked, two points aside")
    func scanWidth() throws {
        let item = Case(
            since: "2026-02-10", until: "2026-02-20", zone: "Pacific/Kiritimati", storeZone: "Pacific/Niue",
            printed: "2026-02-11", isIn: true)
        let window = try window(item)
        let ranges = window.scanRanges
        let since = try #require(window.since).instant
        let until = try #require(window.until).instant
        #expect(try #require(ranges[0].lower) >= since - .seconds(26 * 3600))
        #expect(try #require(ranges[0].upper) <= until + .seconds(26 * 3600))
        for range in ranges.dropFirst() {
            #expect(try #require(range.upper) - #require(range.lower) == .microseconds(1))
        }
        #expect(ranges.count == 3)
    }

    @Test("that begin with a month of the store's own zone are scanned from exactly there")
    func exactScan() throws {
        let window = try window(Case(since: "2026-02", printed: "2026-02-01", isIn: true))
        let ranges = window.scanRanges
        #expect(ranges.first == TimeWindow.ScanRange(lower: try instant("2026-01-31T16:00:00Z"), upper: nil))
        #expect(ranges.count == 2)
    }

    @Test("hold undated articles only when they have no bound")
    func undated() throws {
        #expect(TimeWindow.unbounded.contains(nil, precision: .unknown))
        #expect(TimeWindow.unbounded.contains(.epoch, precision: .day))
        #expect(TimeWindow.unbounded.scanRanges == [TimeWindow.ScanRange(lower: nil, upper: nil)])
        let bounded = try window(Case(since: "2000", printed: "2026-02-01", isIn: true))
        #expect(!bounded.contains(nil, precision: .unknown))
    }

    @Test("without content are not scanned at all")
    func empty() throws {
        #expect(
            try window(Case(since: "2026-03", until: "2026-02", printed: "2026-02-15", isIn: false)).scanRanges.isEmpty)
    }
}

@Suite("Sort times") struct SortTimeTests {
    @Test(
        "are the instant, or the start of the printed period in the store's zone",
        arguments: [
            ("2024-03-13T15:55", Precision.minute, "Asia/Shanghai", "2024-03-13T07:55:00Z", "2024-03-13"),
            ("2024-03-13T23:55", .minute, "America/New_York", "2024-03-14T03:55:00Z", "2024-03-14"),
            ("2026-02-27T11:00", .day, "America/New_York", "2026-02-26T16:00:00Z", "2026-02-27"),
            ("2026-02-27T00:00", .month, "UTC", "2026-01-31T16:00:00Z", "2026-02-01"),
            ("2026-02-27T00:00", .year, "UTC", "2025-12-31T16:00:00Z", "2026-01-01"),
        ])
    func placement(clock: String, precision: Precision, zoneName: String, moment: String, day: String) throws {
        let publisher = try zone(zoneName)
        let storeZone = try zone("Asia/Shanghai")
        let printed = try local(clock)
        let sort = try #require(
            SortTime(published: printed, precision: precision, zone: publisher, storeZone: storeZone))
        #expect(try sort.instant == instant(moment))
        #expect(try sort.day == date(day))
        let again = SortTime(
            published: publisher.instant(of: printed), precision: precision, zone: publisher, storeZone: storeZone)
        #expect(again == sort)
        if !precision.isInstant {
            #expect(try sort.shownInstant(zone: publisher) == publisher.firstInstant(of: date(day)))
        }
    }

    @Test("are absent when the page gave none")
    func unknown() throws {
        #expect(SortTime(published: .epoch, precision: .unknown, zone: .utc, storeZone: .utc) == nil)
    }
}
