internal import ArgumentParser
internal import NewsClient
internal import NewsMessages
internal import NewsModel
internal import ProtoJSON

struct ImportCommand: NewsCommand {
    /// An import may be long; it ends when it is done, not after the time of an ordinary call.
    private static let timeoutDefault = Duration.seconds(24 * 3600)

    static let formats = Report.formats
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Store captured pages and articles.",
        usage: "newsrpc-cli import <file> ... [<options>]",
        discussion: discussion(
            """
            Takes captures and JSON as 'list' and 'get' print it; '-' is the input. \
            Importing again changes nothing. Ends with 3 when some were rejected. \
            Many articles are stored fastest in the order of their dates, which --by-date sees to for \
            each file of lines: of lines with one name the latest date counts then, and else the last line.
            """,
            examples: ["import Samples/*.txt --time-zone Asia/Shanghai", "import - < articles.jsonl"]))

    @Argument(help: .init("Files to import.", valueName: "file"))
    var files: [String]

    @Option(help: .init("What the files hold.", valueName: "kind"))
    var format: InputKind = .auto

    @Option(help: .init("Zone of times without one; else the store's.", valueName: "zone"))
    var timeZone: String?

    @Flag(help: .init("Take the lines of each file by their dates."))
    var byDate = false

    @OptionGroup var global: GlobalOptions

    func run(_ session: Session) async throws -> Termination {
        let input = try ImportInput(
            session.surroundings, files: files, kind: format, timeZone: timeZone ?? "", isByDate: byDate)
        let run = ImportRun(session.console, progress(session))
        let call = try session.channel().importArticles(options: session.options(default: Self.timeoutDefault))
        var failure: (any Error)?
        do { try await transfer(input, call, run) } catch { failure = error }
        try await run.finish()
        let tally = await run.tally
        if failure == nil || tally.total > 0 { try summary(tally).print(on: session.console) }
        if let failure { throw failure }
        return tally.rejected == 0 ? .success : .partial
    }

    /// Sends and receives side by side: the server may hold its answers back until it has more to read, or the reverse.
    private func transfer(
        _ input: ImportInput, _ call: StreamingCall<ImportArticlesRequest, ImportArticlesResponse>, _ run: ImportRun
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Self.send(input, call, run) }
            do {
                while let response = try await call.next() { try await run.answered(response) }
            } catch {
                await run.close()
                call.cancel()
                throw error
            }
            await run.close()
            try await group.waitForAll()
        }
        let unanswered = await run.unansweredCount
        guard unanswered == 0 else { throw LocalError(message: "the server left \(unanswered) items unanswered") }
    }

    /// Requests are sent some at a time: each time wakes the client's thread, and the receiver waits meanwhile.
    private static func send(
        _ input: ImportInput, _ call: StreamingCall<ImportArticlesRequest, ImportArticlesResponse>, _ run: ImportRun
    ) async throws {
        var input = input
        var batch = ImportBatch()
        while !Task.isCancelled, let item = input.next() {
            switch item {
            case .refused(let origin, let reason):
                guard await send(&batch, call, run) else { return }
                try await run.refuse(origin, reason: reason)
            case .request(let request):
                batch.append(request)
                if batch.isFull, !(await send(&batch, call, run)) { return }
            }
        }
        if await send(&batch, call, run) { call.finish() }
    }

    /// - Returns: `false` when nothing more is to be sent.
    private static func send(
        _ batch: inout ImportBatch, _ call: StreamingCall<ImportArticlesRequest, ImportArticlesResponse>,
        _ run: ImportRun
    ) async -> Bool {
        let sent = batch
        batch = ImportBatch()
        guard !sent.requests.isEmpty else { return true }
        guard await run.enter(sent) else { return false }
        do { try await call.send(encoded: sent.requests.map(\.message)) } catch {
            // Mostly the call is over, and the receiver learns why. If it is not, nobody would end it.
            call.cancel()
            return false
        }
        return true
    }

    private func progress(_ session: Session) -> ImportProgress {
        var total: Int? = 0
        for file in files {
            let size = file == "-" ? nil : try? session.surroundings.files.size(of: file)
            total = size.flatMap { size in total.map { $0 + size } }
        }
        let isShown = session.console.errors.isTerminal && !session.console.isQuiet
        return ImportProgress(isShown: isShown, total: total, now: session.surroundings.monotonicNow)
    }

    private func summary(_ tally: ImportTally) -> Report {
        let text =
            "\(CountText.text(tally.total, "article")): \(tally.created) created, \(tally.updated) updated, "
            + "\(tally.unchanged) unchanged, \(tally.rejected) rejected"
        let counts = [tally.total, tally.created, tally.updated, tally.unchanged, tally.rejected]
        return Report(
            keys: ["articles", "created", "updated", "unchanged", "rejected"], records: [counts.map { .number($0) }],
            text: [text])
    }
}
