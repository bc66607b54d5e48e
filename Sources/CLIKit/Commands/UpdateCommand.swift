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

    @Option(name: .customLong("set"), help: .init("Give a field a value; repeatable.", valueName: "field=value"))
    var settings: [String] = []

    @Option(help: .init("Empty a field; repeatable.", valueName: "field"))
    var clear: [String] = []

    @Option(name: [.short, .long], help: .init("JSON with the fields; '-' is the input.", valueName: "file"))
    var file: String?

    @Option(help: .init("Only if this is the article's etag.", valueName: "etag"))
    var etag: String?

    @Flag(help: "Make the article when there is none.")
    var upsert = false

    @Flag(help: "Check, and change nothing.")
    var dryRun = false

    @OptionGroup var global: GlobalOptions

    func run(_ session: Session) async throws -> Termination {
        var edit = ArticleEdit()
        if let file { try edit.take(file: file, session.surroundings) }
        for setting in settings { try edit.take(setting: setting) }
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
        request.validateOnly = dryRun
        request.requestId = RequestID.made()
        var printer = try WritePrinter(session, isList: false)
        let answer = try await session.channel().updateArticle(request, options: session.writeOptions())
        try printer.print(answer, dryRun ? "could be updated" : "updated, etag \(answer.etag)")
        return try printer.finish()
    }
}
