/// Divides a page into its main article and the rows of its listing.
struct PageReader {
    let text: CaptureText
    let lines: [PageLine]

    func read() -> CapturedPage {
        var page = CapturedPage()
        let channel = lines.lazy.compactMap(Furniture.channel).first
        let rows = ListingRows.fusedRows(lines, isStub: isStub)
        let bodyEnd = rows.first?.title ?? lines.count
        var article: CapturedArticle?
        if rows.isEmpty, let listing = listingPage() {
            page.title = listing.title
            page.articles = listing.rows.enumerated().map { captured($1, order: $0 + 1, channel: nil) }
        } else {
            var reader = ArticleReader(lines: Array(lines[..<bodyEnd]), isDestoon: channel != nil || !rows.isEmpty)
            article = reader.read()
            page.breadcrumb = reader.breadcrumb
            page.articles = rows.enumerated().map { captured($1, order: $0 + 1, channel: channel) }
        }
        if var article {
            if let channel, !channel.isEmpty { article.channel = channel }
            article.rawText = text.scalars[...].text
            article.issues += lines[bodyEnd...].flatMap { line in
                rows.contains { $0.covers(line.index) } ? [] : line.issues
            }
            page.title = article.title
            page.articles.insert(article, at: 0)
        }
        tellLanguages(&page)
        return page
    }

    /// A line that ends what stands above a listing.
    private func isStub(_ line: PageLine) -> Bool {
        Furniture.engagement(line) != nil || Furniture.isEmptyComments(line) || Furniture.isEnding(line)
            || Furniture.channel(line) != nil
    }

    /// A page that only lists articles, by dated lines.
    private func listingPage() -> (title: String, rows: [ListingRow])? {
        guard let rows = ListingRows.datedRows(lines), let first = rows.first else { return nil }
        let heading = lines[..<first.title].first {
            !$0.isBlank && !$0.isProse && !ListingRows.isMonthHeading($0.folded) && !Furniture.isMenuLine($0)
                && Furniture.breadcrumb($0) == nil
        }
        return (heading?.text ?? "", rows)
    }

    private func captured(_ row: ListingRow, order: Int, channel: String?) -> CapturedArticle {
        var article = CapturedArticle(kind: .listingRow, line: row.title + 1)
        article.title = lines[row.title].shown[row.titleRange].text
        if !row.excerpts.isEmpty {
            article.excerptRaw = lines[row.excerpts].map { $0.untrimmed[...].text }.joined(separator: "\n")
            article.excerpt = Array(article.excerptRaw.unicodeScalars)[...].trimmed.text
        }
        article.published = row.published
        article.counts.views = row.views
        article.counts.comments = row.comments
        article.pageOrder = order
        if let channel, !channel.isEmpty { article.channel = channel }
        for line in lines[row.title...row.last] {
            let field = line.index == row.title ? "title" : row.excerpts.contains(line.index) ? "excerpt" : ""
            article.issues += line.issues.map { $0.naming(field) }
        }
        article.rawText = text.scalars[lines[row.title].range.lowerBound..<lines[row.last].range.upperBound].text
        return article
    }

    /// Articles too short to tell their script have the page's.
    private func tellLanguages(_ page: inout CapturedPage) {
        var whole = LanguageCount()
        var counts: [LanguageCount] = []
        for article in page.articles {
            var count = LanguageCount()
            for text in [article.title, article.subtitle, article.excerpt] + article.paragraphs { count.add(text) }
            whole.add(count)
            counts.append(count)
        }
        for (index, count) in counts.enumerated() {
            page.articles[index].languageCode = count.code(within: whole)
        }
    }
}

extension ListingRow {
    func covers(_ line: Int) -> Bool { title...last ~= line }
}

extension CapturedIssue {
    func naming(_ field: String) -> CapturedIssue {
        var issue = self
        issue.field = field
        return issue
    }
}
