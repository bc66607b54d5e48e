internal import LMDB
internal import NewsModel

extension ShardSet {
    /// Entries that one look at a shard takes at most, and bytes, more or less. A look is short, since old pages cannot
    /// be used again while it lasts.
    private static let (sliceCountMax, sliceByteMax) = (4096, 1 << 20)

    /// The next entries of a table, in their order, each as it was written.
    ///
    /// - Parameter last: the key behind which they begin; empty: with the first.
    /// - Throws: `damaged` at one that is not what was written.
    func entries(of table: ShardTable, in shard: Shard, after last: [UInt8]) throws(StoreError) -> [Entry] {
        var (entries, byteCount): ([Entry], Int) = ([], 0)
        var damagedKey: [UInt8]?
        try look(into: shard) { (transaction, tables) throws(LMDBError) in
            try transaction.withCursor(in: tables[table]) { (cursor) throws(LMDBError) in
                if last.isEmpty { _ = try cursor.move(.first) } else { _ = try cursor.seek(last.span) }
                while cursor.isOnEntry, entries.count < Self.sliceCountMax, byteCount < Self.sliceByteMax {
                    let entry = Entry(key: Array(cursor.key), value: Array(cursor.value))
                    if entry.key != last {
                        guard Sealed.isSound(entry.value.span, key: entry.key.span, seed: table.seed) else {
                            damagedKey = entry.key
                            return
                        }
                        entries.append(entry)
                        byteCount += entry.key.count + entry.value.count
                    }
                    _ = try cursor.move(.next)
                }
            }
        }
        if let damagedKey { throw .damaged(shard.place(table, keyText(damagedKey.span))) }
        return entries
    }

    /// Lends a view of what is committed in a shard now.
    func look<Output>(
        into shard: Shard, _ body: (borrowing ReadTransaction, ShardTables) throws(LMDBError) -> Output
    ) throws(StoreError) -> Output {
        let environment = try pin(shard)
        defer { shard.file.unpin() }
        do throws(LMDBError) {
            let transaction = try environment.beginRead()
            let tables = ShardTables((0..<ShardTable.allCases.count).map { environment.table($0) })
            return try body(transaction, tables)
        } catch {
            throw StoreError(error, path: shard.file.path)
        }
    }
}
