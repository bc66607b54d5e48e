internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// An article that waits to be written.
///
/// Thousands wait to be written together, and the thread that writes is one. So an article is kept once, as the record
/// of a new one: encoded, in a few pieces of memory, which the writer gives back sooner than a draft's many. In the
/// rare case that the record cannot be used the draft is made from it again.
final class PreparedArticle: Sendable {
    let titleDay: TitleDay
    let sort: SortTime?
    let source: String
    /// Of its channel, an id or a display name; `nil`: none.
    let channelText: String?
    private let content: Content

    private enum Content {
        // Far larger than the other, and rare.
        indirect case draft(ArticleDraft)
        case record(Prepared)
    }

    /// The record of a new article, and what it does not say of the draft.
    fileprivate struct Prepared {
        let record: ArticleRecord
        let channel: String
        let pageOrder: UInt16?
        let hasOwnExcerpt: Bool
    }

    /// Makes the record of a new article, now and not on the one thread that writes: of those who read requests there
    /// are several. Without one where its channel is not there yet.
    ///
    /// - Parameter id: What the article is to be called, as far as one knows.
    init(_ draft: consuming ArticleDraft, id: ArticleID, _ channels: ChannelTable) {
        titleDay = draft.titleDay
        sort = draft.sort
        source = draft.article.source
        channelText = draft.channelText
        if let record = draft.preparedRecord(id, channels) {
            content = .record(
                Prepared(
                    record: record, channel: draft.channel, pageOrder: draft.pageOrder,
                    hasOwnExcerpt: !draft.article.excerpt.isEmpty))
        } else {
            content = .draft(draft)
        }
    }

    /// The id under which it has been prepared; `nil`: it has not.
    var preparedID: ArticleID? {
        guard case .record(let prepared) = content else { return nil }
        return prepared.record.id
    }

    /// What its channel was called.
    var channel: String {
        switch content {
        case .draft(let draft): draft.channel
        case .record(let prepared): prepared.channel
        }
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

extension PreparedArticle.Prepared {
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
