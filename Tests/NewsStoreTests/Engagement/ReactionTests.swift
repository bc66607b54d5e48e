import Files
import LMDB
import NewsModel
import NewsStore
import TestKit
import Testing
import Threads

@Suite("Reactions") struct ReactionTests {
    private let id = ViewFixture.id

    @discardableResult private func add(
        _ store: Store, _ reaction: Reaction, _ id: String = ViewFixture.id, period: String = "2026-02"
    ) throws -> Counters {
        let articleID = try StoreFixture.id(id)
        return try store.run(#require(Period(period))) { (shard) throws(StoreError) in
            try shard.add(reaction, to: articleID)
        }
    }

    @discardableResult private func remove(
        _ store: Store, _ reaction: Reaction, _ id: String = ViewFixture.id
    ) throws -> Counters {
        let articleID = try StoreFixture.id(id)
        return try store.run(#require(Period("2026-02"))) { (shard) throws(StoreError) in
            try shard.remove(reaction, from: articleID)
        }
    }

    private func findings(_ directory: TemporaryDirectory) throws -> [String] {
        var findings: [String] = []
        _ = try Store.check(directory.entry("store")) { findings.append("\($0)") }
        return findings
    }

    @Test("likes and favorites count once for each actor, shares and tips each time")
    func counts() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try ViewFixture.put(store)
        let revision = store.publishedRevision
        #expect(try add(store, .like(by: "ann")) == Counters(views: 100, likes: 1))
        #expect(try add(store, .like(by: "ann")).likes == 1)
        #expect(try add(store, .like(by: "bob")).likes == 2)
        // One name in front of another, and of another article.
        try ViewFixture.put(store, id + "-b")
        try add(store, .like(by: "ann"), id + "-b")
        #expect(try add(store, .like(by: "an")).likes == 3)
        #expect(try add(store, .favorite(by: "ann")).favorites == 1)
        #expect(try add(store, .share).shares == 1)
        #expect(try add(store, .share).shares == 2)
        #expect(
            try add(store, .tip) == Counters(views: 100, likes: 3, favorites: 1, tips: 1, shares: 2))
        #expect(store.publishedRevision == revision + 1)
        store.close()
        #expect(try findings(directory) == [])
        let reader = try StoreFixture.open(directory).makeReader()
        #expect(reader.counters() == Counters(views: 100, likes: 3, favorites: 1, tips: 1, shares: 2))
    }

    @Test("are taken back once, and can be added again")
    func removed() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try ViewFixture.put(store)
        try add(store, .like(by: "ann"))
        #expect(try remove(store, .like(by: "bob")).likes == 1)
        #expect(try remove(store, .favorite(by: "ann")).likes == 1)
        #expect(try remove(store, .like(by: "ann")) == Counters(views: 100, likes: 0))
        #expect(try remove(store, .like(by: "ann")).likes == 0)
        #expect(try add(store, .like(by: "ann")).likes == 1)
        store.close()
        #expect(try findings(directory) == [])
    }

    @Test("of an article that is deleted are no more added, and can be taken back; of one that is absent neither")
    func deleted() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try ViewFixture.put(store)
        try add(store, .like(by: "ann"))
        let wanted = try StoreFixture.id(id)
        try store.run(#require(Period("2026-02"))) { (shard) throws(StoreError) in
            _ = try shard.delete(wanted, purgeTime: shard.now + .seconds(60))
        }
        #expect(throws: StoreError.deleted(wanted)) { try add(store, .share) }
        #expect(throws: StoreError.deleted(wanted)) { try add(store, .like(by: "bob")) }
        // One that is repeated was done before.
        #expect(try add(store, .like(by: "ann")).likes == 1)
        #expect(try remove(store, .like(by: "ann")).likes == 0)
        let absent = try StoreFixture.id("20260227-none")
        #expect(throws: StoreError.absent(absent)) { try add(store, .share, absent.text) }
        #expect(throws: StoreError.absent(absent)) { try remove(store, .like(by: "ann"), absent.text) }
    }

    @Test("go with their article, through moves, other periods and compaction, and leave with it")
    func carried() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try ViewFixture.put(store)
        try ViewFixture.put(store, "20260227-stay")
        for actor in ["ann", "bob"] { try add(store, .like(by: actor)) }
        try add(store, .favorite(by: "ann"), "20260227-stay")
        let away = try StoreFixture.record(id, at: StoreFixture.instant("2025-12-24"), views: 100)
        try store.move(away, from: #require(Period("2026-02")))
        #expect(try add(store, .like(by: "ann"), period: "2025-12").likes == 2)
        _ = try store.compact(shards: store.periods)
        _ = try store.reshard(to: .year)
        #expect(try add(store, .like(by: "bob"), period: "2025").likes == 2)
        #expect(try add(store, .favorite(by: "ann"), "20260227-stay", period: "2026").favorites == 1)
        _ = try store.reshard(to: .month)
        #expect(try add(store, .like(by: "ann"), period: "2025-12").likes == 2)
        let wanted = try StoreFixture.id(id)
        try store.run(#require(Period("2025-12"))) { (shard) throws(StoreError) in _ = try shard.purge(wanted) }
        try ViewFixture.put(store)
        #expect(try add(store, .like(by: "ann")).likes == 1)
        store.close()
        #expect(try findings(directory) == [])
    }

    @Test("of 64 threads are all counted, once each")
    func concurrent() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try ViewFixture.put(store)
        let threads = (0..<64).map { worker in
            Thread.start(name: "worker-\(worker)") {
                for round in 0..<4 {
                    _ = try? add(store, .like(by: "actor-\((worker + round) % 70)"))
                    _ = try? add(store, .share)
                }
            }
        }
        for thread in threads { thread.join() }
        let reader = try store.makeReader()
        #expect(reader.counters() == Counters(views: 100, likes: 67, shares: 256))
        store.close()
        #expect(try findings(directory) == [])
    }

    // MARK: Damage

    /// Changes a shard behind the store's back.
    private func change(
        _ directory: TemporaryDirectory, _ body: (inout WriteTransaction, Environment) throws -> Void
    ) throws {
        try StoreFixture.forgetStop(directory)
        var options = EnvironmentOptions(tables: ["reactions", "stats"])
        options.mapSize = 1 << 28
        let environment = try Environment(directory.entry("store/shards/2026-02"), options)
        var transaction = try environment.beginWrite()
        try body(&transaction, environment)
        try transaction.commit()
    }

    private static let makeRow: RowMaker = { _ in nil }

    private func made() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try ViewFixture.put(store)
        for actor in ["ann", "bob"] { try add(store, .like(by: actor)) }
        try add(store, .share)
        store.close()
        return directory
    }

    @Test("are counted by a check, and one that is lost or damaged is found and made good by a repair")
    func lost() throws {
        let directory = try made()
        try change(directory) { transaction, environment in
            let key = Array("\(id):lann".utf8)
            let isThere = try transaction.remove(key.span, in: environment.table(0))
            #expect(isThere)
        }
        #expect(try findings(directory).contains { $0.hasSuffix("it counts 2 likes, and there are 1") })
        _ = try Store.repair(directory.entry("store"), time: "now", makeRow: Self.makeRow) { _ in }
        #expect(try findings(directory) == [])
        let store = try StoreFixture.open(directory)
        #expect(try store.makeReader().counters() == Counters(views: 100, likes: 1, shares: 1))
        #expect(try add(store, .like(by: "ann")).likes == 2)
    }

    @Test("count again when an article's counters are lost")
    func counted() throws {
        let directory = try made()
        try change(directory) { transaction, environment in
            var key: [UInt8] = []
            try transaction.withCursor(in: environment.table(1)) { (cursor) throws(LMDBError) in
                _ = try cursor.move(.first)
                cursor.withEntry { found, _ in key = found.indices.map { found[$0] } }
            }
            try transaction.remove(key.span, in: environment.table(1))
        }
        let summary = try Store.repair(directory.entry("store"), time: "now", makeRow: Self.makeRow) { _ in }
        #expect(summary.lostCounterCount == 1)
        #expect(try findings(directory) == [])
        #expect(try StoreFixture.open(directory).makeReader().counters() == Counters(likes: 2))
    }

    @Test("that hang on nothing, or have a damaged value, are found")
    func orphans() throws {
        let directory = try made()
        try change(directory) { transaction, environment in
            var value: [UInt8] = []
            let key = Array("\(id):lann".utf8)
            _ = try transaction.withValue(of: key.span, in: environment.table(0)) { found in
                value = found.indices.map { found[$0] }
            }
            value[8] ^= 1
            try transaction.put(key.span, value.span, in: environment.table(0))
        }
        let damaged = try findings(directory)
        #expect(damaged.contains { $0.contains("reactions") && $0.hasSuffix("its checksum does not fit") })
        let store = try StoreFixture.open(directory)
        #expect(throws: StoreError.self) { try add(store, .like(by: "ann")) }
        #expect(try add(store, .like(by: "carl")).likes == 3)
    }

    // MARK: Earlier versions

    /// Makes a shard one that has no table for reactions.
    private func age(_ directory: TemporaryDirectory) throws {
        let path = directory.entry("store/shards/2026-02")
        var options = EnvironmentOptions(tables: ShardTableIndex.names)
        options.mapSize = 1 << 28
        let (old, aged) = (try Environment(path, options), try TemporaryDirectory("aged"))
        options.create = true
        do {
            let fresh = try Environment(aged.path, options)
            let reading = try old.beginRead()
            var writing = try fresh.beginWrite()
            for index in ShardTableIndex.names.indices {
                var entries: [(key: [UInt8], value: [UInt8])] = []
                try reading.withCursor(in: old.table(index)) { (cursor) throws(LMDBError) in
                    var stands = try cursor.move(.first)
                    while stands {
                        cursor.withEntry { key, value in
                            entries.append((key.indices.map { key[$0] }, value.indices.map { value[$0] }))
                        }
                        stands = try cursor.move(.next)
                    }
                }
                for (key, value) in entries { try writing.put(key.span, value.span, in: fresh.table(index)) }
            }
            try writing.commit()
        }
        try FileSystem.rename(aged.entry("data.mdb"), to: path + "/data.mdb")
        try StoreFixture.forgetStop(directory)
    }

    @Test("are added to a store that was made before there were any; looking at it changes nothing")
    func earlier() throws {
        let directory = try TemporaryDirectory("store")
        do {
            let store = try StoreFixture.open(directory)
            try ViewFixture.put(store)
            store.close()
        }
        try age(directory)
        let before = try FileSystem.read(directory.entry("store/shards/2026-02/data.mdb"), limit: 1 << 24)
        #expect(try findings(directory) == [])
        #expect(try FileSystem.read(directory.entry("store/shards/2026-02/data.mdb"), limit: 1 << 24) == before)
        for count in [Int64(1), 2] {
            let store = try StoreFixture.open(directory)
            #expect(store.unavailableShards.isEmpty)
            #expect(try add(store, .like(by: "actor-\(count)")).likes == count)
            #expect(try store.makeReader().text(id).text == "full 2026-02-27")
            store.close()
            #expect(try findings(directory) == [])
        }
    }
}
