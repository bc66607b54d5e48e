import LMDB
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing
import Threads

@Suite("Durability") struct DurabilityTests {
    @Test(
        "is read from text",
        arguments: [
            ("commit", Durability.commit), ("relaxed", .relaxed(.milliseconds(100))),
            ("relaxed=100ms", .relaxed(.milliseconds(100))), ("relaxed=1s", .relaxed(.seconds(1))),
        ])
    func text(text: String, durability: Durability) {
        #expect(Durability(text) == durability)
        #expect(Durability(durability.description) == durability)
    }

    @Test("is refused otherwise", arguments: ["", "none", "relaxed=", "relaxed=0s", "relaxed=61s", "commit=1s"])
    func refused(text: String) { #expect(Durability(text) == nil) }

    private func record(_ name: String, _ day: String = "2026-02-27") throws -> ArticleRecord {
        try StoreFixture.record(day.replacing("-", with: "") + "-" + name, at: StoreFixture.instant(day))
    }

    /// Flushes that were deferred, as they happen.
    private final class Flushes: Sendable {
        private let seen = Monitor<[Period]>([])
        let fails = Atomic<Bool>(false)

        func fault(_ moment: CommitFault.Moment, _ period: Period) -> LMDBError? {
            guard moment == .sync else { return nil }
            seen.broadcast { $0.append(period) }
            return fails.exchange(false, ordering: .relaxed) ? .system(code: 5) : nil
        }

        var periods: [Period] { seen.withLock { $0 } }

        /// Waits for the first flush.
        func wait() -> Bool {
            seen.wait(deadline: MonotonicClock.now + 20_000_000_000) { $0.isEmpty ? nil : true } ?? false
        }
    }

    private func open(_ directory: TemporaryDirectory, _ flushes: Flushes, _ durability: Durability) throws -> Store {
        try StoreFixture.open(directory) { options in
            options.durability = durability
            options.commitFault = { flushes.fault($0, $1) }
        }
    }

    @Test("relaxed: flushes after the interval, without being asked again")
    func interval() throws {
        let directory = try TemporaryDirectory("store")
        let flushes = Flushes()
        let store = try open(directory, flushes, .relaxed(.milliseconds(5)))
        try store.put(record("aaaa"))
        #expect(flushes.wait())
        #expect(flushes.periods.first == Period("2026-02"))
    }

    @Test("relaxed: flushes what is left when the store is closed, each shard once")
    func close() throws {
        let directory = try TemporaryDirectory("store")
        let flushes = Flushes()
        var store = try open(directory, flushes, .relaxed(.seconds(60)))
        for name in ["aaaa", "bbbb", "cccc"] {
            try store.put(record(name))
            try store.put(record(name, "2026-01-27"))
        }
        #expect(flushes.periods.isEmpty)
        #expect(store.articleCount == 6)
        store.close()
        #expect(flushes.periods == [Period("2026-01"), Period("2026-02")])
        _ = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        store = try open(directory, flushes, .commit)
        #expect(try store.makeReader().ids().count == 6)
        try store.put(record("dddd"))
        store.close()
        #expect(flushes.periods.count == 2)
    }

    @Test("relaxed: a flush of a move that fails leaves its outcome unknown, and the article in one place")
    func move() throws {
        let directory = try TemporaryDirectory("store")
        let flushes = Flushes()
        let store = try open(directory, flushes, .relaxed(.seconds(60)))
        try store.put(record("aaaa"))
        var moved = try record("aaaa")
        moved.sortInstant = try StoreFixture.instant("2026-01-27")
        flushes.fails.store(true, ordering: .relaxed)
        let (source, target) = (try #require(Period("2026-02")), try #require(Period("2026-01")))
        #expect(throws: StoreError.outcomeUnknown(target)) { try store.move(moved, from: source) }
        #expect(flushes.periods.first == target)
        #expect(try store.makeReader().ids() == ["20260227-aaaa"])
        #expect(store.articleCount == 1)
        store.close()
        let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(summary.articleCount == 1)
    }

    @Test("relaxed: a flush that fails is followed by a shard opened anew, which goes on")
    func failure() throws {
        let directory = try TemporaryDirectory("store")
        let flushes = Flushes()
        flushes.fails.store(true, ordering: .relaxed)
        let store = try open(directory, flushes, .relaxed(.milliseconds(1)))
        try store.put(record("aaaa"))
        #expect(flushes.wait())
        try store.put(record("bbbb"))
        #expect(try store.makeReader().ids() == ["20260227-aaaa", "20260227-bbbb"])
        store.close()
        let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(summary.articleCount == 2)
    }
}
