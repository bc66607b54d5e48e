internal import ArgumentParser
internal import NewsClient
internal import NewsMessages
internal import ProtoJSON

struct StatsCommand: NewsCommand {
    static let formats = StatsPrinter.formats
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Print how often articles were viewed, liked and shared.",
        usage: "newsrpc-cli stats <name> ... [<options>]",
        discussion: discussion(
            """
            Names are articles/ID or ID alone; '-' reads names from the input, one on each line. A '-' in the table \
            is a counter that nobody knows. Ends with 3 when some of several articles are absent.
            """,
            examples: ["stats 20240313-0h2v8k4mq1ts", "list --since -7d -o name | newsrpc-cli stats -"]))

    @Argument(help: .init("Articles to look at.", valueName: "name"))
    var names: [String]

    @OptionGroup var global: GlobalOptions

    func run(_ session: Session) async throws -> Termination {
        let names = try ArticleNames.resolved(names, session)
        let printer = try StatsPrinter(session.console)
        let channel = try session.channel()
        if names.count == 1 {
            var request = GetArticleStatsRequest()
            request.name = names[0]
            try printer.print(names[0], try await channel.getArticleStats(request, options: session.options()))
            return .success
        }
        var articles: [Article] = []
        var missing: [String] = []
        let batches = ArticleBatches(channel: channel, view: .basic, options: session.options())
        try await batches.read(names) { answer in
            articles += answer.articles
            missing += answer.missingNames
        }
        try printer.print(articles)
        for name in missing { try session.console.warn(missing: name) }
        return missing.isEmpty ? .success : .partial
    }
}
