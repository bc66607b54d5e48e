import LMDB
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing
import Threads

/// Views while everything else happens: writes of them that overlap with reads, failed commits, moves, changes,
/// deletions, compaction and resharding.
@Suite("Counters under way") struct ViewHistoryTests {
    private static let ids = ["20260227-aaaa", "20260227-bbbb", "own-id"]
    private static let pages: Int64 = 100

    /// What has been recorded of each article: begun, so never less than what a reader may see.
    private final class Ledger: Sendable {
        private let counts = Mutex<[String: Int64]>([:])

        func begin(_ id: String, _ count: Int64) { counts.withLock { $0[id, default: 0] += count } }
        func count(_ id: String) -> Int64 { counts.withLock { $0[id] ?? 0 } }
    }

    private func read(_ store: Store, _ ledger: Ledger, _ problems: Monitor<[String]>, until isOver: () -> Bool) {
        guard let reader = try? store.makeReader() else { return }
        var last: [String: Int64] = [:]
        func see(_ id: String, _ views: Int64, _ place: String) {
            let most = ViewHistoryTests.pages + ledger.count(id)
            if views < last[id] ?? 0 { problems.signal { $0.append("\(place): \(id) went back to \(views)") } }
            if views > most { problems.signal { $0.append("\(place): \(id) has \(views) of \(most)") } }
            last[id] = max(last[id] ?? 0, views)
        }
        while !isOver() {
            for id in ViewHistoryTests.ids {
                if let views = reader.views(id) { see(id, views, "read") }
            }
            for row in (try? reader.rows()) ?? [] {
                if let views = row.item.counters?.views { see(row.id, views, "list") }
            }
        }
    }

    /// Moves, changes and deletes one of the articles.
    private func change(_ store: Store, _ id: String, _ days: inout [String: String], _ random: inout SeededGenerator)
        throws
    {
        let (articleID, day) = (try StoreFixture.id(id), days[id] ?? "2026-02-27")
        let next = ["2025-12-24", "2026-02-27", "2026-02-03"].randomElement(using: &random) ?? day
        let record = try StoreFixture.record(id, at: StoreFixture.instant(next), views: Self.pages)
        let (from, to) = (try store.period(of: StoreFixture.instant(day)), store.period(of: record.sortInstant))
        if from != to {
            try store.move(record, from: from)
        } else if Bool.random(using: &random) {
            try store.run(from) { (shard) throws(StoreError) in
                _ = try shard.delete(articleID, purgeTime: shard.now + .seconds(3600))
                _ = try shard.undelete(articleID)
            }
            return
        } else {
            try store.run(to) { (shard) throws(StoreError) in _ = try shard.put(record) }
        }
        days[id] = next
    }

    @Test(
        "a counter never goes back, never exceeds what was recorded, and is exact in the end", .timeLimit(.minutes(5)),
        arguments: [UInt64(1), 2])
    func history(seed: UInt64) throws {
        let directory = try TemporaryDirectory("store")
        let faults = CommitFaults()
        let store = try StoreFixture.open(directory) { options in
            options.viewPublication = .milliseconds(seed == 1 ? 0 : 1)
            options.viewFlush = .milliseconds(seed == 1 ? 0 : 3)
            options.commitFault = { moment, _ in faults.next(moment) }
        }
        for id in Self.ids { try ViewFixture.put(store, id) }
        let ledger = Ledger()
        let isOver = Atomic<Bool>(false)
        let problems = Monitor<[String]>([])
        let readers = (0..<2).map { index in
            Thread.start(name: "reader-\(index)") {
                read(store, ledger, problems) { isOver.load(ordering: .relaxed) }
            }
        }
        let writers = (0..<3).map { index in
            Thread.start(name: "writer-\(index)") {
                var random = SeededGenerator(seed: seed &* 100 &+ UInt64(index))
                for _ in 0..<400 {
                    let id = ViewHistoryTests.ids.randomElement(using: &random) ?? ""
                    let count = Int64.random(in: 1...5, using: &random)
                    ledger.begin(id, count)
                    #expect((try? store.record([(id, count)])) == .recorded(answer: [1]))
                }
            }
        }
        var (random, days) = (SeededGenerator(seed: seed), [String: String]())
        for round in 0..<60 {
            try change(store, Self.ids[round % 3], &days, &random)
            if round % 20 == 10 { _ = try store.compact(shards: store.periods) }
            if round == 25 { _ = try store.reshard(to: .quarter, slots: 3) }
            if round == 45 { _ = try store.reshard(to: .month, slots: 2) }
        }
        for thread in writers { thread.join() }
        isOver.store(true, ordering: .relaxed)
        for thread in readers { thread.join() }
        #expect(problems.withLock { problems in problems } == [])
        store.close()
        _ = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        let reader = try StoreFixture.open(directory).makeReader()
        for id in Self.ids { #expect(reader.views(id) == Self.pages + ledger.count(id), "\(id)") }
    }
}
