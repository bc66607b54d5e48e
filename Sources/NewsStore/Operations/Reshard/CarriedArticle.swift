internal import LMDB
internal import NewsModel

/// An article with all that its shard has of it but reactions, on its way to another shard: values as they are stored,
/// since their checksums say nothing of the shard.
struct CarriedArticle {
    struct Entry {
        let table: ShardTable
        let key: [UInt8]
        var value: [UInt8]
    }

    let id: ArticleID
    let header: RecordHeader
    let links: RowLinks
    /// Of the tables `articles`, `captures`, `rows` and `stats`.
    var entries: [Entry]

    var byteCount: Int { entries.reduce(0) { $0 + $1.value.count } }

    var rowKey: [UInt8] { header.order.newestFirstKey(id) }

    /// Gives the article another ordinal among those of its title and day: its row says which it has.
    mutating func renumber(_ ordinal: UInt16) {
        guard let index = entries.firstIndex(where: { $0.table == .rows && $0.key == rowKey }) else { return }
        var links = links
        links.ordinal = ordinal
        let old = entries[index].value
        var builder = ValueBuilder()
        let key = rowKey
        builder.build(key: key.span, seed: ShardTable.rows.seed) { builder in
            builder.append(old[Sealed.checksumCount..<RecordHeader.byteCount])
            links.append(to: &builder)
            builder.append(old[(RecordHeader.byteCount + RowLinks.byteCount)...])
        }
        entries[index].value = builder.bytes
    }
}

/// What came of looking for an article.
enum CarriedResult {
    case absent
    /// Something of it is not as it was written.
    case damaged(ShardTable, key: [UInt8])
    case found(CarriedArticle)
}

extension TableReading where Self: ~Copyable {
    /// All that is stored of an article but its reactions, each value checked.
    borrowing func carried(_ id: ArticleID, _ tables: ShardTables) throws(LMDBError) -> CarriedResult {
        let key = Array(id.text.utf8)
        var entries: [CarriedArticle.Entry] = []
        let header: RecordHeader
        switch try pieces(of: key, in: .articles, tables, to: &entries) {
        case .absent: return .absent
        case .damaged: return .damaged(.articles, key: key)
        case .found(let found): header = found
        }
        if try pieces(of: key, in: .captures, tables, to: &entries) == .damaged { return .damaged(.captures, key: key) }
        let rowKey = header.order.newestFirstKey(id)
        let rowIndex = entries.count
        guard try pieces(of: rowKey, in: .rows, tables, to: &entries) == .found(header) else {
            return .damaged(.rows, key: rowKey)
        }
        let row = entries[rowIndex].value
        guard let links = RowLinks(row: row.span) else { return .damaged(.rows, key: rowKey) }
        guard let stats = try copy(rowKey, in: tables[.stats]),
            Sealed.isSound(stats.span, key: rowKey.span, seed: ShardTable.stats.seed)
        else { return .damaged(.stats, key: rowKey) }
        entries.append(CarriedArticle.Entry(table: .stats, key: rowKey, value: stats))
        return .found(CarriedArticle(id: id, header: header, links: links, entries: entries))
    }

    private borrowing func pieces(
        of key: [UInt8], in table: ShardTable, _ tables: ShardTables, to entries: inout [CarriedArticle.Entry]
    ) throws(LMDBError) -> RecordResult {
        guard let first = try copy(key, in: tables[table]) else { return .absent }
        guard Sealed.isSound(first.span, key: key.span, seed: table.seed), let header = RecordHeader(first.span)
        else { return .damaged }
        entries.append(CarriedArticle.Entry(table: table, key: key, value: first))
        let count = RecordHeader.pieceCount(first.span)
        for number in 1..<max(1, count) {
            let pieceKey = Key(key.span, piece: number).array
            let wanted = PieceHeader(number: number, revision: header.revision, pieceCount: count)
            guard let piece = try copy(pieceKey, in: tables[table]),
                Sealed.isSound(piece.span, key: pieceKey.span, seed: table.seed), PieceHeader(piece.span) == wanted
            else { return .damaged }
            entries.append(CarriedArticle.Entry(table: table, key: pieceKey, value: piece))
        }
        return .found(header)
    }
}
