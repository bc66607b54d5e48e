internal import NewsMessages
internal import ProtoJSON

/// Prints whole articles one after another.
struct FullPrinter {
    private static let separator = String(repeating: "-", count: 40)

    private let console: Console
    private let page: ArticlePage
    private let shape: ArticleShape
    private let isRaw: Bool
    private let isList: Bool
    private var count = 0
    private var missingCount = 0

    /// - Parameter isList: Whether several were asked for: JSON is then an array.
    init(_ session: Session, isRaw: Bool, isList: Bool) throws {
        console = session.console
        page = ArticlePage(console: console, dates: ArticleDates(session.surroundings))
        shape = try ArticleShape()
        self.isRaw = isRaw
        self.isList = isList
    }

    mutating func print(_ articles: [Article]) throws {
        for article in articles {
            switch console.format {
            case .json where isList:
                var text = Array((count == 0 ? "[\n  " : ",\n  ").utf8)
                JSONWriter.append(try shape.node(of: article), to: &text, indent: 2, level: 1)
                try console.output.write(text)
            case .json, .jsonl: try console.print(try shape.node(of: article))
            default:
                if isRaw {
                    try printCapture(of: article)
                } else {
                    if count > 0 { try console.print(["", Self.separator, ""]) }
                    try console.print(page.lines(article))
                }
            }
            count += 1
        }
    }

    mutating func miss(_ name: String) throws {
        missingCount += 1
        try console.warn(missing: name)
    }

    mutating func finish() throws -> Termination {
        if console.format == .json, isList { try console.print([count == 0 ? "[]" : "\n]"]) }
        if missingCount == 0 { return .success }
        return isList ? .partial : .failure
    }

    /// The capture's bytes as they came; on a terminal without what it would obey.
    private mutating func printCapture(of article: Article) throws {
        guard let capture = article.capture else {
            missingCount += 1
            return try console.warn("\(article.name) was not taken from a capture")
        }
        if console.output.isTerminal {
            try console.print([console.block(String(decoding: capture.content, as: UTF8.self))])
        } else {
            try console.output.write(capture.content)
        }
    }
}
