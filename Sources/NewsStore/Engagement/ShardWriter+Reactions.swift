internal import Bytes
internal import LMDB
package import NewsModel

/// Reactions: those that count once for each actor have an entry in `reactions`, which goes wherever the article goes.
/// Neither they nor counters make a new revision.
extension ShardWriter {
    /// Adds a reaction. Of one that counts once and is there already nothing changes, of a deleted article either.
    ///
    /// - Returns: the article's counters then.
    /// - Throws: `absent`, or `deleted` of an article that is.
    package func add(_ reaction: Reaction, to id: ArticleID) throws(StoreError) -> Counters {
        let (header, stats) = try counted(id)
        let key = reaction.key(id)
        if let key, try hasReaction(key) { return stats.base + stats.events }
        guard !header.isDeleted else { throw .deleted(id) }
        if let key {
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

    /// Removes reactions to an article that is about to be purged, as many as one transaction is to. The counters
    /// follow, so that the shard is whole between two transactions.
    ///
    /// - Returns: whether there are no more than those that go with the article.
    func shed(_ id: ArticleID) throws(StoreError) -> Bool {
        guard try hasManyReactions(id) else { return true }
        var (header, stats) = try counted(id)
        let removed = try removeReactions(of: id)
        stats.events.likes = max(0, stats.events.likes - removed.likes)
        stats.events.favorites = max(0, stats.events.favorites - removed.favorites)
        try putStats(Key(newest: header.order, id), stats)
        return false
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
        try target.putReactions(shard.sound(reactions(of: id)))
    }

    /// Puts reactions that another shard has.
    func putReactions(_ entries: [Entry]) throws(StoreError) {
        for entry in entries {
            try put(entry.key, in: .reactions) { $0.append(entry.value.dropFirst(Sealed.checksumCount)) }
        }
    }

    /// Removes the reactions to an article, as many as one transaction is to.
    @discardableResult func removeReactions(
        of id: ArticleID
    ) throws(StoreError) -> (likes: Int64, favorites: Int64) {
        guard try hasReactions(id, above: 0) else { return (0, 0) }
        let prefix = ReactionKey.prefix(id)
        var (likes, favorites): (Int64, Int64) = (0, 0)
        _ = try removeFirst(context.options.reactionPieceMax, withPrefix: prefix, in: .reactions) { key in
            guard key.count > prefix.count else { return }
            if key[prefix.count] == ReactionKey.like { likes += 1 }
            if key[prefix.count] == ReactionKey.favorite { favorites += 1 }
        }
        return (likes, favorites)
    }

    /// Whether an article has more reactions than one transaction is to add or remove.
    func hasManyReactions(_ id: ArticleID) throws(StoreError) -> Bool {
        try hasReactions(id, above: context.options.reactionPieceMax)
    }

    private func hasReactions(_ id: ArticleID, above count: Int) throws(StoreError) -> Bool {
        let tables = tables
        return try read { (transaction) throws(LMDBError) in
            try transaction.hasReactions(id, above: count, tables)
        }
    }

    private func reactions(of id: ArticleID) throws(StoreError) -> [Entry] {
        let tables = tables
        return try read { (transaction) throws(LMDBError) in try transaction.reactions(of: id, tables) }
    }
}
