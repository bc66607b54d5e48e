internal import Bytes
internal import LMDB
internal import NewsModel

extension TableReading where Self: ~Copyable {
    /// Visits the entries of `reactions` of one article, as they are, until `body` returns `false`.
    ///
    /// - Parameter last: the ones up to this key are left out.
    borrowing func visitReactions(
        of id: ArticleID, _ tables: ShardTables, after last: [UInt8] = [],
        _ body: (Span<UInt8>, Span<UInt8>) -> Bool
    ) throws(LMDBError) {
        let prefix = ReactionKey.prefix(id)
        try withCursor(in: tables[.reactions]) { (cursor) throws(LMDBError) in
            var stands = try cursor.seek(last.isEmpty ? prefix.span : last.span)
            if stands, !last.isEmpty, cursor.key.hasBytes(of: last.span) { stands = try cursor.move(.next) }
            while stands, cursor.hasPrefix(prefix.span), cursor.key.count > prefix.count {
                guard body(cursor.key, cursor.value) else { return }
                stands = try cursor.move(.next)
            }
        }
    }

    /// The same, copied.
    borrowing func reactions(
        of id: ArticleID, _ tables: ShardTables, after last: [UInt8] = [], limit: Int = .max
    ) throws(LMDBError) -> [Entry] {
        var entries: [Entry] = []
        try visitReactions(of: id, tables, after: last) { key, value in
            entries.append(Entry(key: Array(key), value: Array(value)))
            return entries.count < limit
        }
        return entries
    }

    borrowing func hasReactions(_ id: ArticleID, above limit: Int, _ tables: ShardTables) throws(LMDBError) -> Bool {
        var count = 0
        try visitReactions(of: id, tables) { _, _ in
            count += 1
            return count <= limit
        }
        return count > limit
    }

    /// How many of them are likes and favorites.
    borrowing func reactionCounts(
        of id: ArticleID, _ tables: ShardTables
    ) throws(LMDBError) -> (likes: Int64, favorites: Int64) {
        var (likes, favorites): (Int64, Int64) = (0, 0)
        try visitReactions(of: id, tables) { key, _ in
            if let reaction = ReactionKey(Array(key)) {
                if reaction.isLike { likes += 1 } else { favorites += 1 }
            }
            return true
        }
        return (likes, favorites)
    }
}

extension Entry {
    /// Whether the value is what was written there.
    func isSound(in table: ShardTable) -> Bool { Sealed.isSound(value.span, key: key.span, seed: table.seed) }
}

extension Shard {
    /// Reactions that it has, if all of them are what was written.
    func sound(_ reactions: [Entry]) throws(StoreError) -> [Entry] {
        for entry in reactions where !entry.isSound(in: .reactions) {
            throw .damaged(place(.reactions, keyText(entry.key.span)))
        }
        return reactions
    }
}

extension StoreContext {
    /// Reactions to an article that a shard has, whether it has the article or not.
    func reactions(
        of id: ArticleID, in shard: Shard, after last: [UInt8] = [], limit: Int
    ) throws(StoreError) -> [Entry] {
        var entries: [Entry] = []
        try shards.look(into: shard) { (transaction, tables) throws(LMDBError) in
            entries = try transaction.reactions(of: id, tables, after: last, limit: limit)
        }
        return entries
    }

    func hasReactions(_ id: ArticleID, in shard: Shard) throws(StoreError) -> Bool {
        try !reactions(of: id, in: shard, limit: 1).isEmpty
    }
}
