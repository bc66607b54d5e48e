internal import NewsClient
internal import NewsMessages
internal import NewsModel
internal import ProtoJSON

/// Prints what became of articles that a command has changed.
struct WritePrinter {
    static let formats: [OutputFormat] = [.text, .json, .jsonl, .name]

    private let session: Session
    private let shape: ArticleShape
    private let isList: Bool
    private var nodes: [JSONNode] = []
    private var failureCount = 0

    /// - Parameter isList: whether several were asked for: JSON is then an array, and a failure is one of many.
    init(_ session: Session, isList: Bool) throws {
        self.session = session
        self.isList = isList
        shape = try ArticleShape()
    }

    /// - Parameter text: what people read, without the name.
    mutating func print(_ article: Article, _ text: String) throws {
        switch session.console.format {
        case .json: nodes.append(try shape.node(of: article))
        case .jsonl: try session.console.print(try shape.node(of: article))
        case .name: try session.console.print([article.name])
        default: try session.console.print([session.console.line("\(article.name) \(text)")])
        }
    }

    /// Runs a call for each name. What fails for one of many is said, and the others go on.
    mutating func each(_ names: [String], _ body: (String) async throws -> (Article, String)) async throws {
        for name in names {
            do {
                let (article, text) = try await body(name)
                try print(article, text)
            } catch let error as RPCError where isList && error.origin == .server {
                failureCount += 1
                try session.console.warn("\(name): \(error.description)")
            }
        }
    }

    func finish() throws -> Termination {
        if session.console.format == .json {
            if isList {
                try session.console.print(JSONNode.array(nodes))
            } else if let node = nodes.first {
                try session.console.print(node)
            }
        }
        return failureCount == 0 ? .success : .partial
    }
}

/// An id for a request, so that it can be repeated without being done twice.
enum RequestID {
    static func made() -> String {
        Hex.text((0..<16).map { _ in .random(in: 0 ... .max) })
    }
}
