internal import ArgumentParser
internal import NewsClient
internal import NewsMessages
internal import ProtoJSON

struct GetCommand: NewsCommand {
    static let formats: [OutputFormat] = [.text, .json, .jsonl]
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print articles in full.",
        usage: "newsrpc-cli get <name> ... [<options>]",
        discussion: discussion(
            "Names are articles/ID or ID alone; '-' reads names from the input, one on each line.",
            examples: ["get 20240313-0h2v8k4mq1ts", "list --since -7d -o name | newsrpc-cli get - -o jsonl"]))

    @Argument(help: .init("Articles to print.", valueName: "name"))
    var names: [String]

    @Flag(help: "Print the capture that the article was taken from.")
    var raw = false

    @OptionGroup var global: GlobalOptions

    func run(_ session: Session) async throws -> Termination {
        let names = try ArticleNames.resolved(names, session)
        guard !names.isEmpty else {
            try session.console.note("no articles")
            return .success
        }
        let channel = try session.channel()
        let view: ArticleView = raw ? .capture : .full
        var printer = try FullPrinter(session, isRaw: raw, isList: names.count > 1)
        if names.count == 1 {
            var request = GetArticleRequest()
            request.name = names[0]
            request.view = view
            try printer.print([try await channel.getArticle(request, options: session.options())])
        } else {
            let batches = ArticleBatches(channel: channel, view: view, options: session.options())
            try await batches.read(names) { answer in
                try printer.print(answer.articles)
                for name in answer.missingNames { try printer.miss(name) }
            }
        }
        return try printer.finish()
    }
}

/// Reads many articles in few calls.
struct ArticleBatches {
    /// Most names that one call may have.
    private static let sizeMax = 100

    let channel: any CallChannel
    let view: ArticleView
    let options: CallOptions

    func read(_ names: [String], _ body: (BatchGetArticlesResponse) throws -> Void) async throws {
        for start in stride(from: 0, to: names.count, by: Self.sizeMax) {
            try await readSome(names[start..<min(start + Self.sizeMax, names.count)], body)
        }
    }

    /// Long articles may not fit into one answer; then they are asked for in halves.
    private func readSome(
        _ names: ArraySlice<String>, _ body: (BatchGetArticlesResponse) throws -> Void
    ) async throws {
        try Task.checkCancellation()
        var request = BatchGetArticlesRequest()
        request.names = Array(names)
        request.view = view
        request.allowMissing = true
        do {
            try body(try await channel.batchGetArticles(request, options: options))
        } catch let error as RPCError where error.code == .resourceExhausted && names.count > 1 {
            let middle = names.startIndex + names.count / 2
            try await readSome(names[..<middle], body)
            try await readSome(names[middle...], body)
        }
    }
}
