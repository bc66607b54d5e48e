internal import ArgumentParser
internal import Files
internal import NewsClient
internal import NewsMessages
internal import ProtoJSON

struct WatchCommand: NewsCommand {
    static let formats: [OutputFormat] = [.table, .jsonl, .tsv, .name]
    static let pipeFormat = OutputFormat.jsonl
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print articles as they are stored, changed and deleted.",
        usage: "newsrpc-cli watch [<options>]",
        discussion: discussion(
            """
            Goes on until it is interrupted, through restarts of the server. --resume keeps in a file where it has \
            got to, and begins there the next time.
            """,
            examples: ["watch --channel 资讯", "watch --resume state.txt -o jsonl"]))

    @Option(help: .init("Begin behind this position; else now.", valueName: "position"))
    var from: String?

    @Option(help: .init("Keep the position in this file, and go on from it.", valueName: "file"))
    var resume: String?

    @Option(help: .init("Only of this channel, by id or display name.", valueName: "channel"))
    var channel: String?

    @Option(help: .init("Only with exactly this source.", valueName: "source"))
    var source: String?

    @Flag(help: "Counters as well, at most once a second for each article.")
    var stats = false

    @Flag(help: "Whole articles, with their text.")
    var full = false

    @Option(help: .init("End after so many changes; 0: never.", valueName: "count"))
    var limit: Int = 0

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit must be 0 or more") }
        if from != nil, resume != nil { throw ValidationError("--from and --resume say both where to begin; give one") }
    }

    /// A watch has no end of its own.
    private static let timeoutDefault = Duration.seconds(365 * 24 * 3600)
    private static let pause = Duration.seconds(1)

    func run(_ session: Session) async throws -> Termination {
        let channel = try session.channel()
        var place = WatchPlace(session.surroundings.files, file: resume)
        var position = try from ?? place.read()
        let printer = try ChangePrinter(session.console, ArticleDates(session.surroundings))
        var printedCount = 0
        var hasConnected = false
        var isWaiting = false
        while !Task.isCancelled {
            let stream: ResponseStream<WatchArticlesResponse> = channel.watchArticles(
                request(position), options: session.options(default: Self.timeoutDefault))
            do {
                while let response = try await stream.next() {
                    hasConnected = true
                    isWaiting = false
                    let room = limit > 0 ? limit - printedCount : .max
                    for change in response.changes.prefix(room) { try printer.print(change) }
                    printedCount += min(room, response.changes.count)
                    // Of a message that is not printed whole the rest comes again the next time.
                    if response.changes.count <= room {
                        position = response.position
                        try place.write(position)
                    }
                    if printedCount == limit, limit > 0 { return .success }
                }
            } catch let error as RPCError {
                if Task.isCancelled { break }
                guard let next = try await recovered(error, position, hasConnected, session) else { throw error }
                // A server that is away for an hour is one line and not thousands.
                if next == position, !isWaiting { try session.console.note("\(error.message); trying again") }
                isWaiting = true
                position = next
            }
            await session.surroundings.pause(Self.pause)
        }
        return .success
    }

    private func request(_ position: String) -> WatchArticlesRequest {
        var request = WatchArticlesRequest()
        request.position = position
        request.channel = channel ?? ""
        request.source = source ?? ""
        request.view = full ? .full : .basic
        request.includeStats = stats
        return request
    }

    /// Where to go on after a failure; `nil`: it is the end.
    private func recovered(
        _ error: RPCError, _ position: String, _ hasConnected: Bool, _ session: Session
    ) async throws -> String? {
        switch error.code {
        case .unavailable where hasConnected, .resourceExhausted where hasConnected:
            return position
        case .outOfRange:
            // What happened since the position is no longer known, or the store is another one: begin with what is.
            try session.console.warn("\(error.message)")
            try session.console.remark("changes are missing here; 'newsrpc-cli list' shows the articles as they are")
            var request = ListArticlesRequest()
            request.pageSize = 1
            return try await session.channel().listArticles(request, options: session.options()).position
        default: return nil
        }
    }
}

/// The file in which a watch keeps where it has got to.
struct WatchPlace {
    private let files: any FileAccess
    private let file: String?
    private var written = ""

    init(_ files: any FileAccess, file: String?) {
        self.files = files
        self.file = file
    }

    /// The position to go on from; empty when there is no file yet.
    func read() throws -> String {
        guard let file else { return "" }
        do throws(FileError) {
            let bytes = try files.open(file).read(upTo: 256)
            return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.map(String.init)
                ?? ""
        } catch {
            guard error.reason == .notFound else { throw error }
            return ""
        }
    }

    mutating func write(_ position: String) throws {
        guard let file, position != written else { return }
        try files.replace(file, Array((position + "\n").utf8))
        written = position
    }
}
