internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// One article of a request: what the writer needs to find its like, and what is to be written.
///
/// Thousands wait to be written together. So an article is kept once, as the record of a new one: encoded, in a few
/// pieces of memory. In the rare case that the record cannot be used the draft is made from it again.
final class ImportItem: Sendable {
    /// Place of its result in the answer.
    let index: Int
    /// Set when the client named the article.
    let id: ArticleID?
    let titleDay: TitleDay
    let sort: SortTime?
    let source: String
    /// Of its channel, an id or a display name; `nil`: none.
    let channelText: String?
    private let content: Content

    private enum Content {
        case draft(ArticleDraft)
        case record(Prepared)
    }

    /// The record of a new article, the first of its title and day, and what it does not say of the draft.
    fileprivate struct Prepared {
        let record: ArticleRecord
        let channel: String
        let pageOrder: UInt16?
        let hasOwnExcerpt: Bool
    }

    init(index: Int, draft: ArticleDraft, id: ArticleID?) {
        self.index = index
        self.id = id
        titleDay = draft.titleDay
        sort = draft.sort
        source = draft.article.source
        channelText = draft.channelText
        content = .draft(draft)
    }

    private init(_ item: ImportItem, _ prepared: Prepared) {
        (index, id, titleDay, sort) = (item.index, item.id, item.titleDay, item.sort)
        (source, channelText) = (item.source, item.channelText)
        content = .record(prepared)
    }

    /// The same with the record of a new article, made now and not by the one thread that writes. Without one where its
    /// channel is not there yet.
    func prepared(_ channels: ChannelTable) -> ImportItem {
        guard case .draft(let draft) = content else { return self }
        let id = id ?? titleDay.id(ordinal: 0, sortDay: sort?.day)
        guard let record = draft.preparedRecord(id, channels) else { return self }
        return ImportItem(
            self,
            Prepared(
                record: record, channel: draft.channel, pageOrder: draft.pageOrder,
                hasOwnExcerpt: !draft.article.excerpt.isEmpty))
    }

    /// The id for the first article of its title and day, when it is known.
    var preparedID: ArticleID? {
        guard case .record(let prepared) = content else { return nil }
        return prepared.record.id
    }

    /// What is to be written if the article is new.
    func record(_ id: ArticleID, channel: NewsStore.Channel?) -> ArticleRecord {
        if case .record(let prepared) = content, prepared.record.fits(id, channel) { return prepared.record }
        return draft.record(id, channel: channel)
    }

    var draft: ArticleDraft {
        switch content {
        case .draft(let draft): draft
        case .record(let prepared): prepared.draft(sort)
        }
    }
}

extension ImportItem.Prepared {
    /// The draft that the record was made from: `ArticleDraft.record`, undone.
    fileprivate func draft(_ sort: SortTime?) -> ArticleDraft {
        guard var article = try? Article(decoding: record.full.span) else {
            preconditionFailure("a record that was just encoded cannot be decoded")
        }
        article.name = ""
        article.channel = ""
        if !hasOwnExcerpt { article.excerpt = "" }
        return ArticleDraft(
            article: article, channel: channel, sort: sort, titleDay: record.titleDay, counters: record.counters,
            pageOrder: pageOrder, capture: record.capture)
    }
}
