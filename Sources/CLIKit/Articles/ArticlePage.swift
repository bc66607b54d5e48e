internal import NewsMessages
internal import NewsModel

/// One article as people read it.
struct ArticlePage {
    let console: Console
    let dates: ArticleDates

    /// Title, subtitle, what is known about it, the paragraphs, what was repaired, and its name.
    func lines(_ article: Article) -> [String] {
        var lines = wrapped(article.title, console.paint.bold)
        if !article.subtitle.isEmpty { lines += wrapped(article.subtitle) }
        let about = [meta(article), byline(article), counters(article)].filter { !$0.isEmpty }
        lines += about.map { console.paint.faint(console.line($0)) }
        for paragraph in paragraphs(article) { lines += [""] + wrapped(paragraph) }
        if let issues = issues(article) { lines += ["", console.paint.faint(issues)] }
        return lines + ["", console.paint.faint(console.line(article.name))]
    }

    private func meta(_ article: Article) -> String {
        let channel = article.channelDisplayName.isEmpty ? article.channel : article.channelDisplayName
        return joined([dates.text(of: article) ?? "no date", channel, article.source, article.editor])
    }

    private func byline(_ article: Article) -> String {
        guard let byline = article.byline else { return "" }
        let groups = [
            ("by", byline.authors), ("reporters", byline.reporters), ("correspondents", byline.correspondents),
        ]
        return joined(groups.map { $0.1.isEmpty ? "" : "\($0.0) \($0.1.joined(separator: ", "))" })
    }

    private func counters(_ article: Article) -> String {
        guard let stats = article.stats else { return "" }
        let counts: [(Counter, Int64, String)] = [
            (.views, stats.viewCount, "views"), (.likes, stats.likeCount, "likes"),
            (.favorites, stats.favoriteCount, "favorites"), (.tips, stats.tipCount, "tips"),
            (.comments, stats.commentCount, "comments"), (.shares, stats.shareCount, "shares"),
        ]
        return joined(counts.map { stats.known.contains($0.0) ? "\($0.1) \($0.2)" : "" })
    }

    /// `320 places repaired (318 certain, 2 derived), 1 left as it was`.
    private func issues(_ article: Article) -> String? {
        let all = article.textIssues
        guard !all.isEmpty else { return nil }
        let certain = all.count { $0.confidence == .certain }
        let derived = all.count { $0.confidence == .derived }
        let left = all.count - certain - derived
        var parts: [String] = []
        if certain + derived > 0 {
            let places = CountText.text(certain + derived, "place")
            parts.append("\(places) repaired (\(certain) certain, \(derived) derived)")
        }
        if left > 0 { parts.append("\(left) left as \(left == 1 ? "it was" : "they were")") }
        return parts.joined(separator: ", ")
    }

    /// Plain text has an empty line between paragraphs; other kinds of text are shown as they are.
    private func paragraphs(_ article: Article) -> [String] {
        let body = article.body.isEmpty ? article.excerpt : article.body
        guard !body.isEmpty else { return [] }
        guard article.bodyFormat == .unspecified || article.bodyFormat == .plain else { return [body] }
        return body.split(separator: "\n\n").map(String.init)
    }

    private func wrapped(_ text: String, _ paint: (String) -> String = { $0 }) -> [String] {
        console.block(text).split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
            console.columns.map { console.width.wrapped(String(line), to: $0) } ?? [String(line)]
        }.map(paint)
    }

    private func joined(_ parts: [String]) -> String {
        parts.filter { !$0.isEmpty }.joined(separator: " \(console.symbols.dot) ")
    }
}
