internal import NewsImport
internal import NewsMessages
internal import NewsModel

extension Article {
    /// What a page printed, as an article; without its time, which needs a zone.
    ///
    /// Keywords beyond the limits are left out, since a page may hold anything; other texts are checked afterwards.
    init(_ captured: CapturedArticle) {
        self.init()
        title = captured.title
        subtitle = captured.subtitle
        excerpt = captured.excerpt
        channel = captured.channel ?? ""
        source = captured.source
        editor = captured.editor
        languageCode = captured.languageCode
        labels = Array(
            captured.labels.filter { !$0.isEmpty && $0.unicodeScalars.count <= ArticleLimits.label }
                .prefix(ArticleLimits.labelCount))
        if !captured.authors.isEmpty || !captured.reporters.isEmpty || !captured.correspondents.isEmpty {
            var byline = Byline()
            byline.authors = captured.authors
            byline.reporters = captured.reporters
            byline.correspondents = captured.correspondents
            self.byline = byline
        }
        body = captured.paragraphs.joined(separator: "\n\n")
        bodyFormat = body.isEmpty ? .unspecified : .plain
        stats = ArticleStats(captured.counts)
    }
}

extension ArticleStats {
    /// - Returns: `nil` when the page printed no count.
    init?(_ counts: CapturedCounts) {
        self.init()
        let printed: [(Counter, Int64?, WritableKeyPath<ArticleStats, Int64>)] = [
            (.views, counts.views, \.viewCount), (.likes, counts.likes, \.likeCount),
            (.favorites, counts.favorites, \.favoriteCount), (.tips, counts.tips, \.tipCount),
            (.comments, counts.comments, \.commentCount), (.shares, counts.shares, \.shareCount),
        ]
        for (counter, count, field) in printed {
            guard let count else { continue }
            known.append(counter)
            self[keyPath: field] = count
        }
        if known.isEmpty { return nil }
    }
}

extension TextIssue {
    init(_ issue: CapturedIssue) {
        self.init()
        kind =
            switch issue.kind {
            case .decoding: .decoding
            case .gloss: .gloss
            case .markup: .markup
            case .straddledGloss: .straddledGloss
            case .straddledPunctuation: .straddledPunctuation
            }
        field = issue.field
        offset = Int32(clamping: issue.offset)
        raw = String(issue.raw.unicodeScalars.prefix(ArticleLimits.issueText))
        replacement = String(issue.replacement.unicodeScalars.prefix(ArticleLimits.issueText))
        confidence =
            switch issue.confidence {
            case .certain: .certain
            case .derived: .derived
            case .none: .none
            }
    }
}
