internal import NewsMessages
internal import NewsModel
internal import NewsStore
internal import Synchronization
internal import Threads

/// Tells those who watch what changes. One for the whole server, on a thread of its own, so that a change is read and
/// encoded once for all of them and no loop waits for it.
///
/// Watchers are either behind, and get pages of older changes at the pace at which they read, or live: then they get
/// what is published when it is published. One thread serves both, so nothing lies between the last page and the first
/// live change, and nothing comes twice.
final class ChangeFeed: Sendable {
    /// Over all connections.
    static let watchersMax = 16_384

    struct Mail {
        var isPublished = false
        var arrivals: [Watcher] = []
        var drained: [Watcher] = []
        var departures: [Watcher] = []
        /// Articles whose counters changed; told once a second.
        var stats: Set<ArticleID> = []
        var isClosed = false

        var isEmpty: Bool {
            !isPublished && arrivals.isEmpty && drained.isEmpty && departures.isEmpty && !isClosed
        }
    }

    private let mail = Monitor(Mail())
    private let watcherCount = Atomic(0)
    private let thread = Mutex<Thread?>(nil)
    private let store: Store
    private let clock: @Sendable () -> Instant
    private let tokenKey: SipHash

    /// Articles whose new counters wait to be told; further ones are left out.
    private static let statsMax = 100_000

    init(_ store: Store, clock: @escaping @Sendable () -> Instant, tokenKey: SipHash) {
        self.store = store
        self.clock = clock
        self.tokenKey = tokenKey
    }

    deinit { close() }

    /// From any thread.
    ///
    /// - Returns: `false` when there are as many as may be.
    func add(_ watcher: Watcher) -> Bool {
        guard watcherCount.add(1, ordering: .relaxed).newValue <= ChangeFeed.watchersMax else {
            watcherCount.subtract(1, ordering: .relaxed)
            return false
        }
        start()
        mail.signal { $0.arrivals.append(watcher) }
        return true
    }

    /// A watcher that was added is over.
    func remove(_ watcher: Watcher) {
        watcherCount.subtract(1, ordering: .relaxed)
        mail.signal { $0.departures.append(watcher) }
    }

    /// A watcher has read all that he was sent.
    func drained(_ watcher: Watcher) { mail.signal { $0.drained.append(watcher) } }

    /// Ends the thread. Those who watch are not told: their connections end.
    func close() {
        mail.broadcast { $0.isClosed = true }
        let running = thread.withLock { thread in
            let running = thread
            thread = nil
            return running
        }
        if let running, !running.isCurrent { running.join() }
    }

    /// Begins with the first who watches.
    private func start() {
        thread.withLock { thread in
            guard thread == nil else { return }
            let (mail, clock, tokenKey, store) = (mail, clock, tokenKey, store)
            store.observe { counted in
                mail.signal { mail in
                    mail.isPublished = true
                    if mail.stats.count + counted.count <= ChangeFeed.statsMax { mail.stats.formUnion(counted) }
                }
            }
            thread = Thread.start(name: "change-feed") {
                guard let reader = try? store.makeReader() else { return }
                let articles = ArticleReply(reader: reader, store: store)
                var desk = FeedDesk(store, articles, tokenKey: tokenKey, clock: clock)
                while true {
                    let received = mail.wait(deadline: desk.nextTime) { (mail: inout Mail) -> Mail? in
                        guard !mail.isEmpty else { return nil }
                        defer { mail = Mail(stats: mail.stats) }
                        return mail
                    }
                    if received?.isClosed == true { return }
                    desk.turn(received ?? Mail()) {
                        mail.withLock { mail in
                            defer { mail.stats = [] }
                            return mail.stats
                        }
                    }
                }
            }
        }
    }
}
