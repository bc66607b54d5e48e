internal import NewsMessages
internal import NewsModel
internal import ProtoJSON

/// Prints the counters of articles.
struct StatsPrinter {
    static let formats: [OutputFormat] = [.text, .json, .jsonl]

    /// What people call them, in the order of their numbers.
    private static var words: [(counter: Counter, word: String, count: KeyPath<ArticleStats, Int64>)] {
        [
            (.views, "views", \.viewCount), (.likes, "likes", \.likeCount), (.favorites, "favorites", \.favoriteCount),
            (.tips, "tips", \.tipCount), (.comments, "comments", \.commentCount), (.shares, "shares", \.shareCount),
        ]
    }

    private let console: Console
    private let shape: ArticleShape

    init(_ console: Console) throws {
        self.console = console
        shape = try ArticleShape()
    }

    /// Of one article.
    func print(_ name: String, _ stats: ArticleStats) throws {
        if console.format != .text { return try console.print(try node(name, stats)) }
        let width = Self.words.map(\.word.count).max() ?? 0
        let lines = Self.words.filter { stats.known.contains($0.counter) }.map { counter in
            console.width.padded(counter.word, to: width + 2) + "\(stats[keyPath: counter.count])"
        }
        try console.print(lines.isEmpty ? ["no counters known"] : lines)
    }

    /// Of several, with their titles.
    func print(_ articles: [Article]) throws {
        switch console.format {
        case .json:
            try console.print(JSONNode.array(try articles.map { try node($0.name, $0.stats ?? ArticleStats()) }))
        case .jsonl:
            for article in articles { try console.print(try node(article.name, article.stats ?? ArticleStats())) }
        default:
            if !articles.isEmpty { try console.print(table(articles)) }
        }
    }

    private func table(_ articles: [Article]) -> [String] {
        let numbers = Self.words.map { Table.Column(title: $0.word, isNumber: true) }
        let table = Table(
            columns: [.init(title: "title", narrowest: 10)] + numbers + [.init(title: "name")],
            width: console.width, limit: console.columns, mark: console.symbols.ellipsis)
        return table.lines(
            articles.map { article in
                let stats = article.stats ?? ArticleStats()
                let counts = Self.words.map { counter in
                    stats.known.contains(counter.counter) ? "\(stats[keyPath: counter.count])" : "-"
                }
                return [console.line(article.title)] + counts + [article.name.dropping(prefix: "articles/")]
            })
    }

    private func node(_ name: String, _ stats: ArticleStats) throws -> JSONNode {
        var article = Article()
        article.name = name
        article.stats = stats
        return try shape.node(of: article)
    }

    /// How often one of them was counted, in a sentence.
    static func text(_ counter: Counter, _ stats: ArticleStats) -> String {
        guard let (_, word, count) = words.first(where: { $0.counter == counter }) else { return "" }
        return CountText.text(stats[keyPath: count], String(word.dropLast()), many: word)
    }
}
