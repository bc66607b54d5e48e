internal import ArgumentParser
internal import NewsClient
internal import NewsMessages

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

    private static let pause = Duration.seconds(1)

    func run(_ session: Session) async throws -> Termination {
        var request = WatchArticlesRequest()
        request.channel = channel ?? ""
        request.source = source ?? ""
        request.view = full ? .full : .basic
        request.includeStats = stats
        let place = WatchPlace(session.surroundings.files, file: resume)
        request.position = try from ?? place.read()
        var watch = try WatchRun(session, request, place, limit: limit)
        while !Task.isCancelled {
            do {
                if try await watch.follow() { break }
            } catch let error as RPCError {
                if Task.isCancelled { break }
                try await watch.recover(from: error)
            }
            await session.surroundings.pause(Self.pause)
        }
        return .success
    }
}
