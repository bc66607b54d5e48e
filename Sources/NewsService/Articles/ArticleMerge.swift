internal import NewsMessages
internal import NewsModel

extension Article {
    /// This stored article with what a newly imported one (an `ArticleDraft.article`) adds.
    ///
    /// What is given replaces what was there; what is not given stays. A row of a listing says less than the article's
    /// own page, so once there is a body, something without one only fills gaps. Importing either again, in any order,
    /// then changes nothing but counts.
    func merged(with newer: Article) -> Article {
        let isRicher = !newer.body.isEmpty || body.isEmpty
        func pick(_ old: String, _ new: String) -> String { new.isEmpty || (!isRicher && !old.isEmpty) ? old : new }
        var result = self
        if TextFolding.folded(title) != TextFolding.folded(newer.title) { result.title = pick(title, newer.title) }
        result.subtitle = pick(subtitle, newer.subtitle)
        result.excerpt = pick(excerpt, newer.excerpt)
        result.channel = pick(channel, newer.channel)
        result.source = pick(source, newer.source)
        result.editor = pick(editor, newer.editor)
        result.languageCode = pick(languageCode, newer.languageCode)
        result.canonicalUri = pick(canonicalUri, newer.canonicalUri)
        if let time = newer.expireTime { result.expireTime = time }
        if let byline = newer.byline, byline != Byline(), isRicher || self.byline == nil { result.byline = byline }
        if !newer.labels.isEmpty, isRicher || labels.isEmpty { result.labels = newer.labels }
        if isRicher {
            // Damage belongs to a capture's text. Who sends the same text again without it, as a list of articles does,
            // has not mended it.
            if !newer.textIssues.isEmpty || newer.body != body { result.textIssues = newer.textIssues }
            if !newer.body.isEmpty {
                result.body = newer.body
                result.bodyFormat = newer.bodyFormat
                result.bodyLength = newer.bodyLength
                result.bodySha256 = newer.bodySha256
            }
        }
        if newer.isTimed(atLeastAs: self) {
            result.publishTime = newer.publishTime
            result.publishTimePrecision = newer.publishTimePrecision
            result.timeZone = newer.timeZone
        }
        return result.excerpted(earlierBody: body)
    }

    /// Whether its time replaces that of `older`: the finer one stays.
    private func isTimed(atLeastAs older: Article) -> Bool {
        guard publishTime != nil else { return false }
        guard older.publishTime != nil, let own = Precision(publishTimePrecision),
            let theirs = Precision(older.publishTimePrecision)
        else { return true }
        return !theirs.isFiner(than: own)
    }
}
