internal import NewsClient
internal import NewsMessages

/// A watch across the streams that it takes: prints changes, and knows where the next stream begins.
struct WatchRun {
    private let session: Session
    private let printer: ChangePrinter
    private let limit: Int
    private var request: WatchArticlesRequest
    private var place: WatchPlace
    private var printedCount = 0
    private var hasConnected = false
    /// That the server is away has been said.
    private var isWaiting = false

    /// A watch has no end of its own.
    private static let timeoutDefault = Duration.seconds(365 * 24 * 3600)

    /// - Parameter limit: changes after which it ends; 0: never.
    init(_ session: Session, _ request: WatchArticlesRequest, _ place: WatchPlace, limit: Int) throws {
        self.session = session
        self.request = request
        self.place = place
        self.limit = limit
        printer = try ChangePrinter(session.console, ArticleDates(session.surroundings))
    }

    /// Prints what one stream brings, until it ends.
    ///
    /// - Returns: whether as many were printed as are wanted.
    mutating func follow() async throws -> Bool {
        let stream: ResponseStream<WatchArticlesResponse> = try session.channel().watchArticles(
            request, options: session.options(default: Self.timeoutDefault))
        while let response = try await stream.next() {
            hasConnected = true
            isWaiting = false
            if try take(response) { return true }
        }
        return false
    }

    private mutating func take(_ response: WatchArticlesResponse) throws -> Bool {
        let room = limit > 0 ? limit - printedCount : .max
        for change in response.changes.prefix(room) { try printer.print(change) }
        printedCount += min(room, response.changes.count)
        // Of a message that is not printed whole the rest comes again the next time.
        if response.changes.count <= room {
            request.position = response.position
            try place.write(response.position)
        }
        return limit > 0 && printedCount == limit
    }

    /// Finds where to go on after a failure.
    ///
    /// - Throws: the failure, when it is the end.
    mutating func recover(from error: RPCError) async throws {
        switch error.code {
        case .unavailable where hasConnected, .resourceExhausted where hasConnected:
            // A server that is away for an hour is one line and not thousands.
            if !isWaiting { try session.console.note("\(error.message); trying again") }
        case .outOfRange:
            // What happened since the position is no longer known, or the store is another one: begin with what is.
            try session.console.warn("\(error.message)")
            try session.console.remark("changes are missing here; 'newsrpc-cli list' shows the articles as they are")
            var newest = ListArticlesRequest()
            newest.pageSize = 1
            request.position = try await session.channel().listArticles(newest, options: session.options()).position
        default: throw error
        }
        isWaiting = true
    }
}
