internal import ArgumentParser
internal import NewsClient
internal import NewsMessages
internal import ProtoJSON

struct DeleteCommand: NewsCommand {
    static let formats = WritePrinter.formats
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete articles, for a time or for good.",
        usage: "newsrpc-cli delete <name> ... [<options>]",
        discussion: discussion(
            """
            Names are articles/ID or ID alone; '-' reads names from the input, one on each line. 'undelete' brings an \
            article back until it is purged. Ends with 3 when some of several could not be deleted.
            """,
            examples: [
                "delete 20240313-0h2v8k4mq1ts --purge-after 7d",
                "list --until 2020 -o name | newsrpc-cli delete - --purge-after 0s --yes",
            ]))

    @Argument(help: .init("Articles to delete.", valueName: "name"))
    var names: [String]

    @Option(help: .init("Only if this is the article's etag.", valueName: "etag"))
    var etag: String?

    @Option(help: .init("How long it can come back; 30d when left out. 0s: not at all.", valueName: "time"))
    var purgeAfter: DurationArgument?

    @Flag(help: "An article that is absent or deleted already is no error.")
    var missingOk = false

    @Flag(help: "Check, and delete nothing.")
    var dryRun = false

    @Flag(help: "With --purge-after 0s: really, for good.")
    var yes = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if etag != nil, names.count > 1 { throw ValidationError("--etag goes with one name") }
        if purgeAfter?.duration == .zero, !yes, !dryRun {
            throw ValidationError("--purge-after 0s removes articles for good; say --yes")
        }
    }

    func run(_ session: Session) async throws -> Termination {
        let names = try ArticleNames.resolved(names, session)
        var printer = try WritePrinter(session, isList: names.count > 1)
        let channel = try session.channel()
        try await printer.each(names) { name in
            var request = DeleteArticleRequest()
            request.name = name
            request.etag = etag ?? ""
            request.allowMissing = missingOk
            request.validateOnly = dryRun
            request.requestId = RequestID.made()
            request.purgeDelay = purgeAfter.map { ProtoDuration($0.duration) }
            let answer = try await channel.deleteArticle(request, options: session.writeOptions())
            return (answer, dryRun ? "could be deleted" : text(answer))
        }
        return try printer.finish()
    }

    private func text(_ article: Article) -> String {
        if purgeAfter?.duration == .zero { return "removed" }
        guard let time = article.purgeTime,
            let text = TimestampText.text(seconds: time.seconds, nanoseconds: Int64(time.nanos))
        else { return "is absent" }
        return "deleted until \(text)"
    }
}

struct UndeleteCommand: NewsCommand {
    static let formats = WritePrinter.formats
    static let configuration = CommandConfiguration(
        commandName: "undelete",
        abstract: "Bring deleted articles back.",
        usage: "newsrpc-cli undelete <name> ... [<options>]",
        discussion: discussion(
            """
            Names are articles/ID or ID alone; '-' reads names from the input, one on each line. 'list --deleted' \
            shows what is deleted.
            """,
            examples: [
                "undelete 20240313-0h2v8k4mq1ts",
                "list --deleted -o jsonl | jq -r 'select(.deleteTime).name' | newsrpc-cli undelete -",
            ]))

    @Argument(help: .init("Articles to bring back.", valueName: "name"))
    var names: [String]

    @Option(help: .init("Only if this is the article's etag.", valueName: "etag"))
    var etag: String?

    @Flag(help: "Check, and bring nothing back.")
    var dryRun = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if etag != nil, names.count > 1 { throw ValidationError("--etag goes with one name") }
    }

    func run(_ session: Session) async throws -> Termination {
        let names = try ArticleNames.resolved(names, session)
        var printer = try WritePrinter(session, isList: names.count > 1)
        let channel = try session.channel()
        try await printer.each(names) { name in
            var request = UndeleteArticleRequest()
            request.name = name
            request.etag = etag ?? ""
            request.validateOnly = dryRun
            request.requestId = RequestID.made()
            let answer = try await channel.undeleteArticle(request, options: session.writeOptions())
            return (answer, dryRun ? "could be brought back" : "is back")
        }
        return try printer.finish()
    }
}
