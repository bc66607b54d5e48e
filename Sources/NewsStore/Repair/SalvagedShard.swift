internal import Bytes
internal import LMDB
internal import NewsModel

/// Takes what a salvage of a shard's file gives into a fresh environment: values whose checksum fits, of each key the
/// latest version.
///
/// The checksum covers the table's number as well, so that a value which was found outside the trees tells where it
/// belongs.
final class SalvagedShard {
    private let environment: Environment
    private var batch: [(table: ShardTable, key: [UInt8], value: [UInt8])] = []
    private var batchByteCount = 0
    /// Every article that something sound tells of.
    private(set) var mentioned: Set<ArticleID> = []
    private var lastChanges: [ArticleID: (revision: UInt64, isEnd: Bool)] = [:]
    /// Articles that were purged, or left for another shard, and the revisions of that.
    var ends: [ArticleID: UInt64] { lastChanges.filter { $0.value.isEnd }.mapValues { $0.revision } }
    /// What the shard said of itself.
    private(set) var meta: ShardMeta?
    /// What has a table and is not what was stored.
    private(set) var outcasts: [Outcast] = []

    /// What of a batch is written in one transaction, in entries and in bytes.
    private static let batchMax = (count: 500, byteCount: 8 << 20)
    /// Made anew from articles and rows.
    private static let derived: Set<ShardTable> = [.oldest, .channels, .sources]

    init(_ environment: Environment) { self.environment = environment }

    /// - Parameter path: the folder of the shard.
    func run(_ path: String) throws(LMDBError) {
        let summary = try Environment.salvage(path) { (entry) throws(LMDBError) in try self.take(entry) }
        try flush()
        for lost in summary.lostValues {
            outcasts.append((lost.table ?? "", lost.key, [], "the pages of its value are damaged"))
        }
    }

    private func take(_ entry: SalvagedEntry) throws(LMDBError) {
        let named = entry.table.flatMap { name in ShardTable.allCases.first { $0.name == name } }
        guard let table = SalvagedShard.table(of: entry, named) else {
            // What lies outside the trees may be anything, such as the middle of a text.
            guard let named, !SalvagedShard.derived.contains(named) else { return }
            return outcasts.append((named.name, entry.key, entry.value, "its checksum does not fit"))
        }
        if let id = SalvagedShard.article(entry, table) { mentioned.insert(id) }
        if table == .changes { noteChange(entry) }
        if table == .meta, let found = ShardMeta(entry.value.span), found.lastRevision >= meta?.lastRevision ?? 0 {
            meta = found
        }
        guard !SalvagedShard.derived.contains(table) else { return }
        batch.append((table, entry.key, entry.value))
        batchByteCount += entry.value.count
        if batch.count >= SalvagedShard.batchMax.count || batchByteCount >= SalvagedShard.batchMax.byteCount {
            try flush()
        }
    }

    private func noteChange(_ entry: SalvagedEntry) {
        guard let change = ChangeValue(entry.value.span), let revision = Key.revision(entry.key.span),
            revision >= lastChanges[change.id]?.revision ?? 0
        else { return }
        lastChanges[change.id] = (revision, change.kind.isEnd)
    }

    private static func table(of entry: SalvagedEntry, _ named: ShardTable?) -> ShardTable? {
        func fits(_ table: ShardTable) -> Bool {
            Sealed.isSound(entry.value.span, key: entry.key.span, seed: table.seed)
        }
        if let named, fits(named) { return named }
        return ShardTable.allCases.first(where: fits)
    }

    private func flush() throws(LMDBError) {
        guard !batch.isEmpty else { return }
        var transaction = try environment.beginWrite()
        for (table, key, value) in batch {
            let place = environment.table(table)
            if let other = try transaction.copy(key, in: place),
                SalvagedShard.revision(other, table) >= SalvagedShard.revision(value, table)
            {
                continue
            }
            try transaction.put(key.span, value.span, in: place)
        }
        try transaction.commit()
        batch = []
        batchByteCount = 0
    }

    /// Of two values of one key the one with the higher number is the current one; 0 where values have none.
    private static func revision(_ value: [UInt8], _ table: ShardTable) -> UInt64 {
        switch table {
        case .articles, .captures, .rows: value.count < 16 ? 0 : value.span.littleEndian64(at: 8)
        case .meta: ShardMeta(value.span)?.lastRevision ?? 0
        default: 0
        }
    }

    /// The article that an entry tells of.
    private static func article(_ entry: SalvagedEntry, _ table: ShardTable) -> ArticleID? {
        let key = Key.isPiece(entry.key.span) ? entry.key.dropLast(Key.pieceSuffixCount) : entry.key[...]
        let prefixCount =
            switch table {
            case .articles, .captures: 0
            case .rows, .stats, .oldest: RowOrder.prefixCount
            case .channels: Key.channelPrefixCount + RowOrder.prefixCount
            case .sources: Key.sourcePrefixCount + RowOrder.prefixCount
            case .titleDays, .changes, .requests, .meta, .reactions: -1
            }
        guard prefixCount < 0 else {
            let id = Array(key.dropFirst(prefixCount))
            return ArticleID(id.span)
        }
        switch table {
        case .titleDays: return titleDayEntry(entry.key.span, entry.value.span)?.id
        case .changes: return ChangeValue(entry.value.span)?.id
        case .reactions: return ReactionKey(entry.key)?.id
        default: return nil
        }
    }
}
