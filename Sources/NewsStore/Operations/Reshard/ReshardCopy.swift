internal import LMDB
internal import NewsModel

/// The copying of a group, and the following of what is written meanwhile.
extension ReshardGroup {
    /// Articles that are copied in one step, at most.
    private static let stepMax = 256

    /// Copies all that a shard has.
    ///
    /// - Parameter strays: gets articles that are going to a shard which their ids do not name.
    func copyAll(
        _ source: Shard, _ report: OperationReport, _ strays: ([Stray]) throws(StoreError) -> Void
    ) throws(StoreError) {
        var last: [UInt8] = []
        while true {
            let step = try ids(of: source, after: last)
            guard let end = step.end else { break }
            try strays(try refresh(step.ids))
            last = end
            try report.did(count: step.ids.count)
        }
        for table in [ShardTable.changes, .requests] {
            last = []
            while true {
                let entries = try context.shards.entries(of: table, in: source, after: last)
                guard let end = entries.last else { break }
                try put(entries, in: table)
                last = end.key
                try report.did(count: 0)
            }
        }
        try copyCompacted()
    }

    /// The next ids of a shard's articles, with the key that the ones behind them come after.
    private func ids(of source: Shard, after last: [UInt8]) throws(StoreError) -> (ids: [ArticleID], end: [UInt8]?) {
        var (ids, end): ([ArticleID], [UInt8]?) = ([], nil)
        var (byteCount, odd): (Int, [UInt8]?) = (0, nil)
        try context.shards.look(into: source) { (transaction, tables) throws(LMDBError) in
            try transaction.withCursor(in: tables[.articles]) { (cursor) throws(LMDBError) in
                if last.isEmpty { _ = try cursor.move(.first) } else { _ = try cursor.seek(last.span) }
                while cursor.isOnEntry, ids.count < Self.stepMax, byteCount < 1 << 20 {
                    let key = Array(cursor.key)
                    if key != last {
                        end = key
                        byteCount += cursor.value.count
                        if let id = ArticleID(key.span) {
                            ids.append(id)
                        } else if !Key.isPiece(key.span) {
                            odd = key
                        }
                    }
                    _ = try cursor.move(.next)
                }
            }
        }
        if let odd { throw .damaged(source.place(.articles, keyText(odd.span))) }
        return (ids, end)
    }

    /// Brings the targets up to date with what was written to the sources.
    func follow(
        _ touched: [Period: Set<TouchedKey>], _ strays: ([Stray]) throws(StoreError) -> Void
    ) throws(StoreError) {
        try forgetDone()
        var ids: Set<ArticleID> = []
        for key in touched.values.joined() { if let id = key.articleID { ids.insert(id) } }
        var rest = Array(ids)
        while !rest.isEmpty {
            try strays(try refresh(rest.suffix(Self.stepMax)))
            rest.removeLast(min(Self.stepMax, rest.count))
        }
        try followReactions(Set(touched.values.joined().lazy.filter { $0.table == .reactions }.map(\.key)))
        for table in [ShardTable.changes, .requests] {
            for source in sources {
                let keys = (touched[source.period] ?? []).filter { $0.table == table }.map(\.key)
                if !keys.isEmpty { try follow(keys, in: table, of: source) }
            }
        }
        // Whoever went to another target has left changes behind.
        if isSplit, !ids.isEmpty { try rehome(ids) }
        if touched.values.contains(where: { $0.contains(Self.compacted) }) { try copyCompacted() }
    }

    private static var compacted: TouchedKey { TouchedKey(table: .meta, key: Array(Shard.compactedKey.utf8)) }

    private func follow(_ keys: [[UInt8]], in table: ShardTable, of source: Shard) throws(StoreError) {
        var (there, gone): ([Entry], [[UInt8]]) = ([], [])
        try context.shards.look(into: source) { (transaction, tables) throws(LMDBError) in
            for key in keys {
                if let value = try transaction.copy(key, in: tables[table]) {
                    there.append(Entry(key: key, value: value))
                } else {
                    gone.append(key)
                }
            }
        }
        try put(there, in: table)
        if !gone.isEmpty { try remove(gone, in: table) }
    }
}

extension TouchedKey {
    /// The article that is another one when the entry is; `nil` when another entry tells as well.
    fileprivate var articleID: ArticleID? {
        switch table {
        case .articles, .captures:
            let id = Array(key.dropLast(Key.isPiece(key.span) ? Key.pieceSuffixCount : 0))
            return ArticleID(id.span)
        case .stats:
            let id = Array(key.dropFirst(RowOrder.prefixCount))
            return ArticleID(id.span)
        default: return nil
        }
    }
}
