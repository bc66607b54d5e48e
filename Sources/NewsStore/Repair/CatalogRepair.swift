internal import Files
internal import LMDB
internal import NewsModel

/// The catalog as far as it can be read, completed by what the shards say, and written anew if it was damaged or lacked
/// something.
final class CatalogRepair {
    private let path: String
    private let directory: StoreDirectory
    private var meta: CatalogMeta
    private var channels = ChannelTable()
    private var located: [ArticleID: Period] = [:]
    private var counts: [Period: Int] = [:]
    /// Sealed, as they are.
    private var intents: [(key: [UInt8], value: [UInt8])] = []
    /// Whether the file is not what it should be.
    private var isDamaged = false
    private(set) var outcasts: [Outcast] = []

    init(_ directory: StoreDirectory) {
        self.directory = directory
        path = directory.path + "/" + Catalog.shardName
        meta = CatalogMeta(storeID: directory.file.id)
    }

    /// Reads what is there.
    func load() throws(LMDBError) {
        do throws(LMDBError) { try Environment.verify(path) } catch {
            guard error.isDamage || error == .notFound(path + "/data.mdb") else { throw error }
            isDamaged = true
        }
        var hasMeta = false
        do throws(LMDBError) {
            _ = try Environment.salvage(path) { (entry) throws(LMDBError) in
                let named = entry.table.flatMap { name in CatalogTable.allCases.first { $0.name == name } }
                let (key, value) = (entry.key, entry.value)
                let fitting = CatalogTable.allCases.first { Sealed.isSound(value.span, key: key.span, seed: $0.seed) }
                guard let table = fitting else {
                    guard let named else { return }
                    self.isDamaged = true
                    return self.outcasts.append((named.name, key, value, "its checksum does not fit"))
                }
                if table == .meta { hasMeta = true }
                if named == nil { self.isDamaged = true }
                self.take(key, value, table)
            }
        } catch {
            guard error == .notFound(path + "/data.mdb") else { throw error }
        }
        if !hasMeta { isDamaged = true }
    }

    private func take(_ key: [UInt8], _ value: [UInt8], _ table: CatalogTable) {
        switch table {
        case .channels:
            guard let channel = Channel(key: key.span, value: value.span) else { return }
            channels.insert(channel)
        case .located:
            guard let id = ArticleID(key.span),
                let period = locatedPeriod(value.span, id: key.span, directory.file.layout)
            else { return }
            located[id] = period
        case .meta:
            guard let found = CatalogMeta(value.span), found.storeID == directory.file.id else { return }
            meta.nextChannel = max(meta.nextChannel, found.nextChannel)
        case .intents: intents.append((key, value))
        case .shards:
            guard let period = Period(String(decoding: key, as: UTF8.self)), let found = ShardListValue(value.span)
            else { return }
            counts[period] = Int(clamping: found.articleCount)
        }
    }

    /// Articles that a shard had when the store was last closed.
    func articleCount(of period: Period) -> Int { counts[period] ?? 0 }

    /// Ids that should be in a shard.
    func located(in period: Period) -> [ArticleID] { located.filter { $0.value == period }.map(\.key) }

    /// Completes the catalog by the articles of a shard.
    func add(_ shard: Shard, _ environment: Environment, _ makeRow: RowMaker) throws(LMDBError) {
        let transaction = try environment.beginRead()
        let tables = ShardTables((0..<ShardTable.allCases.count).map { environment.table($0) })
        try transaction.walk(tables[.articles]) { (entry) throws(LMDBError) in
            guard !Key.isPiece(entry.key.span), let id = ArticleID(entry.key.span),
                let header = RecordHeader(entry.value.span)
            else { return }
            if id.namedPeriod(directory.file.layout) != shard.period, located[id] == nil {
                located[id] = shard.period
                isDamaged = true
            }
            guard header.channel != 0, channels.channel(number: header.channel) == nil else { return }
            // The first piece has the short fields of the message, the channel's name among them.
            let content = Array(entry.value.dropFirst(RecordHeader.byteCount))
            let name = makeRow(content)?.channelName ?? ""
            channels.insert(CatalogRepair.channel(header.channel, name, channels))
            isDamaged = true
        }
    }

    /// A channel whose entry is lost: its articles have its id, nothing has its display name.
    private static func channel(_ number: UInt32, _ name: String, _ channels: ChannelTable) -> Channel {
        if let id = ChannelID(name: name), channels.channel(id: id) == nil {
            return Channel(number: number, id: id, displayName: id.text)
        }
        return channels.made(displayName: "lost \(number)", number: number)
    }

    /// Writes the catalog anew, if it was damaged or lacked something.
    ///
    /// - Returns: whether it was, and where the old one is.
    func finish(_ log: QuarantineLog, mapSize: Int) throws(StoreError) -> (isRebuilt: Bool, kept: String?) {
        if let last = channels.all.last?.number, meta.nextChannel <= last {
            meta.nextChannel = last + 1
            isDamaged = true
        }
        guard isDamaged else { return (false, nil) }
        for outcast in outcasts {
            try log.take(Catalog.shardName, outcast.table, outcast.key, outcast.value, outcast.reason)
        }
        let fresh = try FreshFile(
            for: path, work: directory.path + "/.new-catalog", CatalogTable.names, mapSize: mapSize)
        do throws(LMDBError) { try write(fresh.environment) } catch { throw StoreError(error, path: path) }
        return (true, try fresh.install(log, as: Catalog.shardName))
    }

    private func write(_ environment: Environment) throws(LMDBError) {
        var transaction = try environment.beginWrite()
        for channel in channels.all {
            try transaction.put(Array(channel.id.text.utf8), in: .channels, of: environment) {
                channel.append(to: &$0)
            }
        }
        for (id, period) in located {
            try transaction.put(Array(id.text.utf8), in: .located, of: environment) {
                $0.append(period.description.utf8)
            }
        }
        for (key, value) in intents {
            try transaction.put(key.span, value.span, in: environment.table(CatalogTable.intents))
        }
        try transaction.put(meta, in: environment)
        try transaction.commit()
    }
}
