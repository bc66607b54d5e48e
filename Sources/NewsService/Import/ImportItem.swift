internal import NewsModel
internal import NewsStore

/// One article of a request: what the writer needs to find its like, and what is to be written.
struct ImportItem: Sendable {
    /// Place of its result in the answer.
    let index: Int
    /// Set when the client named the article.
    let id: ArticleID?
    /// Prepared, if it is, as the first of its title and day.
    let article: PreparedArticle

    init(index: Int, draft: consuming ArticleDraft, id: ArticleID?, _ channels: ChannelTable) {
        self.index = index
        self.id = id
        let firstID = id ?? draft.titleDay.id(ordinal: 0, sortDay: draft.sortDay)
        article = PreparedArticle(draft, id: firstID, channels)
    }
}
