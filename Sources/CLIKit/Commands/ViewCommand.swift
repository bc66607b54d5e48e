internal import ArgumentParser
internal import NewsClient
internal import NewsMessages
internal import NewsModel
internal import ProtoJSON

struct ViewCommand: NewsCommand {
    static let formats: [OutputFormat] = [.text, .json, .jsonl]
    static let configuration = CommandConfiguration(
        commandName: "view",
        abstract: "Count views of articles.",
        usage: "newsrpc-cli view <name>[=<count>] ... [<options>]",
        discussion: discussion(
            """
            Names are articles/ID or ID alone, with =COUNT for more than one view; '-' reads them from the input, one \
            on each line. The server begins to write views within a second: a crash may lose those of the last two. \
            Ends with 3 when some of several articles are absent or deleted, or cannot be read or written, and with \
            1 when the only one is.
            """,
            examples: ["view 20240313-0h2v8k4mq1ts=12", "view - < views.txt"]))

    @Argument(help: .init("Articles that were viewed, and how often.", valueName: "name"))
    var names: [String]

    @OptionGroup var global: GlobalOptions

    /// Most articles of one call, and most views of one of them.
    private static let (articlesMax, countMax) = (1000, 1_000_000)

    func run(_ session: Session) async throws -> Termination {
        let views = try ArticleNames.resolved(names, session).map(Self.delta)
        let channel = try session.channel()
        var total = RecordViewsResponse()
        for start in stride(from: 0, to: views.count, by: Self.articlesMax) {
            var request = RecordViewsRequest()
            request.views = Array(views[start..<min(start + Self.articlesMax, views.count)])
            request.requestId = RequestID.made()
            let answer: RecordViewsResponse
            do {
                answer = try await channel.recordViews(request, options: session.writeOptions())
            } catch {
                if views.count > Self.articlesMax {
                    try report(total, session.console)
                    try Self.tell(unfinished: views[start...], session.console)
                }
                throw error
            }
            total.recordedCount += answer.recordedCount
            total.missingNames += answer.missingNames
            total.errors += answer.errors
        }
        try report(total, session.console)
        if total.missingNames.isEmpty, total.errors.isEmpty { return .success }
        return views.count > 1 ? .partial : .failure
    }

    /// - Parameter views: Of the call that failed, which may have been counted, and of those that were to follow.
    private static func tell(unfinished views: ArraySlice<ViewDelta>, _ console: Console) throws {
        if let first = views.first { try console.warn("the call that failed began with \"\(first.name)\"") }
        let rest = views.dropFirst(articlesMax)
        if let next = rest.first {
            try console.warn("\"\(next.name)\" was not sent, nor what comes after it")
        }
    }

    private func report(_ total: RecordViewsResponse, _ console: Console) throws {
        if console.format == .text {
            try console.print([CountText.text(total.recordedCount, "view") + " recorded"])
        } else {
            try console.print(try ArticleShape().plain(total))
        }
        for name in total.missingNames { try console.warn(missing: name) }
        for item in total.errors {
            try console.warn("\(item.name): \(item.error?.message ?? "its views were not added")")
        }
    }

    private static func delta(_ text: String) throws -> ViewDelta {
        var delta = ViewDelta()
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        delta.name = String(parts[0])
        delta.viewCount = 1
        guard parts.count > 1 else { return delta }
        guard parts.count == 2, let count = Int(parts[1]), (1...countMax).contains(count) else {
            throw UsageError(message: "\"\(text)\": a count is 1 to \(countMax)")
        }
        delta.viewCount = Int64(count)
        return delta
    }
}
