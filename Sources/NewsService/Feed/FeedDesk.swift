internal import Bytes
internal import GRPCCall
internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore
internal import Threads

/// The watchers as the feed's thread serves them. Used by that thread alone.
struct FeedDesk {
    private struct Seat {
        let watcher: Watcher
        /// Changes up to this revision have been sent; of a live one the desk's `head` says it.
        var position: UInt64
        /// On the monotonic clock.
        var nextBookmark: Int64
        /// A page was sent, and has not been read yet.
        var isReading = false
    }

    private let store: Store
    private let reader: StoreReader
    private let encoder: ChangeEncoder
    private let tokenKey: SipHash
    private let clock: @Sendable () -> Instant
    /// What live watchers have been told of.
    private var head: UInt64
    private var live: [FeedFilter: [ObjectIdentifier: Seat]] = [:]
    private var behind: [ObjectIdentifier: Seat] = [:]
    private var nextStats: Int64 = 0

    /// Of WatchArticlesResponse.
    private enum Field {
        static let position = 1
        static let changes = 2
    }

    /// Changes that are read at once.
    private static let pageCount = 128
    /// A message is not made much larger.
    private static let messageBytes = 256 << 10
    private static let statsInterval: Int64 = 1_000_000_000

    init(_ store: Store, _ articles: ArticleReply, tokenKey: SipHash, clock: @escaping @Sendable () -> Instant) {
        self.store = store
        reader = articles.reader
        encoder = ChangeEncoder(articles)
        self.tokenKey = tokenKey
        self.clock = clock
        head = store.publishedRevision
    }

    var wantsStats: Bool { live.keys.contains { $0.includesStats } }

    /// When there is something to do though nothing happens, on the monotonic clock.
    var nextTime: Int64 {
        if behind.values.contains(where: { !$0.isReading }) { return 0 }
        let bookmark = live.values.lazy.flatMap(\.values).map(\.nextBookmark).min() ?? .max
        return wantsStats ? min(bookmark, nextStats) : bookmark
    }

    /// Takes what has happened, and does what there is to do.
    ///
    /// - Parameter takeStats: Gives the articles whose counters have changed since it was last asked.
    mutating func turn(_ mail: ChangeFeed.Mail, takeStats: () -> Set<ArticleID>) {
        for watcher in mail.drained { behind[ObjectIdentifier(watcher)]?.isReading = false }
        tellLive()
        for watcher in mail.arrivals { seat(watcher) }
        for watcher in mail.departures { remove(watcher) }
        for key in Array(behind.keys) { serveBehind(key) }
        tellStats(takeStats)
        sendBookmarks()
        reader.endTurn()
    }

    private mutating func seat(_ watcher: Watcher) {
        let seat = Seat(watcher: watcher, position: watcher.after ?? head, nextBookmark: 0)
        if seat.position == head {
            live[watcher.filter, default: [:]][ObjectIdentifier(watcher)] = seat
        } else {
            behind[ObjectIdentifier(watcher)] = seat
        }
    }

    private mutating func remove(_ watcher: Watcher) {
        behind[ObjectIdentifier(watcher)] = nil
        live[watcher.filter]?[ObjectIdentifier(watcher)] = nil
        if live[watcher.filter]?.isEmpty == true { live[watcher.filter] = nil }
    }

    private mutating func finish(_ watcher: Watcher, _ failure: Failure) {
        remove(watcher)
        watcher.call.finish(failure.status)
    }

    // MARK: Live

    /// Tells all live watchers of what has been published: each change is read and encoded once for each view.
    private mutating func tellLive() {
        if live.isEmpty { head = store.publishedRevision }
        while head < store.publishedRevision {
            let page: ChangePage
            do throws(StoreError) {
                page = try reader.changes(after: head, limit: FeedDesk.pageCount)
            } catch {
                head = store.publishedRevision
                for watcher in live.values.flatMap(\.values).map(\.watcher) { finish(watcher, Failure(error)) }
                return
            }
            let (channels, now) = (store.channels, clock())
            var encoded: [ArticleView: [EncodedChange]] = [:]
            for filter in Array(live.keys) {
                let view = filter.view
                if encoded[view] == nil {
                    encoded[view] = page.changes.compactMap { encoder.encode($0, view, now: now) }
                }
                let wanted = (encoded[view] ?? []).filter { filter.admits($0, channels) }
                for message in messages(wanted, position: page.position) { send(message, filter) }
            }
            head = page.position
        }
    }

    private mutating func send(_ message: [UInt8], _ filter: FeedFilter) {
        let now = MonotonicClock.now
        for (key, seat) in live[filter] ?? [:] {
            live[filter]?[key]?.nextBookmark = now + seat.watcher.bookmarkInterval
            guard !seat.watcher.send(message) else { continue }
            finish(
                seat.watcher,
                Failure(
                    .resourceExhausted, .watcherTooSlow,
                    "more than \(Watcher.unsentBytesMax) bytes wait to be read; go on from the last position received"))
        }
    }

    private mutating func sendBookmarks() {
        let now = MonotonicClock.now
        let bookmark = message([], position: head)
        for (filter, seats) in live {
            for (key, seat) in seats where seat.nextBookmark <= now {
                live[filter]?[key]?.nextBookmark = now + seat.watcher.bookmarkInterval
                _ = seat.watcher.send(bookmark)
            }
        }
    }

    private mutating func tellStats(_ take: () -> Set<ArticleID>) {
        let monotonic = MonotonicClock.now
        guard wantsStats else {
            _ = take()
            return
        }
        guard monotonic >= nextStats else { return }
        nextStats = monotonic + FeedDesk.statsInterval
        let (ids, channels, now) = (take().sorted { $0.text < $1.text }, store.channels, clock())
        for filter in Array(live.keys) where filter.includesStats {
            let wanted = ids.compactMap { encoder.encodeCounters($0, filter.view, now: now) }
                .filter { filter.admits($0, channels) }
            for message in messages(wanted, position: head, isOrdered: false) { send(message, filter) }
        }
    }

    // MARK: Behind

    /// Sends a page of older changes to one who has read the one before.
    private mutating func serveBehind(_ key: ObjectIdentifier) {
        guard var seat = behind[key], !seat.isReading else { return }
        let filter = seat.watcher.filter
        let page: ChangePage
        do throws(StoreError) {
            page = try reader.changes(after: seat.position, limit: FeedDesk.pageCount, upTo: head)
        } catch {
            return finish(seat.watcher, Failure(error))
        }
        let (channels, now) = (store.channels, clock())
        let wanted = page.changes.compactMap { encoder.encode($0, filter.view, now: now) }
            .filter { filter.admits($0, channels) }
        let messages = messages(wanted, position: page.position)
        seat.isReading = !messages.isEmpty
        if seat.isReading { seat.watcher.awaitReading() }
        for message in messages { seat.watcher.call.send(message) }
        seat.position = page.position
        if seat.position < head {
            behind[key] = seat
        } else {
            behind[key] = nil
            seat.isReading = false
            seat.nextBookmark = 0
            live[filter, default: [:]][key] = seat
        }
    }

    // MARK: Messages

    /// WatchArticlesResponse messages with these changes; none when there are none.
    ///
    /// - Parameters:
    ///   - position: behind the last of them.
    ///   - isOrdered: whether each change's revision is a position; otherwise all messages have that one.
    private func messages(_ changes: [EncodedChange], position: UInt64, isOrdered: Bool = true) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        var part: [EncodedChange] = []
        var byteCount = 0
        for (index, change) in changes.enumerated() {
            part.append(change)
            byteCount += change.bytes.count
            guard byteCount >= FeedDesk.messageBytes, index < changes.count - 1 else { continue }
            messages.append(message(part, position: isOrdered ? change.revision : position))
            (part, byteCount) = ([], 0)
        }
        if !part.isEmpty { messages.append(message(part, position: position)) }
        return messages
    }

    private func message(_ changes: [EncodedChange], position: UInt64) -> [UInt8] {
        let arena = ByteArena(capacity: 128 + changes.reduce(0) { $0 + $1.bytes.count + 16 })
        WireWriter.append(Field.position, FeedPosition(revision: position).text(key: tokenKey), to: arena)
        for change in changes { WireWriter.append(Field.changes, change.bytes.span, to: arena) }
        return arena.withBytes(in: 0..<arena.count) { [UInt8](copying: $0) }
    }
}
