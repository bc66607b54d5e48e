import LMDB
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing
import Threads

@Suite("Removing articles") struct RemovalTests {
    private let period = Period("2026-02")
    private static let month = Duration.seconds(30 * 86_400)

    private func filled(_ directory: TemporaryDirectory, _ change: (inout StoreOptions) -> Void = { _ in }) throws
        -> Store
    {
        let store = try StoreFixture.open(directory, change)
        for (order, name) in ["aaaa", "bbbb", "cccc"].enumerated() {
            try store.put(
                StoreFixture.record(
                    "20260227-\(name)", at: StoreFixture.instant("2026-02-27"), order: UInt16(order), source: "s",
                    full: Array(repeating: 7, count: 9000), row: Array(repeating: 8, count: 5000), capture: [1],
                    views: 5))
        }
        return store
    }

    private func ids(_ reader: StoreReader, deleted: Bool) throws -> [String] {
        try reader.rows().filter { row in
            guard case .row(let header, _) = row.item else { return true }
            return header.isDeleted == deleted
        }.map(\.id)
    }

    private func expectSound(_ directory: TemporaryDirectory, articleCount: Int) throws {
        let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(summary.articleCount == articleCount)
    }

    @Test("marks a deleted article with its times, and brings it back as it was, but for its version")
    func deletion() throws {
        let directory = try TemporaryDirectory("store")
        let store = try filled(directory)
        let id = try StoreFixture.id("20260227-bbbb")
        let purgeTime = StoreFixture.noon + Self.month
        let deleted = try store.run(#require(period)) { (shard) throws(StoreError) in
            try shard.delete(id, purgeTime: purgeTime)
        }
        #expect(deleted.revision == 4 && deleted.purgeTime == purgeTime && deleted.isDeleted)
        let reader = try store.makeReader()
        #expect(try ids(reader, deleted: false) == ["20260227-aaaa", "20260227-cccc"])
        #expect(try ids(reader, deleted: true) == ["20260227-bbbb"])
        guard case .found(deleted, Counters(views: 5)) = reader.text(id.text, .row).outcome else {
            Issue.record("the deleted article cannot be read")
            return
        }
        #expect(throws: StoreError.deleted(id)) {
            try store.put(StoreFixture.record(id.text, at: StoreFixture.instant("2026-02-27")))
        }
        let back = try store.run(#require(period)) { (shard) throws(StoreError) in try shard.undelete(id) }
        #expect(back.revision == 5 && !back.isDeleted)
        #expect(try ids(reader, deleted: false).count == 3)
        #expect(reader.text(id.text, .capture).text == "\u{1}")
        store.close()
        try expectSound(directory, articleCount: 3)
    }

    @Test("for good leaves nothing of an article in any table")
    func purge() throws {
        let directory = try TemporaryDirectory("store")
        let store = try filled(directory)
        let (live, deleted) = (try StoreFixture.id("20260227-aaaa"), try StoreFixture.id("20260227-bbbb"))
        try store.run(#require(period)) { (shard) throws(StoreError) in
            _ = try shard.delete(deleted, purgeTime: shard.now + Self.month)
            for id in [live, deleted] { try shard.purge(id) }
        }
        let reader = try store.makeReader()
        for id in [live, deleted] { #expect(reader.text(id.text).outcome == .absent) }
        #expect(try reader.ids() == ["20260227-cccc"])
        #expect(store.articleCount == 1)
        #expect(throws: StoreError.absent(live)) {
            try store.run(#require(period)) { (shard) throws(StoreError) in try shard.purge(live) }
        }
        // Its id and its title's place are free again.
        try store.put(StoreFixture.record(live.text, at: StoreFixture.instant("2026-02-27")))
        store.close()
        try expectSound(directory, articleCount: 2)
    }

    @Test("lets go of a name that a client chose, once its article is purged")
    func releases() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let id = try StoreFixture.id("own-id")
        try store.put(StoreFixture.record(id.text, at: StoreFixture.instant("2026-02-27")))
        try store.run(#require(period)) { (shard) throws(StoreError) in _ = try shard.purge(id) }
        try store.put(StoreFixture.record("other-id", at: StoreFixture.instant("2026-01-27")))
        try store.put(StoreFixture.record(id.text, at: StoreFixture.instant("2026-01-27")))
        let reader = try store.makeReader()
        #expect(reader.text(id.text).text == "full own-id")
        #expect(reader.locate(Array(id.text.utf8).span) == Period("2026-01"))
        store.close()
        try expectSound(directory, articleCount: 2)
    }

    @Test("keeps the way to an article whose purge failed, or could still be undone", arguments: [true, false])
    func keepsWay(isRelaxed: Bool) throws {
        let directory = try TemporaryDirectory("store")
        let isFailing = Atomic<Bool>(false)
        let store = try StoreFixture.open(directory) { options in
            if isRelaxed { options.durability = .relaxed(.seconds(60)) }
            options.commitFault = { moment, _ in
                moment == .before && isFailing.exchange(false, ordering: .relaxed) ? .system(code: 5) : nil
            }
        }
        let id = try StoreFixture.id("own-id")
        try store.put(StoreFixture.record(id.text, at: StoreFixture.instant("2026-02-27")))
        isFailing.store(!isRelaxed, ordering: .relaxed)
        let purged = try? store.run(#require(period)) { (shard) throws(StoreError) in try shard.purge(id) }
        #expect((purged != nil) == isRelaxed)
        // This commits the catalog.
        try store.put(StoreFixture.record("other-id", at: StoreFixture.instant("2026-01-27")))
        let reader = try store.makeReader()
        #expect(reader.locate(Array(id.text.utf8).span) == period)
        #expect((reader.text(id.text).text == "full own-id") == !isRelaxed)
    }

    /// Runs nothing in a shard, so that the writer looks at what is due.
    private func wake(_ store: Store) throws {
        for _ in 0..<2 { try store.run(#require(period)) { (_) throws(StoreError) in } }
    }

    @Test("purges what is due, and not before, also after a restart")
    func due() throws {
        let directory = try TemporaryDirectory("store")
        let time = Mutex(StoreFixture.noon)
        let clocked = { (options: inout StoreOptions) in
            options.clock = { time.withLock { $0 } }
            options.clockStepMax = .seconds(400 * 86_400)
        }
        var store = try filled(directory, clocked)
        for (day, name) in [(1, "aaaa"), (2, "bbbb")] {
            let id = try StoreFixture.id("20260227-\(name)")
            _ = try store.run(#require(period)) { (shard) throws(StoreError) in
                try shard.delete(id, purgeTime: shard.now + .seconds(day * 86_400))
            }
        }
        try wake(store)
        #expect(store.articleCount == 3)
        time.withLock { $0 = $0 + .seconds(86_400) }
        try wake(store)
        #expect(store.articleCount == 2)
        store.close()
        time.withLock { $0 = $0 + .seconds(86_400) }
        store = try StoreFixture.open(directory, clocked)
        try wake(store)
        #expect(try store.makeReader().ids() == ["20260227-cccc"])
        store.close()
        try expectSound(directory, articleCount: 1)
    }

    @Test("purges nothing by a clock that was set far ahead")
    func clockStep() throws {
        let directory = try TemporaryDirectory("store")
        let time = Mutex(StoreFixture.noon)
        let store = try filled(directory) { options in options.clock = { time.withLock { $0 } } }
        let id = try StoreFixture.id("20260227-aaaa")
        _ = try store.run(#require(period)) { (shard) throws(StoreError) in
            try shard.delete(id, purgeTime: shard.now + Self.month)
        }
        time.withLock { $0 = $0 + .seconds(400 * 86_400) }
        try wake(store)
        #expect(store.articleCount == 3)
    }

    /// Changes the shard behind the store's back.
    private func change(
        _ directory: TemporaryDirectory, _ table: String, _ body: (inout [UInt8], [UInt8]) -> Bool
    ) throws {
        var options = EnvironmentOptions(tables: ShardTableIndex.names)
        options.mapSize = 1 << 28
        let environment = try Environment(directory.entry("store/shards/2026-02"), options)
        var transaction = try environment.beginWrite()
        let place = environment.table(ShardTableIndex()[table])
        var (key, value): ([UInt8], [UInt8]) = ([], [])
        try transaction.withCursor(in: place) { (cursor) throws(LMDBError) in
            _ = try cursor.move(.first)
            cursor.withEntry { found, content in
                key = found.indices.map { found[$0] }
                value = content.indices.map { content[$0] }
            }
        }
        if body(&value, key) {
            try transaction.put(key.span, value.span, in: place)
        } else {
            try transaction.remove(key.span, in: place)
        }
        try transaction.commit()
        try StoreFixture.forgetStop(directory)
    }

    @Test("leaves a damaged article where it is, and purges the others")
    func damaged() throws {
        let directory = try TemporaryDirectory("store")
        let time = Mutex(StoreFixture.noon)
        let clocked = { (options: inout StoreOptions) in options.clock = { time.withLock { $0 } } }
        var store = try filled(directory, clocked)
        for name in ["aaaa", "bbbb"] {
            let id = try StoreFixture.id("20260227-\(name)")
            _ = try store.run(#require(period)) { (shard) throws(StoreError) in
                try shard.delete(id, purgeTime: shard.now + .seconds(60))
            }
        }
        store.close()
        // The counters of the first row, which is that of "aaaa".
        try change(directory, "stats") { value, _ in
            value[20] ^= 1
            return true
        }
        time.withLock { $0 = $0 + .seconds(60) }
        store = try StoreFixture.open(directory, clocked)
        try wake(store)
        #expect(store.articleCount == 2)
        try store.put(StoreFixture.record("20260227-dddd", at: StoreFixture.instant("2026-02-27")))
        let reader = try store.makeReader()
        #expect(reader.text("20260227-bbbb").outcome == .absent)
        #expect(reader.text("20260227-aaaa").outcome == .damaged(try #require(period)))
    }

    @Test("is checked both ways: a purge without its article, an article without its purge")
    func checked() throws {
        let directory = try TemporaryDirectory("store")
        let store = try filled(directory)
        let id = try StoreFixture.id("20260227-aaaa")
        _ = try store.run(#require(period)) { (shard) throws(StoreError) in
            try shard.delete(id, purgeTime: shard.now + .seconds(60))
        }
        store.close()
        try change(directory, "meta") { _, key in
            #expect(key.starts(with: Array("purge/".utf8)))
            return false
        }
        var problems: [String] = []
        _ = try Store.check(directory.entry("store")) { problems.append($0.description) }
        #expect(problems == ["2026-02/articles/20260227-aaaa: it is deleted, and its purge is not noted"])
    }

    @Test("gives an article that is deleted again another time, and notes only that")
    func again() throws {
        let directory = try TemporaryDirectory("store")
        let store = try filled(directory)
        let id = try StoreFixture.id("20260227-aaaa")
        for days in [30, 2, 60] {
            let header = try store.run(#require(period)) { (shard) throws(StoreError) in
                try shard.delete(id, purgeTime: shard.now + .seconds(days * 86_400))
            }
            #expect(header.purgeTime == StoreFixture.noon + .seconds(days * 86_400))
            #expect(header.updateTime == StoreFixture.noon)
        }
        store.close()
        try expectSound(directory, articleCount: 3)
    }
}
