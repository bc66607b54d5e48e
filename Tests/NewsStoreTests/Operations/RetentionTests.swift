import Files
import Foundation
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing
import Threads

@Suite("Retention") struct RetentionTests {
    private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(parsing: text)) }
    private func period(_ text: String) throws -> Period { try #require(Period(text)) }

    /// Articles in four months and without a date, some whose ids do not name their shards.
    private func fill(_ store: Store) throws {
        for (month, number) in [("2023-12", 1), ("2024-01", 2), ("2024-02", 3), ("2026-02", 4)] {
            let name = month.replacing("-", with: "")
            try store.put(StoreFixture.record("\(name)15-n\(number)", at: StoreFixture.instant("\(month)-15")))
            try store.put(StoreFixture.record("own-\(month)", at: StoreFixture.instant("\(month)-16")))
        }
        try store.put(StoreFixture.record("own-undated", at: nil))
    }

    private static let kept = ["own-2026-02", "20260215-n4", "own-2024-02", "20240215-n3", "own-undated"]

    @Test("drops the shards that end before a day, and no other")
    func drops() throws {
        let directory = try TemporaryDirectory("retain")
        let store = try StoreFixture.open(directory)
        try fill(store)
        let reader = try store.makeReader()
        let all = try reader.ids()
        let limit = try day("2024-02-01")
        let planned = try store.retain(since: limit, isDryRun: true)
        #expect(try reader.ids() == all)
        let observer = ProgressRecorder()
        let summary = try store.retain(since: limit, observer: observer)
        #expect(summary == planned)
        #expect(try summary.dropped.map(\.period) == [period("2023-12"), period("2024-01")])
        #expect(summary.articleCount == 4 && summary.skipped.isEmpty && summary.byteCount > 0)
        #expect(observer.progress.map(\.doneCount) == [1, 2])
        #expect(try reader.ids() == Self.kept)
        #expect(reader.text("20240115-n2").outcome == .absent && reader.text("own-2024-01").outcome == .absent)
        #expect(try FileSystem.list(directory.entry("store/shards")) == ["2024-02", "2026-02", "undated"])
        #expect(try store.retain(since: limit).dropped.isEmpty)
        // A day within a month does not end it.
        #expect(try store.retain(since: day("2024-02-29")).dropped.isEmpty)
        // The names are free again.
        try store.put(StoreFixture.record("own-2024-01", at: StoreFixture.instant("2026-02-17")))
        try store.put(StoreFixture.record("20240115-n2", at: StoreFixture.instant("2024-01-15")))
        #expect(reader.text("own-2024-01").text == "full own-2024-01")
        store.close()
        let check = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(check.articleCount == 7 && check.unusedClaimCount == 0)
        #expect(try StoreFixture.open(directory).unavailableShards.isEmpty)
    }

    @Test("tells who has seen the store before to list again, also after a restart")
    func positions() throws {
        let directory = try TemporaryDirectory("retain")
        var compacted: UInt64 = 0
        do {
            let store = try StoreFixture.open(directory)
            try fill(store)
            let reader = try store.makeReader()
            let before = store.publishedRevision
            _ = try reader.changes(after: before, limit: 10)
            _ = try store.retain(since: day("2024-02-01"))
            compacted = store.compactedRevision
            #expect(compacted > before && store.publishedRevision == compacted)
            #expect(throws: StoreError.compacted(upTo: compacted)) { try reader.changes(after: before, limit: 10) }
            try store.put(StoreFixture.record("own-later", at: StoreFixture.instant("2026-02-18")))
            #expect(try reader.changes(after: compacted, limit: 10).changes.map(\.id.text) == ["own-later"])
            store.close()
        }
        let store = try StoreFixture.open(directory)
        let reader = try store.makeReader()
        #expect(throws: StoreError.compacted(upTo: compacted)) { try reader.changes(after: compacted - 1, limit: 10) }
        #expect(try reader.changes(after: compacted, limit: 10).changes.count == 1)
    }

    @Test("of a shard that cannot be read leaves nothing that names it, also when it comes anew")
    func unreadable() throws {
        let directory = try TemporaryDirectory("retain")
        do {
            let store = try StoreFixture.open(directory)
            try fill(store)
            store.close()
        }
        try FileSystem.writeAtomically(directory.entry("store/shards/2024-01/data.mdb"), [1, 2, 3])
        let store = try StoreFixture.open(directory)
        #expect(store.unavailableShards.keys.map(\.description) == ["2024-01"])
        _ = try store.retain(since: day("2024-02-01"))
        #expect(store.unavailableShards.isEmpty)
        try store.put(StoreFixture.record("20240115-n2", at: StoreFixture.instant("2024-01-15")))
        #expect(store.unavailableShards.isEmpty && store.statistics().shards.allSatisfy { $0.articleCount > 0 })
    }

    @Test("that a crash interrupts leaves each shard there or gone, and the next one goes on")
    func crash() throws {
        let directory = try TemporaryDirectory("retain")
        let path = directory.entry("store")
        let steps = Atomic<Int>(0)
        let store = try StoreFixture.open(directory) { options in
            options.operationStep = { _ in
                CrashClone.make(of: path, at: directory.entry("crash-\(steps.add(1, ordering: .relaxed).newValue)"))
            }
        }
        try fill(store)
        _ = try store.retain(since: day("2024-02-01"))
        store.close()
        let count = steps.load(ordering: .relaxed)
        #expect(count == 8)
        var counts: [Int] = []
        for number in 1...count {
            let crashed = directory.entry("crash-\(number)")
            let reopened = try Store.open(crashed, StoreFixture.options())
            #expect(reopened.unavailableShards.isEmpty, "\(number)")
            counts.append(reopened.shardCount)
            _ = try reopened.retain(since: day("2024-02-01"))
            #expect(try reopened.makeReader().ids() == Self.kept, "\(number)")
            reopened.close()
            let check = try Store.check(crashed) { Issue.record("\(number): \($0)") }
            #expect(check.articleCount == 5, "\(number)")
            #expect(try FileSystem.list(crashed + "/shards") == ["2024-02", "2026-02", "undated"], "\(number)")
        }
        #expect(counts == [5, 5, 4, 4, 4, 4, 3, 3])
    }

    @Test("leaves no copy of a shard to a change of the layout that was cut short")
    func reshard() throws {
        let directory = try TemporaryDirectory("retain")
        let (path, crashed) = (directory.entry("store"), directory.entry("crash"))
        let store = try StoreFixture.open(directory) { options in
            options.operationStep = { step in if step == "copied" { CrashClone.make(of: path, at: crashed) } }
        }
        try fill(store)
        _ = try store.reshard(to: .year)
        store.close()
        let reopened = try Store.open(crashed, StoreFixture.options())
        #expect(try reopened.retain(since: day("2024-01-01")).dropped.map(\.period) == [period("2023-12")])
        // As many transactions as the shard had that was copied.
        try reopened.put(StoreFixture.record("20231215-new", at: StoreFixture.instant("2023-12-15")))
        try reopened.put(StoreFixture.record("own-new", at: StoreFixture.instant("2023-12-16")))
        let ids = try reopened.makeReader().ids()
        #expect(try reopened.reshard(to: .year).resumedShardCount == 0)
        #expect(try reopened.makeReader().ids() == ids)
        reopened.close()
        _ = try Store.check(crashed) { Issue.record("\($0)") }
    }

    @Test("while the store is written and read takes nothing else away", .timeLimit(.minutes(5)))
    func live() throws {
        var random = SeededGenerator.forTest("retention while serving")
        let directory = try TemporaryDirectory("retain")
        let store = try StoreFixture.open(directory)
        let live = try LiveStore(store, count: 60, dayCount: 60, random: &random)
        let seed = random.next()
        try live.during(seed: seed) {
            for year in 2015...2022 {
                try store.put(StoreFixture.record("\(year)0101-old", at: StoreFixture.instant("\(year)-01-01")))
                #expect(try store.retain(since: day("2025-01-01")).dropped.count == 1)
            }
        }
        try live.compare(store.makeReader())
        store.close()
        let check = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(check.articleCount == live.count)
    }

    @Test("counts back from a time that neither the clock nor a wrong start can run ahead")
    func clock() throws {
        let directory = try TemporaryDirectory("retain")
        let span = try #require(CalendarSpan("24mo"))
        let now = Mutex(StoreFixture.noon)
        let store = try StoreFixture.open(directory) { $0.clock = { now.withLock { $0 } } }
        try fill(store)
        #expect(try store.retentionLimit(span) == day("2024-02-25"))
        now.withLock { $0 = StoreFixture.noon + .seconds(400 * 86_400) }
        #expect(try store.retentionLimit(span) == day("2024-02-26"))  // A day at most.
        now.withLock { $0 = StoreFixture.noon - .seconds(400 * 86_400) }
        #expect(try store.retentionLimit(span) < day("2023-02-01"))
        store.close()
        // It is wrong by a hundred years when the store is opened: what its files are as old as counts.
        let late = try StoreFixture.open(directory) {
            $0.clock = { StoreFixture.noon + .seconds(100 * 365 * 86_400) }
        }
        let today = Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        #expect(late.retentionLimit(span) <= span.before(late.zone.civil(at: today + .seconds(2 * 86_400)).date))
    }

    @Test("begins by itself when the store is opened with one, and leaves the undated shard")
    func background() throws {
        let directory = try TemporaryDirectory("retain")
        do {
            let store = try StoreFixture.open(directory)
            try fill(store)
            store.close()
        }
        let outcome = Monitor<Result<RetentionSummary, StoreError>?>(nil)
        let store = try StoreFixture.open(directory) { options in
            options.retention = CalendarSpan("24mo")
            options.onRetention = { result in outcome.signal { $0 = result } }
        }
        let summary = try #require(outcome.wait(deadline: MonotonicClock.now + 20_000_000_000) { $0 }).get()
        #expect(try summary.dropped.map(\.period) == [period("2023-12"), period("2024-01")])
        #expect(try store.makeReader().ids() == Self.kept)
    }
}
