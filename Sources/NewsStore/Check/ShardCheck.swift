internal import Bytes
internal import LMDB
internal import NewsModel

/// The check of one shard: every value by itself, then every reference between tables, both ways.
final class ShardCheck {
    private let shard: Shard
    private let environment: Environment
    private let tables: ShardTables
    private let expected: Expected
    private let report: (CheckFinding) -> Void
    private(set) var entryCount = 0
    private(set) var articleCount = 0
    private(set) var lastRevision: UInt64 = 0

    /// What the rest of the store says about the shard.
    struct Expected {
        let storeID: [UInt8]
        let layout: ShardLayout
        let zone: ZoneRules
        /// `nil`: any.
        let channelNumbers: Set<UInt32>?
        /// Of an article that was found in this shard: whether the catalog says so, or a move is under way. An id that
        /// names the shard (`true`) needs no entry.
        let isLocatedHere: (ArticleID, Bool) -> Bool
        /// Articles that a move is under way for: their reactions may be in a shard without them.
        let moving: Set<ArticleID>
    }

    /// Changes of articles that are not there, which is right if they were purged or left the shard afterwards.
    private var goneChanges: [(key: [UInt8], revision: UInt64, id: ArticleID)] = []
    /// Up to which revision changes are forgotten.
    private var compacted: UInt64 = 0
    /// Revisions of the last purge or leaving, by article.
    private var ends: [ArticleID: UInt64] = [:]

    init(_ shard: Shard, _ environment: Environment, _ expected: Expected, report: @escaping (CheckFinding) -> Void) {
        self.shard = shard
        self.environment = environment
        self.expected = expected
        self.report = report
        tables = ShardTables((0..<ShardTable.allCases.count).map { environment.table($0) })
    }

    func run() throws(LMDBError) {
        let transaction = try environment.beginRead()
        compacted = try transaction.changeBounds(in: environment).compacted
        for table in ShardTable.allCases {
            try transaction.walk(tables[table]) { (entry) throws(LMDBError) in
                entryCount += 1
                guard isPrintable(entry.key) else {
                    return find(table, entry.key, "its key is none that the store makes")
                }
                guard Sealed.isSound(entry.value.span, key: entry.key.span, seed: table.seed) else {
                    return find(table, entry.key, "its checksum does not fit")
                }
                try check(entry, in: table, transaction)
            }
        }
        for (key, revision, id) in goneChanges where ends[id] ?? 0 < revision {
            find(.changes, key, "its article \(id) is missing")
        }
        try checkMeta(transaction)
    }

    private func find(_ table: ShardTable, _ key: [UInt8], _ problem: String) {
        report(
            CheckFinding(
                shard: shard.period.description, table: table.name, key: keyText(key.span), problem: problem))
    }

    private func check(
        _ entry: Entry, in table: ShardTable, _ transaction: borrowing ReadTransaction
    ) throws(LMDBError) {
        switch table {
        case .articles, .captures, .rows:
            if Key.isPiece(entry.key.span) {
                try checkPiece(entry, in: table, transaction)
            } else if let header = try checkRecord(entry, in: table, transaction) {
                switch table {
                case .articles: try checkArticle(entry, header, transaction)
                case .rows: try checkRow(entry, header, transaction)
                default: try checkCapture(entry, transaction)
                }
            }
        case .oldest: try checkIndex(entry, in: table, prefixCount: 0, .oldestFirst, transaction)
        case .channels: try checkIndex(entry, in: table, prefixCount: Key.channelPrefixCount, nil, transaction)
        case .sources: try checkIndex(entry, in: table, prefixCount: Key.sourcePrefixCount, nil, transaction)
        case .stats: try checkStats(entry, transaction)
        case .titleDays: try checkTitleDay(entry, transaction)
        case .changes: try checkChange(entry, transaction)
        case .requests:
            if RequestRecord(entry.key.span, entry.value.span, shard.period) == nil {
                find(table, entry.key, "it is no request")
            }
        case .meta: try checkMetaEntry(entry, transaction)
        case .reactions: try checkReaction(entry, transaction)
        }
    }

    private func checkMeta(_ transaction: borrowing ReadTransaction) throws(LMDBError) {
        let key = Array(ShardMeta.key.utf8)
        guard let meta = try transaction.shardMeta(in: environment) else {
            return find(.meta, key, "it is missing or damaged")
        }
        if meta.storeID != expected.storeID { find(.meta, key, "the shard belongs to another store") }
        if meta.period != shard.period { find(.meta, key, "the shard is that of \(meta.period)") }
        if meta.articleCount != UInt64(articleCount) {
            find(.meta, key, "it counts \(meta.articleCount) articles, and there are \(articleCount)")
        }
        if meta.lastRevision < lastRevision {
            find(.meta, key, "its last revision is \(meta.lastRevision), and there is \(lastRevision)")
        }
    }
}

/// Records and their pieces.
extension ShardCheck {
    private func checkRecord(
        _ entry: Entry, in table: ShardTable, _ transaction: borrowing ReadTransaction
    ) throws(LMDBError) -> RecordHeader? {
        guard let header = RecordHeader(entry.value.span) else {
            find(table, entry.key, "its head is none")
            return nil
        }
        lastRevision = max(lastRevision, header.revision)
        let count = RecordHeader.pieceCount(entry.value.span)
        for number in 1..<max(1, count) {
            let key = Key(entry.key.span, piece: number).array
            guard let piece = try transaction.copy(key, in: tables[table]) else {
                find(table, key, "the piece is missing")
                continue
            }
            let wanted = PieceHeader(number: number, revision: header.revision, pieceCount: count)
            if PieceHeader(piece.span) != wanted { find(table, key, "the piece is not one of its record's version") }
        }
        return header
    }

    private func checkPiece(
        _ entry: Entry, in table: ShardTable, _ transaction: borrowing ReadTransaction
    ) throws(LMDBError) {
        let first = Array(entry.key.dropLast(Key.pieceSuffixCount))
        guard let piece = PieceHeader(entry.value.span) else { return find(table, entry.key, "its head is none") }
        guard let value = try transaction.copy(first, in: tables[table]), RecordHeader(value.span) != nil else {
            return find(table, entry.key, "the record of the piece is missing")
        }
        let number = Base32Hex.number(in: entry.key.span, (entry.key.count - 3)..<entry.key.count).map { Int($0) }
        if number != piece.number || piece.number >= RecordHeader.pieceCount(value.span) {
            find(table, entry.key, "its record has no such piece")
        }
    }

    /// The head of a stored article; `nil` when there is none that can be read.
    private func header(_ id: [UInt8], _ transaction: borrowing ReadTransaction) throws(LMDBError) -> RecordHeader? {
        guard case .found(let header) = try transaction.header(id.span, in: .articles, tables) else { return nil }
        return header
    }

    private func links(_ rowKey: [UInt8], _ transaction: borrowing ReadTransaction) throws(LMDBError) -> RowLinks? {
        guard let row = try transaction.copy(rowKey, in: tables[.rows]),
            Sealed.isSound(row.span, key: rowKey.span, seed: ShardTable.rows.seed)
        else { return nil }
        return RowLinks(row: row.span)
    }

    private func checkArticle(
        _ entry: Entry, _ header: RecordHeader, _ transaction: borrowing ReadTransaction
    ) throws(LMDBError) {
        articleCount += 1
        guard let id = ArticleID(entry.key.span) else { return find(.articles, entry.key, "its key is no id") }
        if !expected.isLocatedHere(id, id.namedPeriod(expected.layout) == shard.period) {
            find(.articles, entry.key, "its id does not name the shard, and the catalog does not either")
        }
        if Period(of: header.sortInstant, expected.layout, zone: expected.zone) != shard.period {
            find(.articles, entry.key, "its time is none of the shard's")
        }
        if header.channel != 0, let numbers = expected.channelNumbers, !numbers.contains(header.channel) {
            find(.articles, entry.key, "its channel \(header.channel) is not in the catalog")
        }
        if let time = header.purgeTime, try transaction.copy(purgeKey(time, id), in: tables[.meta]) == nil {
            find(.articles, entry.key, "it is deleted, and its purge is not noted")
        }
        let rowKey = header.order.newestFirstKey(id)
        if let stats = try transaction.copy(rowKey, in: tables[.stats]) {
            try checkReactionCounts(id, rowKey, stats, transaction)
        } else {
            find(.articles, entry.key, "its counters are missing")
        }
        let change = try transaction.copy(Key(revision: header.revision).array, in: tables[.changes])
        let isForgotten = change == nil && header.revision <= compacted
        if !isForgotten, change.flatMap({ ChangeValue($0.span) })?.id != id {
            find(.articles, entry.key, "its change is not noted")
        }
        guard let row = try transaction.copy(rowKey, in: tables[.rows]) else {
            return find(.articles, entry.key, "its row is missing")
        }
        if RecordHeader(row.span) != header { find(.articles, entry.key, "its row is of another version") }
        guard let links = try links(rowKey, transaction) else { return }  // The row's own finding.
        for (table, key) in indexKeys(header, links, id) where try transaction.copy(key.array, in: tables[table]) == nil
        {
            find(.articles, entry.key, "its entry in \(table.name) is missing")
        }
        let titleDayKey = Key(titleDay: links.titleDay, ordinal: links.ordinal).array
        let titleDay = try transaction.copy(titleDayKey, in: tables[.titleDays])
        if titleDay.flatMap({ titleDayEntry(titleDayKey.span, $0.span) })?.id != id {
            find(.articles, entry.key, "its entry in \(ShardTable.titleDays.name) is missing")
        }
    }

    private func checkRow(
        _ entry: Entry, _ header: RecordHeader, _ transaction: borrowing ReadTransaction
    ) throws(LMDBError) {
        guard RowLinks(row: entry.value.span) != nil else { return find(.rows, entry.key, "its links are none") }
        guard RowOrder(newestFirst: entry.key.span) == header.order else {
            return find(.rows, entry.key, "its key does not fit its head")
        }
        let id = Array(entry.key.dropFirst(RowOrder.prefixCount))
        switch try transaction.header(id.span, in: .articles, tables) {
        case .found(header), .damaged: break  // A damaged article is found by itself.
        case .found: find(.rows, entry.key, "its article is of another version")
        case .absent: find(.rows, entry.key, "its article is missing")
        }
    }

    private func checkCapture(_ entry: Entry, _ transaction: borrowing ReadTransaction) throws(LMDBError) {
        if try transaction.header(entry.key.span, in: .articles, tables) == .absent {
            find(.captures, entry.key, "its article is missing")
        }
    }
}

/// What points at articles.
extension ShardCheck {
    /// - Parameter direction: `nil`: the key's first character tells.
    private func checkIndex(
        _ entry: Entry, in table: ShardTable, prefixCount: Int, _ direction: IndexDirection?,
        _ transaction: borrowing ReadTransaction
    ) throws(LMDBError) {
        guard let value = IndexValue(entry.value.span) else { return find(table, entry.key, "its value is none") }
        let isOldest = direction == .oldestFirst || entry.key.first == IndexDirection.oldestFirst.mark
        let orderKey = Array(entry.key.dropFirst(prefixCount))
        let order = isOldest ? RowOrder(oldestFirst: orderKey.span) : RowOrder(newestFirst: orderKey.span)
        guard let order, let id = ArticleID(Array(orderKey.dropFirst(RowOrder.prefixCount)).span) else {
            return find(table, entry.key, "its key is none that the store makes")
        }
        let rowKey = order.newestFirstKey(id)
        guard let row = try transaction.copy(rowKey, in: tables[.rows]) else {
            return find(table, entry.key, "its row is missing")
        }
        guard let header = RecordHeader(row.span), let links = RowLinks(row: row.span) else { return }
        if header.revision != value.revision { find(table, entry.key, "its row is of another version") }
        if !indexKeys(header, links, id).contains(where: { $0.table == table && $0.key.array == entry.key }) {
            find(table, entry.key, "its row does not belong there")
        }
    }

    private func checkStats(_ entry: Entry, _ transaction: borrowing ReadTransaction) throws(LMDBError) {
        guard StatsValue(entry.value.span) != nil else { return find(.stats, entry.key, "its value is none") }
        if try transaction.copy(entry.key, in: tables[.rows]) == nil { find(.stats, entry.key, "its row is missing") }
    }

    private func checkReaction(_ entry: Entry, _ transaction: borrowing ReadTransaction) throws(LMDBError) {
        guard let key = ReactionKey(entry.key), ReactionValue(entry.value.span) != nil else {
            return find(.reactions, entry.key, "it is no reaction")
        }
        if expected.moving.contains(key.id) { return }
        if try transaction.copy(Array(key.id.text.utf8), in: tables[.articles]) == nil {
            find(.reactions, entry.key, "its article \(key.id) is missing")
        }
    }

    /// Likes and favorites that happened here are counted and have an entry each.
    private func checkReactionCounts(
        _ id: ArticleID, _ rowKey: [UInt8], _ stats: [UInt8], _ transaction: borrowing ReadTransaction
    ) throws(LMDBError) {
        guard let events = StatsValue(stats.span)?.events else { return }  // Its own finding.
        let counts = try transaction.reactionCounts(of: id, tables)
        if counts.likes != events.likes {
            find(.stats, rowKey, "it counts \(events.likes) likes, and there are \(counts.likes)")
        }
        if counts.favorites != events.favorites {
            find(.stats, rowKey, "it counts \(events.favorites) favorites, and there are \(counts.favorites)")
        }
    }

    private func checkTitleDay(_ entry: Entry, _ transaction: borrowing ReadTransaction) throws(LMDBError) {
        guard let (_, id) = titleDayEntry(entry.key.span, entry.value.span) else {
            return find(.titleDays, entry.key, "its value is none")
        }
        let idBytes = Array(id.text.utf8)
        guard let header = try header(idBytes, transaction) else {
            if try transaction.copy(idBytes, in: tables[.articles]) == nil {
                find(.titleDays, entry.key, "its article \(id) is missing")
            }
            return
        }
        guard let links = try links(header.order.newestFirstKey(id), transaction) else { return }
        if Key(titleDay: links.titleDay, ordinal: links.ordinal).array != entry.key {
            find(.titleDays, entry.key, "its article \(id) has another title or day")
        }
    }

    private func checkChange(_ entry: Entry, _ transaction: borrowing ReadTransaction) throws(LMDBError) {
        guard let change = ChangeValue(entry.value.span), let revision = Key.revision(entry.key.span)
        else { return find(.changes, entry.key, "it is no change") }
        lastRevision = max(lastRevision, revision)
        if change.kind.isEnd { ends[change.id] = revision }
        if try transaction.copy(Array(change.id.text.utf8), in: tables[.articles]) == nil {
            goneChanges.append((entry.key, revision, change.id))
        }
    }

    private func checkMetaEntry(_ entry: Entry, _ transaction: borrowing ReadTransaction) throws(LMDBError) {
        if entry.key == Array(ShardMeta.key.utf8) { return }
        if entry.key == Array(Shard.compactedKey.utf8), IndexValue(entry.value.span) != nil { return }
        guard let purge = PurgeEntry(entry.key.span), let value = IndexValue(entry.value.span) else {
            return find(.meta, entry.key, "nothing has this key")
        }
        let header = try header(Array(purge.id.text.utf8), transaction)
        if header?.revision != value.revision || header?.purgeTime != purge.time {
            find(.meta, entry.key, "no article is to be purged then")
        }
    }
}
