internal import ArgumentParser
internal import NewsClient
internal import NewsMessages
internal import ProtoJSON

struct ListCommand: NewsCommand {
    static let formats: [OutputFormat] = [.table, .wide, .json, .jsonl, .csv, .tsv, .name]
    static let pipeFormat = OutputFormat.tsv
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List articles by their date.",
        usage: "newsrpc-cli list [<options>]",
        discussion: discussion(
            "Times are those of 'help times'. Nothing is cut unless the output is a terminal.",
            examples: ["list --since 2026-02", "list --since -7d --source 浙江省药监局 -o jsonl"]))

    enum Order: String, CaseIterable, ExpressibleByArgument {
        case newest, oldest
    }

    @Option(parsing: .unconditional, help: .init("Published at or after.", valueName: "time"))
    var since: String?

    @Option(parsing: .unconditional, help: .init("Published before, or in.", valueName: "time"))
    var until: String?

    @Option(help: .init("Only of this channel, by id or display name.", valueName: "channel"))
    var channel: String?

    @Option(help: .init("Only with exactly this source.", valueName: "source"))
    var source: String?

    @Option(help: .init("Most articles to list; 0: all.", valueName: "count"))
    var limit: Int = 50

    @Option(help: .init("Which come first.", valueName: "order"))
    var sort: Order = .newest

    @Flag(help: "Deleted and expired articles as well.")
    var deleted = false

    @Flag(help: "Say on the standard error what each page took: index, shards, rows, bytes.")
    var trace = false

    @Option(name: .customLong("tz"), help: .init("Zone of --since and --until; else the store's.", valueName: "zone"))
    var zone: String?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit must be 0 or more") }
    }

    func run(_ session: Session) async throws -> Termination {
        var request = ListArticlesRequest()
        request.since = since ?? ""
        request.until = until ?? ""
        request.timeZone = zone ?? ""
        request.orderBy = sort == .newest ? "" : "publish_time"
        request.channel = channel ?? ""
        request.source = source ?? ""
        request.showDeleted = deleted
        var options = session.options()
        if trace { options.metadata.append(MetadataField(ArticlePages.traceField, "1")) }
        var pages = ArticlePages(channel: try session.channel(), request: request, limit: limit, options: options)
        if trace { pages.onTrace = { [console = session.console] text in try console.warn("trace: \(text)") } }
        return try await ArticleListing(session: session).print(pages)
    }
}
