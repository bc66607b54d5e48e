internal import ArgumentParser
internal import NewsClient
internal import NewsMessages

struct CreateCommand: NewsCommand {
    static let formats = WritePrinter.formats
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Store a new article.",
        usage: "newsrpc-cli create [<options>]",
        discussion: discussion(
            """
            Fields are those of 'update': title, body, source, channel, publish_time, labels, ...; a file is JSON as \
            'get -o json' prints it. The title is required.
            """,
            examples: [
                "create --set title=通知 --set publish_time=2026-02-27T07:55:00Z --set channel=资讯",
                "create -f article.json --id my-own-id",
            ]))

    @OptionGroup var fields: ArticleFieldOptions

    @Option(help: .init("Id to give it; else the server makes one.", valueName: "id"))
    var id: String?

    @Option(help: .init("Id of the request: repeated within a day, it is done once.", valueName: "id"))
    var requestID: String?

    @Flag(help: "Refuse a channel that does not exist; else it is made.")
    var requireChannel = false

    @OptionGroup var global: GlobalOptions

    func run(_ session: Session) async throws -> Termination {
        let edit = try fields.edit(session.surroundings)
        guard !edit.isEmpty else { throw UsageError(message: "nothing to store; see --set and --file") }
        var request = CreateArticleRequest()
        request.article = try edit.article()
        request.articleId = id ?? ""
        request.requestId = requestID ?? RequestID.made()
        request.requireChannel = requireChannel
        request.validateOnly = fields.dryRun
        var printer = try WritePrinter(session, isList: false)
        let answer = try await session.channel().createArticle(request, options: session.writeOptions())
        try printer.print(answer, fields.dryRun ? "could be stored" : "stored")
        return try printer.finish()
    }
}
