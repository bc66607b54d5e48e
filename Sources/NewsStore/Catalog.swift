internal import LMDB
internal import NewsModel
internal import Synchronization

/// What belongs to no single shard: the channels, and where articles are whose id does not name their shard.
///
/// Readers see what is committed. Changes are made by the writer's thread alone, through `CatalogChanges`.
final class Catalog: Sendable {
    static let shardName = "catalog"

    let file: EnvironmentFile
    private let storeID: [UInt8]
    private let state = Mutex(State())
    /// Entries in `located`; while there are none, nobody needs to look.
    let locatedCount = Atomic<Int>(0)

    private struct State {
        var channels = ChannelTable()
        var meta: CatalogMeta?
        var openIntents: [MoveIntent] = []
    }

    /// - Parameter directory: of the store.
    init(directory: String, storeID: [UInt8], readersMax: Int, mapSize: Int) {
        var options = EnvironmentOptions(tables: CatalogTable.names)
        options.readersMax = readersMax
        options.mapSize = mapSize
        file = EnvironmentFile(path: directory + "/" + Catalog.shardName, options: options)
        self.storeID = storeID
    }

    var channels: ChannelTable { state.withLock { $0.channels } }

    var meta: CatalogMeta { state.withLock { $0.meta } ?? CatalogMeta(storeID: storeID) }

    /// Moves that are under way.
    var openIntents: [MoveIntent] { state.withLock { $0.openIntents } }

    /// Makes the empty catalog of a new store in a directory that exists.
    static func make(at path: String, storeID: [UInt8], mapSize: Int) throws(StoreError) {
        var options = EnvironmentOptions(tables: CatalogTable.names)
        options.create = true
        options.mapSize = mapSize
        do throws(LMDBError) {
            let environment = try Environment(path, options)
            var transaction = try environment.beginWrite()
            try transaction.put(CatalogMeta(storeID: storeID), in: environment)
            try transaction.commit()
            environment.close()
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Reads all of it but `located`.
    func load() throws(StoreError) {
        let environment = try file.pin()
        defer { file.unpin() }
        var damage: DamagedPlace?
        var loaded = State()
        do throws(LMDBError) {
            let transaction = try environment.beginRead()
            locatedCount.store(try transaction.count(environment.table(CatalogTable.located)), ordering: .relaxed)
            let key = Array(CatalogMeta.key.utf8)
            _ = try transaction.withValue(of: key.span, in: environment.table(CatalogTable.meta)) { value in
                guard Sealed.isSound(value, key: key.span, seed: CatalogTable.meta.seed) else { return }
                loaded.meta = CatalogMeta(value)
            }
            try transaction.withCursor(in: environment.table(CatalogTable.channels)) { cursor throws(LMDBError) in
                var stands = try cursor.move(.first)
                while stands {
                    cursor.withEntry { key, value in
                        if Sealed.isSound(value, key: key, seed: CatalogTable.channels.seed),
                            let channel = Channel(key: key, value: value)
                        {
                            loaded.channels.insert(channel)
                        } else {
                            damage = Catalog.place(.channels, keyText(key))
                        }
                    }
                    stands = try cursor.move(.next)
                }
            }
            try transaction.walk(environment.table(CatalogTable.intents)) { entry in
                let (key, value) = (entry.key, entry.value)
                if Sealed.isSound(value.span, key: key.span, seed: CatalogTable.intents.seed),
                    let intent = MoveIntent(key: key.span, value: value.span)
                {
                    loaded.openIntents.append(intent)
                } else {
                    damage = Catalog.place(.intents, keyText(key.span))
                }
            }
        } catch {
            throw StoreError(error, path: file.path)
        }
        if loaded.meta?.storeID != storeID { damage = Catalog.place(.meta, CatalogMeta.key) }
        if let damage { throw .damaged(damage) }
        state.withLock { $0 = loaded }
    }

    /// Makes committed changes known.
    func publish(_ channels: [Channel], _ meta: CatalogMeta, _ openIntents: [MoveIntent], newlyLocated: Int) {
        locatedCount.add(newlyLocated, ordering: .releasing)
        state.withLock { state in
            for channel in channels { state.channels.insert(channel) }
            state.meta = meta
            state.openIntents = openIntents
        }
    }

    /// Notes what the shards hold, for people and tools. Nothing relies on it, so a failure is none.
    func writeShardList(_ shards: [Shard]) {
        guard let environment = try? file.pin() else { return }
        defer { file.unpin() }
        do throws(LMDBError) {
            var transaction = try environment.beginWrite()
            let names = Set(shards.map { Array($0.period.description.utf8) })
            var gone: [[UInt8]] = []
            try transaction.walk(environment.table(CatalogTable.shards)) { entry in
                if !names.contains(entry.key) { gone.append(entry.key) }
            }
            for name in gone { try transaction.remove(name, in: .shards, of: environment) }
            // Of one that could not be read the list keeps what was known.
            for shard in shards where shard.publishedTransaction.load(ordering: .acquiring) > 0 {
                let value = ShardListValue(
                    articleCount: UInt64(max(0, shard.articleCount.load(ordering: .relaxed))),
                    lastRevision: shard.lastRevision.load(ordering: .relaxed))
                try transaction.put(Array(shard.period.description.utf8), in: .shards, of: environment) {
                    value.append(to: &$0)
                }
            }
            try transaction.commit()
        } catch {
            return
        }
    }

    static func place(_ table: CatalogTable, _ key: String) -> DamagedPlace {
        DamagedPlace(shard: shardName, table: table.name, key: key)
    }
}

/// The shard that a value of `located` leads to; `nil` when it is damaged. What it names may be of another layout, see
/// `CatalogChanges.claim`.
func locatedPeriod(_ value: Span<UInt8>, id: Span<UInt8>, _ layout: ShardLayout) -> Period? {
    guard Sealed.isSound(value, key: id, seed: CatalogTable.located.seed) else { return nil }
    let text = String(decoding: Array(value.extracting(Sealed.checksumCount..<value.count)), as: UTF8.self)
    return Period(text)?.first(in: layout)
}

extension WriteTransaction {
    /// Seals and writes one value of the catalog.
    mutating func put(
        _ key: [UInt8], in table: CatalogTable, of environment: Environment, _ content: (inout ValueBuilder) -> Void
    ) throws(LMDBError) {
        try put(key.span, seed: table.seed, in: environment.table(table), content)
    }

    mutating func remove(
        _ key: [UInt8], in table: CatalogTable, of environment: Environment
    ) throws(LMDBError) {
        try remove(key.span, in: environment.table(table))
    }

    mutating func put(_ meta: CatalogMeta, in environment: Environment) throws(LMDBError) {
        try put(Array(CatalogMeta.key.utf8), in: .meta, of: environment) { meta.append(to: &$0) }
    }
}
