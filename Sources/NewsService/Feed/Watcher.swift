internal import GRPCCall
internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import Synchronization

/// One who watches, as the feed's thread sees him.
final class Watcher: Sendable {
    let call: CallReference
    let filter: FeedFilter
    /// Changes behind this revision are wanted; `nil`: those from now on.
    let after: UInt64?
    /// Nanoseconds.
    let bookmarkInterval: Int64
    /// Bytes sent since all that was sent before had left.
    private let unsentBytes = Atomic(0)

    /// What a watcher may leave unread while others are served at once.
    static let unsentBytesMax = 1 << 20

    init(_ call: CallReference, _ filter: FeedFilter, after: UInt64?, bookmarkInterval: Int64) {
        self.call = call
        self.filter = filter
        self.after = after
        self.bookmarkInterval = bookmarkInterval
    }

    /// - Returns: `false` when he reads too slowly; nothing was sent then.
    func send(_ message: [UInt8]) -> Bool {
        let sum = unsentBytes.add(message.count, ordering: .relaxed).newValue
        guard sum <= max(Watcher.unsentBytesMax, message.count) else { return false }
        call.send(message)
        return true
    }

    /// Whether the desk waits until all that was sent has been read. Mostly it does not, and need not be told.
    private let isAwaited = Atomic(false)

    /// The desk waits for what it is about to send.
    func awaitReading() { isAwaited.store(true, ordering: .releasing) }

    /// All that was sent has left.
    ///
    /// - Returns: whether the desk waits for that.
    func drained() -> Bool {
        unsentBytes.store(0, ordering: .relaxed)
        return isAwaited.exchange(false, ordering: .acquiringAndReleasing)
    }
}

/// One call of WatchArticles, on its loop.
final class ArticleWatch: WatchCall {
    private let core: ServiceCore
    let call: CallReference
    var hasRequest = false
    private var watcher: Watcher?

    private static let bookmarkSeconds: ClosedRange<Int64> = 1...300
    private static let bookmarkSecondsDefault: Int64 = 30

    init(core: ServiceCore, call: CallReference) {
        self.core = core
        self.call = call
        call.request(1)
    }

    func begin(_ request: WatchArticlesRequest) throws(Failure) {
        let watcher = try ArticleWatch.watcher(request, call, core)
        guard core.feed.add(watcher) else {
            throw Failure(
                .resourceExhausted, .tooManyWatches, "as many watch the store as may: \(ChangeFeed.watchersMax)",
                retryDelay: .seconds(30))
        }
        self.watcher = watcher
    }

    private static func watcher(
        _ request: WatchArticlesRequest, _ call: CallReference, _ core: ServiceCore
    ) throws(Failure) -> Watcher {
        var check = FieldCheck()
        var seconds = bookmarkSecondsDefault
        if let interval = request.bookmarkInterval {
            seconds = interval.seconds
            if !bookmarkSeconds.contains(seconds) || interval.nanos != 0 {
                check.refuse("bookmark_interval", .invalid, "bookmark_interval must be 1 to 300 whole seconds")
            }
        }
        let query = try FeedQuery(
            position: request.position, view: request.view, channel: request.channel, source: request.source,
            includesStats: request.includeStats, &check, core)
        return Watcher(call, query.filter, after: query.after, bookmarkInterval: seconds * 1_000_000_000)
    }

    func drained() {
        if let watcher, watcher.drained() { core.feed.drained(watcher) }
    }

    func ended() {
        if let watcher { core.feed.remove(watcher) }
        watcher = nil
    }
}
