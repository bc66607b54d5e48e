internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// Stores the articles of one page that belong to one shard.
///
/// All is decided before anything is written, so that an article which cannot be read back harms only itself.
struct ImportCommand: StoreCommand {
    enum Kind: Sendable { case created, updated, unchanged }

    enum Outcome: Sendable {
        case stored(ArticleID, Kind)
        case failed(StoreError)
    }

    let period: Period
    let items: [ImportItem]
    let claim: ArticleID?

    /// - Parameter claim: Of an article that its client named; such a one comes alone.
    init(period: Period, items: [ImportItem], claim: ArticleID?) {
        self.period = period
        self.items = items
        self.claim = claim
    }

    /// What is to be done for one item.
    private enum Decision {
        case create(ArticleRecord)
        case replace(ArticleRecord)
        /// Counts or place only: no new version of the article.
        case touch(ArticleRecord)
        case keep(ArticleID)
        case fail(StoreError)
    }

    func apply(to shard: ShardWriter) throws(StoreError) -> [Outcome] {
        var page = Page()
        var decisions: [Decision] = []
        for item in items {
            do throws(StoreError) {
                decisions.append(try decide(item, &page, shard))
            } catch {
                decisions.append(.fail(error))
            }
        }
        var outcomes: [Outcome] = []
        for decision in decisions {
            switch decision {
            case .create(let record):
                _ = try shard.put(record)
                outcomes.append(.stored(record.id, .created))
            case .replace(let record):
                _ = try shard.put(record)
                outcomes.append(.stored(record.id, .updated))
            case .touch(let record):
                try shard.setPlace(record.id, pageOrder: record.pageOrder)
                try shard.setBase(record.id, record.counters)
                outcomes.append(.stored(record.id, .updated))
            case .keep(let id): outcomes.append(.stored(id, .unchanged))
            case .fail(let error): outcomes.append(.failed(error))
            }
        }
        return outcomes
    }

    /// What the items before have taken: no two items of one page are the same article.
    private struct Page {
        var taken: Set<ArticleID> = []
        /// Articles to be made, which the shard does not know yet.
        var made: [TitleDay: Int] = [:]
    }

    private func decide(_ item: ImportItem, _ page: inout Page, _ shard: ShardWriter) throws(StoreError)
        -> Decision
    {
        var channel: NewsStore.Channel?
        if let text = item.article.channelText { channel = try shard.channel(named: text, create: true) }
        if let id = item.id {
            guard let stored = try shard.article(id) else { return .create(item.article.record(id, channel: channel)) }
            return try merge(item.article.draft, into: stored, id, channel, isNamed: true)
        }
        let candidates = try shard.candidates(titleDay: item.article.titleDay)
        if let (id, stored) = try match(item.article.source, candidates, page, shard) {
            page.taken.insert(id)
            return try merge(item.article.draft, into: stored, id, channel, isNamed: false)
        }
        let id = try freeID(item, from: candidates.count + page.made[item.article.titleDay, default: 0], page, shard)
        // Of one item alone nobody asks; hashing costs as much as an entry.
        if items.count > 1 {
            page.taken.insert(id)
            page.made[item.article.titleDay, default: 0] += 1
        }
        return .create(item.article.record(id, channel: channel))
    }

    /// The article that the item is: of those with its title and day, the first with its source, else the first where
    /// one of the two has none.
    private func match(
        _ wanted: String, _ candidates: [ArticleID], _ page: Page, _ shard: ShardWriter
    ) throws(StoreError) -> (ArticleID, StoredArticle)? {
        var open: (ArticleID, StoredArticle)?
        for id in candidates where !page.taken.contains(id) {
            guard let stored = try shard.article(id) else { continue }
            let source = try stored.article(id, in: period).source
            if source == wanted { return (id, stored) }
            if open == nil, source.isEmpty || wanted.isEmpty { open = (id, stored) }
        }
        return open
    }

    private func merge(
        _ draft: ArticleDraft, into stored: StoredArticle, _ id: ArticleID, _ channel: NewsStore.Channel?,
        isNamed: Bool
    ) throws(StoreError) -> Decision {
        // What somebody deleted does not come back by an import. A page says nothing of it; a client that names the
        // article is told.
        if stored.header.isDeleted { return isNamed ? .fail(.deleted(id)) : .keep(id) }
        let record = ArticleRecord(stored, try stored.article(id, in: period), mergedWith: draft, id, channel: channel)
        guard record.full == stored.full, record.channel == stored.header.channel else { return .replace(record) }
        let isSame = record.counters == stored.base && record.pageOrder == stored.header.pageOrder
        return isSame ? .keep(id) : .touch(record)
    }

    private func freeID(
        _ item: ImportItem, from ordinal: Int, _ page: Page, _ shard: ShardWriter
    ) throws(StoreError) -> ArticleID {
        var ordinal = ordinal
        while true {
            let first = ordinal == 0 ? item.article.preparedID : nil
            let id = first ?? item.article.titleDay.id(ordinal: ordinal, sortDay: item.article.sort?.day)
            if !page.taken.contains(id), try !shard.holds(id) { return id }
            ordinal += 1
        }
    }
}
