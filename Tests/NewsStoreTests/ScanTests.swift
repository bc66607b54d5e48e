import NewsModel
import NewsStore
import TestKit
import Testing

@Suite("Scanning rows") struct ScanTests {
    /// Articles of three months and two without a date, some at one instant.
    private func filled(_ directory: TemporaryDirectory) throws -> Store {
        let store = try StoreFixture.open(directory)
        for (id, day, second, order) in [
            ("20260131-aaaa", "2026-01-31", 5, 0), ("20260201-aaaa", "2026-02-01", 0, 0),
            ("20260227-bbbb", "2026-02-27", 0, 1), ("20260227-aaaa", "2026-02-27", 0, 2),
            ("20260227-dddd", "2026-02-27", 0, 2), ("20260227-cccc", "2026-02-27", 9, 7),
            ("20260301-aaaa", "2026-03-01", 0, 0),
        ] as [(String, String, Int, UInt16)] {
            let odd = id.hasSuffix("aaaa")
            try store.put(
                StoreFixture.record(
                    id, at: StoreFixture.instant(day, second: second), order: order, channel: odd ? 1 : 2,
                    source: odd ? "新华社" : ""))
        }
        try store.put(StoreFixture.record("00000000-aaaa", at: nil, order: 1, channel: 1, source: "新华社"))
        try store.put(StoreFixture.record("00000000-bbbb", at: nil, channel: 1))
        return store
    }

    private static let newest = [
        "20260301-aaaa", "20260227-cccc", "20260227-bbbb", "20260227-aaaa", "20260227-dddd", "20260201-aaaa",
        "20260131-aaaa", "00000000-bbbb", "00000000-aaaa",
    ]
    /// Ties stay in the order of page and id.
    private static let oldest = [
        "20260131-aaaa", "20260201-aaaa", "20260227-bbbb", "20260227-aaaa", "20260227-dddd", "20260227-cccc",
        "20260301-aaaa", "00000000-bbbb", "00000000-aaaa",
    ]

    private func scan(_ change: (inout ListScan) throws -> Void) rethrows -> ListScan {
        var scan = ListScan()
        try change(&scan)
        return scan
    }

    @Test("goes newest first and oldest first, by page order and id where instants are equal, undated last")
    func orders() throws {
        let directory = try TemporaryDirectory("store")
        let reader = try filled(directory).makeReader()
        #expect(try reader.ids() == Self.newest)
        #expect(try reader.ids(scan { $0.newestFirst = false }) == Self.oldest)
        #expect(try reader.ids(scan { $0.includesUndated = false }) == Self.newest.dropLast(2))
    }

    @Test(
        "takes in its lower bound and leaves out its upper one, and undated articles with either",
        arguments: [
            ("2026-02-27", 0, "2026-03-01", 0, 1, 5), ("2026-02-27", 1, "2026-03-01", 1, 0, 2),
            ("2026-02-01", 0, "2026-02-27", 9, 2, 6), ("2026-02-02", 0, "2026-02-27", 0, 2, 2),
            ("2025-01-01", 0, "2027-01-01", 0, 0, 7), ("2026-03-02", 0, "2026-03-01", 0, 0, 0),
        ])
    func bounds(from: String, fromSecond: Int, to: String, toSecond: Int, first: Int, end: Int) throws {
        let directory = try TemporaryDirectory("store")
        let reader = try filled(directory).makeReader()
        let lower = try StoreFixture.instant(from, second: fromSecond)
        let upper = try StoreFixture.instant(to, second: toSecond)
        let wanted = Array(Self.newest[first..<end])
        #expect(try reader.ids(scan { ($0.lower, $0.upper) = (lower, upper) }) == wanted)
        let ascending = try reader.ids(scan { ($0.lower, $0.upper, $0.newestFirst) = (lower, upper, false) })
        #expect(ascending == Self.oldest.filter { wanted.contains($0) })
    }

    @Test("has one open end when only one bound is given")
    func halfOpen() throws {
        let directory = try TemporaryDirectory("store")
        let reader = try filled(directory).makeReader()
        let instant = try StoreFixture.instant("2026-02-27")
        #expect(try reader.ids(scan { $0.lower = instant }) == Self.newest[0..<5].map(\.self))
        #expect(try reader.ids(scan { $0.upper = instant }) == Self.newest[5..<7].map(\.self))
    }

    @Test("goes on behind any row, in both orders and with every filter", arguments: [true, false])
    func resume(newestFirst: Bool) throws {
        let directory = try TemporaryDirectory("store")
        let reader = try filled(directory).makeReader()
        for filter in 0..<4 {
            let base = scan { scan in
                scan.newestFirst = newestFirst
                if filter & 1 != 0 { scan.channel = 1 }
                if filter & 2 != 0 { scan.source = "新华社" }
            }
            let rows = try reader.rows(base)
            #expect(rows.count == (filter == 0 ? 9 : filter == 1 ? 6 : 5))
            for (index, row) in rows.enumerated() {
                var next = base
                next.after = row.key
                #expect(try reader.rows(next) == Array(rows[(index + 1)...]))
            }
        }
    }

    @Test("tells of each row that it read for a source and that is of another channel, and can end there")
    func passedOver() throws {
        let directory = try TemporaryDirectory("store")
        let reader = try filled(directory).makeReader()
        let wanted = scan { ($0.channel, $0.source) = (2, "新华社") }
        var count = 0
        let whole = try reader.scan(wanted, hearsPassedOver: true) { _, _, item in
            if item == .passedOver { count += 1 }
            return true
        }
        #expect(count == 5 && whole.end == .finished)
        let cut = try reader.scan(wanted, hearsPassedOver: true) { _, _, item in
            count -= 1
            return count > 3
        }
        #expect(count == 3 && cut.end == .stopped)
        reader.endTurn()
    }

    @Test("filters by channel, by source, and by both, within bounds")
    func filters() throws {
        let directory = try TemporaryDirectory("store")
        let reader = try filled(directory).makeReader()
        #expect(try reader.ids(scan { $0.channel = 2 }) == ["20260227-cccc", "20260227-bbbb", "20260227-dddd"])
        #expect(try reader.ids(scan { ($0.channel, $0.source) = (2, "新华社") }).isEmpty)
        #expect(try reader.ids(scan { $0.source = "新华" }).isEmpty)
        #expect(try reader.ids(scan { $0.channel = 3 }).isEmpty)
        let lower = try StoreFixture.instant("2026-02-01")
        let bounded = scan { ($0.channel, $0.lower) = (1, lower) }
        #expect(try reader.ids(bounded) == ["20260301-aaaa", "20260227-aaaa", "20260201-aaaa"])
    }

    @Test("goes on behind a key whose row is gone or never was", arguments: [true, false])
    func missingAfter(newestFirst: Bool) throws {
        let directory = try TemporaryDirectory("store")
        let reader = try filled(directory).makeReader()
        for (day, second, order, id) in [
            ("2026-02-27", 0, 2, "20260227-bbbb"), ("2026-02-14", 0, 0, "20260214-aaaa"), ("2030-01-01", 0, 0, "zzzz"),
            ("2020-01-01", 0, 0, "zzzz"),
        ] as [(String, Int, UInt16, String)] {
            let order = try RowOrder(sortInstant: StoreFixture.instant(day, second: second), pageOrder: order)
            let id = try StoreFixture.id(id)
            let all = try reader.rows(scan { $0.newestFirst = newestFirst })
            let behind = try all.filter { row in
                let parsed = RowOrder(newestFirst: row.key.span)
                let other = try #require(parsed)
                let otherID = try StoreFixture.id(row.id)
                return newestFirst
                    ? order.newestFirstKey(id).lexicographicallyPrecedes(other.newestFirstKey(otherID))
                    : order.oldestFirstKey(id).lexicographicallyPrecedes(other.oldestFirstKey(otherID))
            }
            let after = scan { ($0.newestFirst, $0.after) = (newestFirst, order.newestFirstKey(id)) }
            #expect(try reader.rows(after) == behind)
            #expect(behind.count < all.count || day.hasPrefix(newestFirst ? "2030" : "2020"))
        }
    }

    @Test("finds nothing behind a key that is none", arguments: ["", "x", "0000000000000", "not a key at all, no"])
    func badAfter(key: String) throws {
        let directory = try TemporaryDirectory("store")
        let reader = try filled(directory).makeReader()
        #expect(try reader.ids(scan { $0.after = Array(key.utf8) }).isEmpty)
    }

    @Test("stops when its receiver has enough, and says so")
    func stops() throws {
        let directory = try TemporaryDirectory("store")
        let store = try filled(directory)
        let reader = try store.makeReader()
        var count = 0
        let stopped = try reader.scan(ListScan()) { _, _, _ in
            count += 1
            return count < 3
        }
        #expect(count == 3)
        #expect(stopped == ScanResult(end: .stopped, position: store.publishedRevision))
        let finished = try reader.scan(ListScan()) { _, _, _ in true }
        #expect(finished.end == .finished)
        reader.endTurn()
    }

    @Test("gives heads, counters and content of rows")
    func content() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let instant = try StoreFixture.instant("2026-02-27")
        let revision = try store.put(StoreFixture.record("20260227-aaaa", at: instant, order: 4, channel: 9, views: 7))
        let row = try #require(try store.makeReader().rows().first)
        #expect(row.text == "row 20260227-aaaa")
        #expect(
            row.item
                == .row(
                    RecordHeader(
                        revision: revision, sortInstant: instant, precision: .second, pageOrder: 4, channel: 9,
                        createTime: StoreFixture.noon, updateTime: StoreFixture.noon), Counters(views: 7)))
    }

    @Test("finds ids that begin with one another in their order, also when rows have several pieces")
    func prefixes() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let instant = try StoreFixture.instant("2026-02-27")
        let ids = ["20260227-a", "20260227-a-b", "20260227-aa"]
        for id in ids {
            try store.put(StoreFixture.record(id, at: instant, row: Array(repeating: UInt8(ascii: "r"), count: 9000)))
        }
        let reader = try store.makeReader()
        for newestFirst in [true, false] {
            let rows = try reader.rows(scan { $0.newestFirst = newestFirst })
            #expect(rows.map(\.id) == ids)
            #expect(rows.allSatisfy { $0.text.utf8.count == 9000 })
            for (index, row) in rows.enumerated() {
                let after = scan { ($0.newestFirst, $0.after) = (newestFirst, row.key) }
                #expect(try reader.ids(after) == Array(ids[(index + 1)...]))
            }
        }
    }
}
