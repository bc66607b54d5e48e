internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// What an UpdateArticle request changes, checked as far as that can be done without the article.
struct ArticlePatch: Sendable {
    /// The request's article, cut down to the fields that count.
    let input: Article
    let fields: Set<ArticleField>
    let zones: ZoneTable
    /// The request's body with its length and hash, made before the writer's turn; `nil`: the body stays.
    private let hashed: Article?

    private static let timeFields: Set<ArticleField> = [.publishTime, .publishTimePrecision, .timeZone]

    init(_ article: Article, _ mask: FieldMask?, zones: ZoneTable, _ check: inout FieldCheck) {
        fields = ArticleField.named(by: mask, in: article, &check)
        input = fields.reduce(Article()) { $1.applied(from: article, to: $0) }
        self.zones = zones
        hashed = fields.contains(.body) ? input.hashed : nil
        // Whether the time is right follows from what is stored as well, see `record`.
        var untimed = input
        if !fields.isSuperset(of: [.publishTime, .publishTimePrecision]) {
            untimed.publishTimePrecision = .unspecified
        }
        check.article(untimed, "article", titleIsRequired: fields.contains(.title), zones: zones)
    }

    /// The stored article with the fields of the patch.
    private func merged(into old: Article) -> Article {
        var merged = fields.reduce(old) { $1.applied(from: input, to: $0) }
        // A time that comes or goes takes the precision with it, unless that is said.
        if fields.contains(.publishTime), !fields.contains(.publishTimePrecision),
            merged.publishTime == nil || merged.publishTimePrecision == .unknown
        {
            merged.publishTimePrecision = .unspecified
        }
        return merged
    }

    /// The record of the article as the patch makes it.
    ///
    /// - Parameter channel: What the channel of the draft is, found or made.
    /// - Throws: When patch and article do not go together.
    func record(
        _ stored: StoredArticle, _ old: Article, _ id: ArticleID,
        channel: (String) throws(StoreError) -> NewsStore.Channel?
    ) throws(PatchError) -> ArticleRecord {
        let merged = merged(into: old)
        let isRetimed =
            !fields.isDisjoint(with: ArticlePatch.timeFields)
            && (merged.publishTime != old.publishTime || merged.timeZone != old.timeZone
                || Precision(merged.publishTimePrecision) != Precision(old.publishTimePrecision))
        if isRetimed {
            var check = FieldCheck()
            check.publishTime(merged, "article")
            if !check.isPassed { throw .refused(Failure(check.violations)) }
        }
        let draft = ArticleDraft(merged, zones: zones, hashesBody: false)
        var article = draft.article
        article.bodyLength = (hashed ?? old).bodyLength
        article.bodySha256 = (hashed ?? old).bodySha256
        article.textIssues = old.textIssues.filter { !isReplaced($0.field) || merged.body == old.body }
        if !isRetimed {
            article.publishTime = old.publishTime
            article.publishTimePrecision = old.publishTimePrecision
            article.timeZone = old.timeZone
        }
        // An excerpt that was made from the earlier body is made anew, unless it is given.
        article = article.excerpted(earlierBody: fields.contains(.excerpt) ? "" : old.body)
        article.name = id.name
        let found = try channelNumber(stored, draft, channel)
        article.channel = found.name
        let full = article.encoded()
        return ArticleRecord(
            id: id, sortInstant: isRetimed ? draft.sort?.instant : stored.header.sortInstant,
            precision: isRetimed ? draft.sort?.precision ?? .unknown : stored.header.precision,
            pageOrder: stored.header.pageOrder, channel: found.number, source: article.source,
            titleDay: titleDay(stored, old, draft, isRetimed: isRetimed), full: full,
            row: EncodedRow.content(of: full), counters: fields.contains(.stats) ? Counters(input.stats) : stored.base,
            expireTime: article.expiry)
    }

    private func isReplaced(_ field: String) -> Bool { ArticleField(rawValue: field).map(fields.contains) ?? false }

    private func channelNumber(
        _ stored: StoredArticle, _ draft: ArticleDraft, _ channel: (String) throws(StoreError) -> NewsStore.Channel?
    ) throws(PatchError) -> (number: UInt32, name: String) {
        guard fields.contains(.channel) else { return (stored.header.channel, draft.channel) }
        guard let text = draft.channelText else { return (0, "") }
        do throws(StoreError) {
            guard let found = try channel(text) else { return (0, ChannelID(displayName: text).name) }
            return (found.number, found.id.name)
        } catch {
            throw .failed(error)
        }
    }

    /// The same title on the same day keeps its place among those that have both.
    private func titleDay(
        _ stored: StoredArticle, _ old: Article, _ draft: ArticleDraft, isRetimed: Bool
    ) -> TitleDay {
        let isRetitled =
            TextFolding.folded(draft.article.title) != TextFolding.folded(old.title)
            || (old.title.isEmpty && draft.article.body != old.body)
        let day = isRetimed ? draft.titleDay.day : stored.titleDay.day
        let hash = isRetitled ? draft.titleDay.titleHash : stored.titleDay.titleHash
        return TitleDay(titleHash: hash, day: day)
    }
}

/// Why a patch makes no article.
enum PatchError: Error {
    case refused(Failure)
    case failed(StoreError)
}
