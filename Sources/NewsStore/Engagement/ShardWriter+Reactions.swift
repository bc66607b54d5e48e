internal import Bytes
internal import LMDB
package import NewsModel

/// Reactions: those that count once for each actor have an entry in `reactions`, which goes wherever the article goes.
/// Neither they nor counters make a new revision.
extension ShardWriter {
    /// Adds a reaction. Of one that counts once and is there already nothing changes.
    ///
    /// - Returns: the article's counters then.
    /// - Throws: `absent`, or `deleted` of an article that is.
    package func add(_ reaction: Reaction, to id: ArticleID) throws(StoreError) -> Counters {
        let (header, stats) = try counted(id)
        guard !header.isDeleted else { throw .deleted(id) }
        if let key = reaction.key(id) {
            if try hasReaction(key) { return stats.base + stats.events }
            try put(key, in: .reactions) { ReactionValue(time: now).append(to: &$0) }
        }
        return try count(reaction, by: 1, id, header, stats)
    }

    /// Takes a reaction back that counts once for each actor. When it is not there nothing changes.
    ///
    /// - Returns: the article's counters then.
    /// - Throws: `absent`.
    package func remove(_ reaction: Reaction, from id: ArticleID) throws(StoreError) -> Counters {
        let (header, stats) = try counted(id)
        guard let key = reaction.key(id), try hasReaction(key) else { return stats.base + stats.events }
        try remove(key, in: .reactions)
        return try count(reaction, by: -1, id, header, stats)
    }

    /// The counters of an article of this shard, as readers see them.
    package func counters(of id: ArticleID) throws(StoreError) -> Counters {
        let stats = try counted(id).stats
        return stats.base + stats.events
    }

    private func count(
        _ reaction: Reaction, by step: Int64, _ id: ArticleID, _ header: RecordHeader, _ stats: StatsValue
    ) throws(StoreError) -> Counters {
        var stats = stats
        let (sum, overflow) = stats.events[keyPath: reaction.counter].addingReportingOverflow(step)
        stats.events[keyPath: reaction.counter] = overflow ? .max : max(0, sum)
        stats.events.known.insert(reaction.known)
        try putStats(Key(newest: header.order, id), stats)
        counted.append(id)
        return stats.base + stats.events
    }

    private func counted(_ id: ArticleID) throws(StoreError) -> (header: RecordHeader, stats: StatsValue) {
        guard let header = try header(of: id) else { throw .absent(id) }
        return (header, try stats(Key(newest: header.order, id), of: header))
    }

    func header(of id: ArticleID) throws(StoreError) -> RecordHeader? {
        let key = Array(id.text.utf8)
        let tables = tables
        let result = try read { (transaction) throws(LMDBError) in
            try transaction.header(key.span, in: .articles, tables)
        }
        switch result {
        case .absent: return nil
        case .damaged: throw damaged(.articles, key)
        case .found(let header): return header
        }
    }

    private func hasReaction(_ key: [UInt8]) throws(StoreError) -> Bool {
        let table = tables[.reactions]
        var isSound = true
        let isThere = try read { (transaction) throws(LMDBError) in
            try transaction.withValue(of: key.span, in: table) { value in
                isSound = Sealed.isSound(value, key: key.span, seed: ShardTable.reactions.seed)
            }
        }
        guard isSound else { throw damaged(.reactions, key) }
        return isThere
    }

    /// Puts the reactions to an article into the other shard, to which it goes.
    func carryReactions(of id: ArticleID, to target: ShardWriter) throws(StoreError) {
        for entry in try reactions(of: id) {
            guard Sealed.isSound(entry.value.span, key: entry.key.span, seed: ShardTable.reactions.seed) else {
                throw damaged(.reactions, entry.key)
            }
            try target.put(entry.key, in: .reactions) { $0.append(entry.value.dropFirst(Sealed.checksumCount)) }
        }
    }

    func removeReactions(of id: ArticleID) throws(StoreError) {
        for entry in try reactions(of: id) { try remove(entry.key, in: .reactions) }
    }

    private func reactions(of id: ArticleID) throws(StoreError) -> [Entry] {
        let tables = tables
        return try read { (transaction) throws(LMDBError) in try transaction.reactions(of: id, tables) }
    }
}

extension TableReading where Self: ~Copyable {
    /// The entries of `reactions` of one article, as they are.
    borrowing func reactions(of id: ArticleID, _ tables: ShardTables) throws(LMDBError) -> [Entry] {
        let prefix = ReactionKey.prefix(id)
        var entries: [Entry] = []
        try withCursor(in: tables[.reactions]) { (cursor) throws(LMDBError) in
            var stands = try cursor.seek(prefix.span)
            while stands {
                var isOfArticle = false
                cursor.withEntry { key, value in
                    isOfArticle =
                        key.count > prefix.count && prefix.span.hasBytes(of: key.extracting(0..<prefix.count))
                    if isOfArticle { entries.append(Entry(key: Array(key), value: Array(value))) }
                }
                guard isOfArticle else { return }
                stands = try cursor.move(.next)
            }
        }
        return entries
    }

    /// How many of them are likes and favorites.
    borrowing func reactionCounts(
        of id: ArticleID, _ tables: ShardTables
    ) throws(LMDBError) -> (likes: Int64, favorites: Int64) {
        let keys = try reactions(of: id, tables).compactMap { ReactionKey($0.key) }
        let likeCount = keys.count { $0.isLike }
        return (Int64(likeCount), Int64(keys.count - likeCount))
    }
}
