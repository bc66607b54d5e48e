internal import ArgumentParser
internal import NewsClient
internal import NewsMessages
internal import ProtoJSON

struct UpdateCommand: NewsCommand {
    static let formats = WritePrinter.formats
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change fields of an article.",
        usage: "newsrpc-cli update <name> [<options>]",
        discussion: discussion(
            """
            Fields are those of the contract: title, subtitle, excerpt, body, source, editor, channel, labels, \
            publish_time, byline.authors, ...; lists have commas between their items. A file is JSON as 'get -o json' \
            prints it: what it has is changed, and its etag must still be the article's.
            """,
            examples: [
                "update 20240313-0h2v8k4mq1ts --set source=新华社 --clear subtitle",
                "update 20240313-0h2v8k4mq1ts -f article.json",
            ]))

    @Argument(help: .init("Article to change.", valueName: "name"))
    var name: String

    @OptionGroup var fields: ArticleFieldOptions

    @Option(help: .init("Empty a field; repeatable.", valueName: "field"))
    var clear: [String] = []

    @Option(help: .init("Only if this is the article's etag.", valueName: "etag"))
    var etag: String?

    @Flag(help: "Make the article when there is none.")
    var upsert = false

    @OptionGroup var global: GlobalOptions

    func run(_ session: Session) async throws -> Termination {
        var edit = try fields.edit(session.surroundings)
        for field in clear { edit.clear(field) }
        guard !edit.isEmpty else { throw UsageError(message: "nothing to change; see --set, --clear and --file") }
        var request = UpdateArticleRequest()
        var article = try edit.article()
        article.name = ArticleNames.resolved(name)
        if let etag { article.etag = etag }
        request.article = article
        request.updateMask = FieldMask()
        request.updateMask?.paths = edit.mask
        request.allowMissing = upsert
        request.validateOnly = fields.dryRun
        request.requestId = RequestID.made()
        var printer = try WritePrinter(session, isList: false)
        let answer = try await session.channel().updateArticle(request, options: session.writeOptions())
        try printer.print(answer, fields.dryRun ? "could be updated" : "updated, etag \(answer.etag)")
        return try printer.finish()
    }
}
