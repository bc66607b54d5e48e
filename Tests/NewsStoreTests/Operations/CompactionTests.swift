import Files
import LMDB
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing

@Suite("Compaction") struct CompactionTests {
    private func size(_ directory: TemporaryDirectory, _ shard: String) throws -> Int {
        try FileSystem.size(directory.entry("store/shards/\(shard)/data.mdb"))
    }

    /// A shard of which most is free, and another one.
    private func fill(_ store: Store) throws -> [String] {
        for number in 0..<200 {
            let (id, second) = ("20260227-n\(1000 + number)", number)
            try store.put(
                StoreFixture.record(
                    id, at: StoreFixture.instant("2026-02-27", second: second),
                    full: [UInt8](repeating: UInt8(number), count: 9000)))
        }
        try store.put(StoreFixture.record("20260127-keep", at: StoreFixture.instant("2026-01-27")))
        let ids = try (0..<200).filter { $0 % 20 != 0 }.map { try StoreFixture.id("20260227-n\(1000 + $0)") }
        try store.run(#require(Period("2026-02"))) { (shard) throws(StoreError) in
            for id in ids { _ = try shard.purge(id) }
        }
        return try store.makeReader().ids()
    }

    @Test("gives free pages back, and leaves what has none alone")
    func shrinks() throws {
        let directory = try TemporaryDirectory("compact")
        let store = try StoreFixture.open(directory)
        let ids = try fill(store)
        let before = try size(directory, "2026-02")
        let observer = ProgressRecorder()
        let summary = try store.compact(observer: observer)
        let after = try size(directory, "2026-02")
        #expect(after < before / 4)
        let shard = try #require(summary.shards.first)
        #expect(summary.shards.count == 1 && summary.untouchedCount == 1 && summary.skipped.isEmpty)
        #expect(shard.period == Period("2026-02") && shard.bytesBefore == before && shard.bytesAfter == after)
        let last = try #require(observer.progress.last)
        #expect(last.doneCount == last.totalCount && last.doneBytes == last.totalBytes && last.totalBytes == before)
        #expect(try store.makeReader().ids() == ids)
        // What is named is compacted whatever it has to give, and nothing is left to be done a second time.
        #expect(try store.compact(shards: [#require(Period("2026-01"))]).shards.count == 1)
        #expect(try store.compact().shards.isEmpty)
        try store.put(StoreFixture.record("20260226-new", at: StoreFixture.instant("2026-02-26")))
        store.close()
        let check = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(check.articleCount == ids.count + 1)
        let reopened = try StoreFixture.open(directory)
        #expect(reopened.unavailableShards.isEmpty)
        #expect(try reopened.makeReader().ids().count == ids.count + 1)
    }

    @Test("while the store is written and read loses nothing, and nobody sees it", .timeLimit(.minutes(5)))
    func live() throws {
        var random = SeededGenerator.forTest("compaction while serving")
        let directory = try TemporaryDirectory("compact")
        let store = try StoreFixture.open(directory)
        let live = try LiveStore(store, count: 120, dayCount: 40, random: &random)
        let summaries = try live.during(seed: random.next()) {
            try (0..<4).map { _ in try store.compact(shards: store.periods) }
        }
        for summary in summaries { #expect(summary.skipped.isEmpty && summary.shards.count >= 2) }
        try live.compare(store.makeReader(), "after")
        store.close()
        let check = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(check.articleCount == live.count)
        try live.compare(StoreFixture.open(directory).makeReader(), "reopened")
    }

    @Test("that a crash interrupts at any step leaves the old file or the new one")
    func crash() throws {
        let directory = try TemporaryDirectory("compact")
        let path = directory.entry("store")
        do {
            let store = try StoreFixture.open(directory)
            _ = try fill(store)
            store.close()
        }
        let steps = Mutex<[String]>([])
        let store = try StoreFixture.open(directory) { options in
            options.operationStep = { step in
                CrashClone.make(of: path, at: directory.entry("crash-\(step)"))
                steps.withLock { $0.append(step) }
            }
        }
        let ids = try store.makeReader().ids()
        try store.put(StoreFixture.record("20260226-new", at: StoreFixture.instant("2026-02-26")))
        _ = try store.compact()
        store.close()
        let names = steps.withLock { $0 }
        #expect(names.count == 3)
        for step in names {
            let crashed = directory.entry("crash-\(step)")
            let reopened = try Store.open(crashed, StoreFixture.options())
            #expect(reopened.unavailableShards.isEmpty, "\(step)")
            #expect(try reopened.makeReader().ids().count == ids.count + 1, "\(step)")
            try reopened.put(StoreFixture.record("20260225-new", at: StoreFixture.instant("2026-02-25")))
            reopened.close()
            let check = try Store.check(crashed) { Issue.record("\(step): \($0)") }
            #expect(check.articleCount == ids.count + 2, "\(step)")
            #expect(try FileSystem.list(crashed + "/shards") == ["2026-01", "2026-02"], "\(step)")
        }
    }

    @Test("that is cancelled leaves the shard as it was, and the next one does it")
    func cancelled() throws {
        let directory = try TemporaryDirectory("compact")
        let store = try StoreFixture.open(directory)
        let ids = try fill(store)
        let before = try size(directory, "2026-02")
        #expect(throws: StoreError.cancelled) { try store.compact(observer: ProgressRecorder(stopsAt: 1)) }
        #expect(try size(directory, "2026-02") == before)
        #expect(try FileSystem.list(directory.entry("store/shards")) == ["2026-01", "2026-02"])
        #expect(try store.makeReader().ids() == ids)
        #expect(try store.compact().shards.count == 1)
        #expect(try store.makeReader().ids() == ids)
    }

    @Test("skips a damaged shard and names it; the others are compacted")
    func damaged() throws {
        let directory = try TemporaryDirectory("compact")
        do {
            let store = try StoreFixture.open(directory)
            _ = try fill(store)
            store.close()
        }
        let path = directory.entry("store/shards/2026-02/data.mdb")
        do {
            let environment = try Environment(
                directory.entry("store/shards/2026-02"), EnvironmentOptions(tables: ["articles"]))
            var transaction = try environment.beginWrite()
            try transaction.put(Array("20260227-n1000".utf8).span, [1, 2, 3, 4, 5, 6].span, in: environment.table(0))
            try transaction.commit()
        }
        try StoreFixture.forgetStop(directory)
        let store = try StoreFixture.open(directory)
        let before = try FileSystem.read(path)
        let summary = try store.compact(shards: store.periods)
        #expect(summary.shards.map(\.period) == [try #require(Period("2026-01"))])
        let place = DamagedPlace(shard: "2026-02", table: "articles", key: "20260227-n1000")
        #expect(summary.skipped.map(\.reason) == [.damaged(place)])
        #expect(try (FileSystem.read(path) == before) as Bool)
        #expect(try FileSystem.list(directory.entry("store/shards")) == ["2026-01", "2026-02"])
    }
}
