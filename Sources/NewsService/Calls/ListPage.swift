internal import Bytes
internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// One page of a list while it is put together.
struct ListPage {
    private let query: ListQuery
    // What each row is held against, at hand.
    private let isBounded: Bool
    private let isOfRows: Bool
    private var rowCount = 0
    private var examined = 0
    /// Holds the key of the last row that this page deals with.
    private let key: ByteArena
    /// Whether rows follow, or may follow.
    private(set) var hasMore = false
    /// Names of what could not be read.
    private(set) var unreachable: [String] = []
    /// Shards that could not be read.
    private(set) var unavailable: Set<Period> = []
    /// Keys of the articles to be read afterwards, for views that are more than a row.
    private var wanted: [[UInt8]] = []

    /// Field of ListArticlesResponse.
    private static let articles: UInt64 = 1
    /// A page of long articles ends early, below the 4 MiB that clients take in one message.
    private static let byteMax = 3 << 20

    /// Where the page begins in the arena, which it shares with the other replies of the turn.
    private let start: Int

    /// - Parameters:
    ///   - scratch: Used by this page alone while it is put together.
    ///   - reply: Where the page will be appended.
    init(query: ListQuery, scratch: ByteArena, reply: ByteArena) {
        self.query = query
        isBounded = query.window.isBounded
        isOfRows = query.view == .basic
        start = reply.count
        key = scratch
        key.removeAll()
    }

    /// The key of the last row that this page deals with; empty when it has none.
    var lastKey: [UInt8] { key.withBytes(in: 0..<key.count) { [UInt8](copying: $0) } }

    /// - Parameter channel: Number of the channel asked for.
    mutating func read(channel: UInt32?, _ articles: ArticleReply, _ reply: ByteArena, now: Instant) throws(Failure) {
        for scan in query.scans(channel: channel) {
            try read(scan, articles, reply, now: now)
            if hasMore { break }
        }
        if !wanted.isEmpty { readWhole(articles, reply, now: now) }
    }

    private mutating func read(
        _ scan: ListScan, _ articles: ArticleReply, _ reply: ByteArena, now: Instant
    ) throws(Failure) {
        var page = self
        let result: ScanResult
        do throws(StoreError) {
            result = try articles.reader.scan(scan) { key, row, item in
                switch item {
                case .row(let header, let counters):
                    guard page.takes(header, key, reply) else { return !page.hasMore }
                    if page.isOfRows {
                        articles.append(
                            item: ListPage.articles, row: row, header, counters, to: reply, now: now)
                    } else {
                        page.wanted.append([UInt8](copying: key))
                    }
                    return true
                case .damaged:
                    page.lose(key)
                    return true
                case .unavailable(let period):
                    page.lose(period)
                    return true
                }
            }
        } catch {
            throw Failure(error)
        }
        self = page
        if result.end == .cut { hasMore = true }
    }

    /// Whether the row belongs to the page; sets `hasMore` when it is the first of the next one.
    private mutating func takes(_ header: RecordHeader, _ key: Span<UInt8>, _ reply: ByteArena) -> Bool {
        examined += 1
        let isInWindow = !isBounded || query.window.contains(header.sortInstant, precision: header.precision)
        let isListed =
            isInWindow && (header.sortInstant?.microseconds ?? .min) <= query.now.microseconds
            && (header.purgeTime == nil || query.showsDeleted)
        if isListed, rowCount == query.pageSize || reply.count - start > ListPage.byteMax {
            hasMore = true
            return false
        }
        keep(key)
        if isListed { rowCount += 1 }
        if examined >= ListQuery.examinedMax, !isListed { hasMore = true }
        return isListed
    }

    private mutating func keep(_ key: Span<UInt8>) {
        self.key.removeAll()
        self.key.append(key)
    }

    private mutating func lose(_ key: Span<UInt8>) {
        keep(key)
        lose(ListPage.name(in: key))
    }

    private mutating func lose(_ period: Period) {
        unavailable.insert(period)
        lose("shards/\(period)")
    }

    private mutating func lose(_ name: String) {
        if !unreachable.contains(name) { unreachable.append(name) }
    }

    private static func name(in key: Span<UInt8>) -> String {
        ArticleID.namePrefix
            + String(
                decoding: [UInt8](copying: key.extracting(ScanItem.idOffset..<key.count)), as: UTF8.self)
    }

    /// Views that are more than a row: the scan gave the keys, and each article is read by its own.
    private mutating func readWhole(_ articles: ArticleReply, _ reply: ByteArena, now: Instant) {
        for (index, rowKey) in wanted.enumerated() {
            if index > 0, reply.count - start > ListPage.byteMax {
                hasMore = true
                let last = wanted[index - 1]
                keep(last.span)
                return
            }
            let id = rowKey.span.extracting(ScanItem.idOffset..<rowKey.count)
            switch articles.append(item: ListPage.articles, id, query.view, to: reply, now: now) {
            case .appended: continue
            case .absent, .damaged: lose(ListPage.name(in: rowKey.span))
            case .unavailable(let period): lose(period)
            }
        }
    }
}
