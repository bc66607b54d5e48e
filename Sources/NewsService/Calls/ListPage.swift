internal import Bytes
internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// One page of a list while it is put together.
final class ListPage {
    private let query: ListQuery
    // What each row is held against, at hand.
    private let isBounded: Bool
    private let isOfRows: Bool
    private let pageSize: Int
    private let showsDeleted: Bool
    /// Microseconds since 1970 up to which articles are listed.
    private let listedUntil: Int64
    private let now: Instant
    private let articles: ArticleReply
    private let reply: ByteArena
    /// Where the page begins in the arena, which it shares with the other replies of the turn.
    private let start: Int
    private var rowCount = 0
    private var examined = 0
    private let examinedMax: Int
    /// Holds the key of the last row that this page deals with.
    private let key: ByteArena
    /// Whether rows follow, or may follow.
    private(set) var hasMore = false
    /// The revision up to which the page shows every change; `nil`: nothing was read.
    private(set) var position: UInt64?
    /// Names of what could not be read.
    private(set) var unreachable: [String] = []
    /// Shards that could not be read.
    private(set) var unavailable: Set<Period> = []
    /// Keys of the articles to be read afterwards, for views that are more than a row.
    private var wanted: [[UInt8]] = []

    /// Field of ListArticlesResponse.
    private static let articlesField: UInt64 = 1
    /// A page of long articles ends early, below the 4 MiB that clients take in one message.
    private static let byteMax = 3 << 20

    /// - Parameters:
    ///   - articles: Lends its scratch for keys to this page alone while it is put together.
    ///   - reply: Where the page will be appended.
    ///   - examinedMax: Rows that it looks at at most.
    init(_ query: ListQuery, _ articles: ArticleReply, _ reply: ByteArena, now: Instant, examinedMax: Int) {
        self.examinedMax = examinedMax
        self.query = query
        self.articles = articles
        self.reply = reply
        self.now = now
        isBounded = query.window.isBounded
        isOfRows = query.view == .basic
        pageSize = query.pageSize
        showsDeleted = query.showsDeleted
        listedUntil = query.now.microseconds
        start = reply.count
        key = articles.keyScratch
        key.removeAll()
    }

    /// The key of the last row that this page deals with; empty when it has none.
    var lastKey: [UInt8] { key.withBytes(in: 0..<key.count) { [UInt8](copying: $0) } }

    /// - Parameter channel: Number of the channel asked for.
    func read(channel: UInt32?) throws(Failure) {
        for scan in query.scans(channel: channel) {
            let result: ScanResult
            do throws(StoreError) {
                result = try articles.reader.scan(scan, self)
            } catch {
                throw Failure(error)
            }
            position = min(position ?? result.position, result.position)
            if result.end == .cut { hasMore = true }
            if hasMore { break }
        }
        if !wanted.isEmpty { readWhole() }
    }

    /// Whether the row belongs to the page; sets `hasMore` when it is the first of the next one.
    private func takes(_ header: RecordHeader, _ key: Span<UInt8>) -> Bool {
        examined += 1
        let isInWindow = !isBounded || query.window.contains(header.sortInstant, precision: header.precision)
        let isListed =
            isInWindow && (header.sortInstant?.microseconds ?? .min) <= listedUntil
            && (showsDeleted || header.purgeTime == nil && !header.isExpired(at: now))
        if isListed, rowCount == pageSize || reply.count - start > ListPage.byteMax {
            hasMore = true
            return false
        }
        keep(key)
        if isListed { rowCount += 1 }
        if examined >= examinedMax, !isListed { hasMore = true }
        return isListed
    }

    private func keep(_ key: Span<UInt8>) {
        self.key.removeAll()
        self.key.append(key)
    }

    private func lose(_ key: Span<UInt8>) {
        keep(key)
        lose(ListPage.name(in: key))
    }

    private func lose(_ period: Period) {
        unavailable.insert(period)
        lose(period.name)
    }

    private func lose(_ name: String) {
        if !unreachable.contains(name) { unreachable.append(name) }
    }

    private static func name(in key: Span<UInt8>) -> String {
        ArticleID.namePrefix
            + String(
                decoding: [UInt8](copying: key.extracting(RowKey.idOffset..<key.count)), as: UTF8.self)
    }

    /// Views that are more than a row: the scan gave the keys, and each article is read by its own.
    private func readWhole() {
        for (index, rowKey) in wanted.enumerated() {
            if index > 0, reply.count - start > ListPage.byteMax {
                hasMore = true
                let last = wanted[index - 1]
                keep(last.span)
                return
            }
            let id = rowKey.span.extracting(RowKey.idOffset..<rowKey.count)
            switch articles.append(item: ListPage.articlesField, id, query.view, to: reply, now: now) {
            case .appended: continue
            case .absent, .damaged: lose(ListPage.name(in: rowKey.span))
            case .unavailable(let period): lose(period)
            }
        }
    }
}

extension ListPage: RowReceiver {
    func take(
        _ key: Span<UInt8>, _ content: Span<UInt8>, _ header: RecordHeader, _ counters: Counters
    ) -> Bool {
        guard takes(header, key) else { return !hasMore }
        if isOfRows {
            articles.append(item: ListPage.articlesField, row: content, header, counters, to: reply, now: now)
        } else {
            wanted.append([UInt8](copying: key))
        }
        return true
    }

    func passOver(_ key: Span<UInt8>) -> Bool {
        examined += 1
        guard examined >= examinedMax else { return true }
        keep(key)
        hasMore = true
        return false
    }

    func takeDamaged(_ key: Span<UInt8>) -> Bool {
        lose(key)
        return true
    }

    func takeUnavailable(_ period: Period) -> Bool {
        lose(period)
        return true
    }
}
