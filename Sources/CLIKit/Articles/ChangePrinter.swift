internal import NewsMessages
internal import ProtoJSON

/// Prints changes one by one, each on a line of its own that is written at once.
struct ChangePrinter {
    private let console: Console
    private let dates: ArticleDates
    private let shape: ArticleShape

    /// Columns of a table that grows: what is cut or padded cannot wait for the widest.
    private static let widths = [20, 9, 16]

    init(_ console: Console, _ dates: ArticleDates) throws {
        self.console = console
        self.dates = dates
        shape = try ArticleShape()
    }

    func print(_ change: ArticleChange) throws {
        let article = change.article ?? Article()
        switch console.format {
        case .jsonl: try console.print(try shape.node(of: change))
        case .name: try console.print([article.name])
        case .tsv:
            try console.print([
                Delimited.tsv([
                    time(of: change), kind(of: change), String(change.revision), article.name, article.title,
                ])
            ])
        default:
            let cells = [time(of: change), kind(of: change), dates.text(of: article) ?? "-"]
            let head = zip(cells, Self.widths).map { console.width.padded($0, to: $1) }
            let title = article.title.isEmpty ? article.name : article.title
            let line = SafeText.line((head + [title]).joined(separator: "  "), console.symbols)
            try console.print([
                console.columns.map { console.width.cut(line, to: $0, mark: console.symbols.ellipsis) } ?? line
            ])
        }
    }

    private func time(of change: ArticleChange) -> String {
        change.changeTime.flatMap { TimestampText.text(seconds: $0.seconds, nanoseconds: 0) } ?? "-"
    }

    private func kind(of change: ArticleChange) -> String {
        switch change.kind {
        case .created: "created"
        case .updated: "updated"
        case .deleted: "deleted"
        case .undeleted: "undeleted"
        case .purged: "purged"
        case .stats: "stats"
        default: String(change.kind.rawValue)
        }
    }
}
