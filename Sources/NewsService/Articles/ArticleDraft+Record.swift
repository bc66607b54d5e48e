internal import NewsMessages
internal import NewsModel
internal import NewsStore

extension ArticleDraft {
    /// The record of a new article.
    func record(_ id: ArticleID, channel: NewsStore.Channel?) -> ArticleRecord {
        var article = article
        article.addExcerpt()
        article.name = id.name
        article.channel = channel?.id.name ?? ""
        let full = article.encoded()
        return ArticleRecord(
            id: id, sortInstant: sort?.instant, precision: sort?.precision ?? .unknown, pageOrder: pageOrder ?? 0,
            channel: channel?.number ?? 0, source: article.source, titleDay: titleDay, full: full,
            row: EncodedRow.content(of: full), capture: capture, counters: counters, expireTime: article.expiry)
    }

    /// The record of a new article; `nil` when its channel is not there yet.
    func preparedRecord(_ id: ArticleID, _ channels: ChannelTable) -> ArticleRecord? {
        let text = channelText
        let channel = text.flatMap { channels.channel(named: $0) }
        return channel == nil && text != nil ? nil : record(id, channel: channel)
    }

    /// What the store asks for to find or make the channel: an id or a display name; `nil` for none.
    var channelText: String? {
        if let id = ChannelID(name: channel) { return id.text }
        let name = TextFolding.folded(channel)
        return name.isEmpty ? nil : name
    }
}

extension ArticleRecord {
    /// Whether a record that was made before is that of the article under this id and in this channel.
    func fits(_ id: ArticleID, _ channel: NewsStore.Channel?) -> Bool {
        self.id == id && self.channel == channel?.number ?? 0
    }
}

extension Article {
    /// From when on it is not shown; `nil`: it always is.
    var expiry: Instant? { expireTime.flatMap { Instant($0) } }
}

extension ArticleRecord {
    /// The record of a stored article after a draft has been merged into it.
    ///
    /// Its place in time stays unless the draft's time replaced that of the article.
    init(
        _ stored: StoredArticle, _ old: Article, mergedWith draft: ArticleDraft, _ id: ArticleID,
        channel: NewsStore.Channel?
    ) {
        var newer = draft.article
        newer.channel = channel?.id.name ?? ""
        let article = old.merged(with: newer)
        let isRicher = !newer.body.isEmpty || old.body.isEmpty
        let takesTime =
            article.publishTime == newer.publishTime && newer.publishTime != nil
            && article.publishTimePrecision == newer.publishTimePrecision
        let takesChannel = channel != nil && article.channel == newer.channel
        let full = article.encoded()
        self.init(
            id: id, sortInstant: takesTime ? draft.sort?.instant : stored.header.sortInstant,
            precision: takesTime ? draft.sort?.precision ?? .unknown : stored.header.precision,
            pageOrder: draft.pageOrder ?? stored.header.pageOrder,
            channel: takesChannel ? channel?.number ?? 0 : stored.header.channel, source: article.source,
            titleDay: TextFolding.folded(article.title) == TextFolding.folded(old.title)
                ? stored.titleDay : draft.titleDay,
            full: full, row: EncodedRow.content(of: full), capture: isRicher ? draft.capture : [],
            counters: stored.base.replaced(by: draft.counters), expireTime: article.expiry)
    }
}
