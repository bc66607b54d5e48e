internal import NewsMessages
internal import ProtoJSON

/// Prints lists of articles in every format, page by page where the format allows it.
struct ArticleListing {
    let session: Session
    private var console: Console { session.console }

    /// - Returns: `.partial` when the server could not read some of the articles.
    func print(_ pages: ArticlePages) async throws -> Termination {
        var pages = pages
        var count = 0
        var unreachable: [String] = []
        var printer = try ListPrinter(console, ArticleDates(session.surroundings))
        while let page = try await next(&pages) {
            if count == 0, unreachable.isEmpty { try console.detail(bounds(page)) }
            try printer.print(page.articles)
            count += page.articles.count
            unreachable += page.unreachable
        }
        try printer.finish()
        if count == 0, !Task.isCancelled { try console.note("no articles") }
        if pages.isCutOff, console.output.isTerminal { try console.note("there are more; --limit 0 lists all") }
        for name in unreachable { try console.warn("\(name) could not be read; the list lacks it") }
        return unreachable.isEmpty ? .success : .partial
    }

    /// The next page. A list that is interrupted ends with what there is.
    private func next(_ pages: inout ArticlePages) async throws -> ListArticlesResponse? {
        do { return try await pages.next() } catch {
            if Task.isCancelled { return nil }
            throw error
        }
    }

    /// What the server took `since` and `until` for.
    private func bounds(_ page: ListArticlesResponse) -> String {
        func text(_ time: Timestamp?) -> String {
            time.flatMap { TimestampText.text(seconds: $0.seconds, nanoseconds: Int64($0.nanos)) } ?? "any time"
        }
        return "from \(text(page.resolvedSince)) to \(text(page.resolvedUntil))"
    }
}

/// Prints articles as they come; tables wait for the last, whose columns may be the widest.
struct ListPrinter {
    private let console: Console
    private let columns: ArticleColumns
    private let shape: ArticleShape
    private var rows: [[String]] = []
    private var count = 0

    init(_ console: Console, _ dates: ArticleDates) throws {
        self.console = console
        columns = ArticleColumns(console.format, dates)
        shape = try ArticleShape()
    }

    mutating func print(_ articles: [Article]) throws {
        switch console.format {
        case .table, .wide, .text:
            rows += articles.map { columns.fields(of: $0, unknown: "-").map { SafeText.line($0, console.symbols) } }
        case .name: try console.print(articles.map(\.name))
        case .csv, .tsv:
            let delimited = console.format == .csv ? Delimited.csv : Delimited.tsv
            let head = count == 0 && !articles.isEmpty ? [columns.names] : []
            try console.print((head + articles.map { columns.fields(of: $0, unknown: "") }).map(delimited))
        case .jsonl: for article in articles { try console.print(try shape.node(of: article)) }
        case .json:
            for (place, article) in articles.enumerated() {
                var text = Array((count + place == 0 ? "[\n  " : ",\n  ").utf8)
                JSONWriter.append(try shape.node(of: article), to: &text, indent: 2, level: 1)
                try console.output.write(text)
            }
        }
        count += articles.count
    }

    mutating func finish() throws {
        switch console.format {
        case .table, .wide, .text:
            guard !rows.isEmpty else { return }
            let table = Table(
                columns: columns.tableColumns, width: console.width, limit: console.columns,
                mark: console.symbols.ellipsis)
            var lines = table.lines(rows)
            lines[0] = console.paint.bold(lines[0])
            try console.print(lines)
        case .json: try console.print([count == 0 ? "[]" : "\n]"])
        case .csv, .tsv:
            if count == 0 {
                try console.print([(console.format == .csv ? Delimited.csv : Delimited.tsv)(columns.names)])
            }
        case .jsonl, .name: break
        }
    }
}
