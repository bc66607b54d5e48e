internal import LMDB
internal import NewsModel

/// A transaction in a shard that is being made of others.
struct TargetWriter: ~Copyable {
    private var transaction: WriteTransaction
    private let environment: Environment
    private let tables: ShardTables
    var meta: ShardMeta

    init(_ environment: Environment) throws(LMDBError) {
        self.environment = environment
        tables = ShardTables((0..<ShardTable.allCases.count).map { environment.table($0) })
        let transaction = try environment.beginWrite()
        guard let meta = try transaction.shardMeta(in: environment) else { throw .corrupted }
        self.meta = meta
        self.transaction = transaction
    }

    consuming func commit() throws(LMDBError) {
        try transaction.put(meta, in: environment)
        try transaction.commit()
    }

    /// Puts an article in the place of the one with its id. Reactions stay.
    mutating func put(_ article: CarriedArticle) throws(LMDBError) {
        try remove(article.id)
        var (article, links) = (article, article.links)
        links.ordinal = try freeOrdinal(links)
        if links != article.links { article.renumber(links.ordinal) }
        for entry in article.entries { try put(entry.key, entry.value, in: entry.table) }
        for (table, key) in indexKeys(article.header, links, article.id) {
            try seal(key.array, in: table) { $0.append(article.header.revision) }
        }
        try seal(Key(titleDay: links.titleDay, ordinal: links.ordinal).array, in: .titleDays) {
            $0.append(article.id.text.utf8)
        }
        if let time = article.header.purgeTime {
            try seal(purgeKey(time, article.id), in: .meta) { $0.append(article.header.revision) }
        }
        meta.articleCount += 1
    }

    /// Removes reactions to an article, at most `limit`.
    ///
    /// - Returns: how many have gone; fewer than `limit` only when none is left.
    mutating func removeReactions(of id: ArticleID, limit: Int) throws(LMDBError) -> Int {
        try transaction.removeFirst(limit, withPrefix: ReactionKey.prefix(id), in: tables[.reactions]) { _ in }
    }

    /// Removes an article but its reactions, if it is there.
    mutating func remove(_ id: ArticleID) throws(LMDBError) {
        guard case .found(let old) = try transaction.carried(id, tables) else { return }
        for entry in old.entries { try remove(entry.key, in: entry.table) }
        for (table, key) in indexKeys(old.header, old.links, id) { try remove(key.array, in: table) }
        try remove(Key(titleDay: old.links.titleDay, ordinal: old.links.ordinal).array, in: .titleDays)
        if let time = old.header.purgeTime { try remove(purgeKey(time, id), in: .meta) }
        meta.articleCount -= 1
    }

    /// The article's own ordinal among those of its title and day; when another shard's article has taken it, the one
    /// behind the last.
    private func freeOrdinal(_ links: RowLinks) throws(LMDBError) -> UInt16 {
        let own = Key(titleDay: links.titleDay, ordinal: links.ordinal).array
        guard try transaction.copy(own, in: tables[.titleDays]) != nil else { return links.ordinal }
        var ordinal = links.ordinal
        repeat {
            guard ordinal < .max else { throw .badSize }
            ordinal += 1
        } while try transaction.copy(Key(titleDay: links.titleDay, ordinal: ordinal).array, in: tables[.titleDays])
            != nil
        return ordinal
    }

    /// Entries of `changes` whose articles are wanted.
    func changes(of ids: Set<ArticleID>) throws(LMDBError) -> [(id: ArticleID, entry: Entry)] {
        var found: [(id: ArticleID, entry: Entry)] = []
        try transaction.walk(tables[.changes]) { entry in
            guard let id = ChangeValue(entry.value.span)?.id, ids.contains(id) else { return }
            found.append((id, entry))
        }
        return found
    }

    /// Notes up to which revision changes are forgotten.
    mutating func compact(upTo revision: UInt64) throws(LMDBError) {
        let known = try transaction.changeBounds(in: environment).compacted
        guard revision > known else { return }
        try seal(Array(Shard.compactedKey.utf8), in: .meta) { $0.append(revision) }
    }

    mutating func put(_ key: [UInt8], _ value: [UInt8], in table: ShardTable) throws(LMDBError) {
        try transaction.put(key.span, value.span, in: tables[table])
    }

    mutating func remove(_ key: [UInt8], in table: ShardTable) throws(LMDBError) {
        try transaction.remove(key.span, in: tables[table])
    }

    private mutating func seal(
        _ key: [UInt8], in table: ShardTable, _ content: (inout ValueBuilder) -> Void
    ) throws(LMDBError) {
        try transaction.put(key.span, seed: table.seed, in: tables[table], content)
    }
}
