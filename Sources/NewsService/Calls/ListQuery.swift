internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// What a ListArticles request asks for, understood.
struct ListQuery {
    let pageSize: Int
    let window: TimeWindow
    let isNewestFirst: Bool
    let view: ArticleView
    let channel: String
    let source: String
    let showsDeleted: Bool
    /// When the first page was asked for: later articles are not listed, and relative times count from here.
    let now: Instant
    /// The key of the last row of the page before.
    let after: [UInt8]?
    /// Of everything but page_size and page_token.
    let digest: UInt64

    init(_ request: ListArticlesRequest, zones: ZoneTable, tokenKey: SipHash, clock: Instant) throws(Failure) {
        var check = FieldCheck()
        if request.pageSize < 0 { check.refuse("page_size", .invalid, "page_size must not be negative") }
        pageSize =
            request.pageSize == 0
            ? ArticleLimits.pageSizeDefault : min(Int(request.pageSize), ArticleLimits.pageSizeMax)
        view = check.view(request.view, default: .basic) ?? .basic
        isNewestFirst = ListQuery.isNewestFirst(request.orderBy, &check)
        if request.channel.hasPrefix(ChannelID.namePrefix) { check.channel(request.channel, "channel") }
        channel = request.channel
        source = request.source
        showsDeleted = request.showDeleted
        check.zone(request.timeZone, "time_zone", zones: zones)
        let since = ListQuery.expression(request.since, "since", &check)
        let until = ListQuery.expression(request.until, "until", &check)
        guard check.isPassed else { throw Failure(check.violations) }

        digest = PageToken.requestDigest(
            of: [
                request.since, request.until, request.timeZone, isNewestFirst ? "desc" : "", request.channel,
                request.source, String(view.rawValue),
            ] + (request.showDeleted ? ["show_deleted"] : []))
        if request.pageToken.isEmpty {
            now = clock
            after = nil
        } else {
            let token = try ListQuery.token(request.pageToken, key: tokenKey, digest: digest, now: clock)
            now = token.firstPageNow
            after = token.after
        }
        let zone = zones[request.timeZone] ?? zones.storeZone
        let start = now
        window = TimeWindow(
            since: since?.bound(.since, zone: zone, now: start), until: until?.bound(.until, zone: zone, now: start),
            storeZone: zones.storeZone)
    }

    private static func isNewestFirst(_ order: String, _ check: inout FieldCheck) -> Bool {
        switch order.split(separator: " ").joined(separator: " ") {
        case "", "publish_time desc": return true
        case "publish_time": return false
        default:
            check.refuse(
                "order_by", .order, "order_by \"\(order.prefix(64))\" must be \"publish_time desc\" or \"publish_time\""
            )
            return true
        }
    }

    private static func expression(_ text: String, _ field: String, _ check: inout FieldCheck) -> TimeExpression? {
        guard !text.isEmpty else { return nil }
        do throws(TimeExpressionError) {
            return try TimeExpression(text)
        } catch {
            check.refuse(field, .time, error.message(field: field))
            return nil
        }
    }

    private static func token(
        _ text: String, key: SipHash, digest: UInt64, now: Instant
    ) throws(Failure) -> PageToken {
        do throws(PageTokenError) {
            return try PageToken(text, key: key, requestDigest: digest, now: now)
        } catch {
            throw Failure(error)
        }
    }

    /// The scans that give the list in its order, up to now and from where the page before ended.
    ///
    /// - Parameter channel: Number of the channel asked for.
    func scans(channel: UInt32?) -> [ListScan] {
        let ranges = isNewestFirst ? window.scanRanges : window.scanRanges.reversed()
        return ranges.compactMap { range in
            var scan = ListScan()
            scan.newestFirst = isNewestFirst
            scan.channel = channel
            scan.source = source.isEmpty ? nil : source
            scan.after = after
            guard window.isBounded else {
                // A bound would leave out undated articles, so the list begins behind what is still to come.
                if after == nil, isNewestFirst { scan.after = ListQuery.keyBehind(now) }
                return scan
            }
            scan.lower = range.lower
            scan.upper = min(range.upper ?? end, end)
            return isPassed(scan) ? nil : scan
        }
    }

    /// The first instant that is not listed yet.
    private var end: Instant { Instant(microseconds: now.microseconds &+ 1) }

    /// Whether the page before ended behind the stretch, or nothing lies in it yet.
    private func isPassed(_ scan: ListScan) -> Bool {
        if let lower = scan.lower, let upper = scan.upper, lower >= upper { return true }
        guard let after, let seen = RowOrder(newestFirst: after.span)?.sortInstant else { return false }
        if isNewestFirst { return scan.lower.map { $0 > seen } ?? false }
        return scan.upper.map { $0 <= seen } ?? false
    }

    /// A row key that is behind all articles after `now` and before all others.
    private static func keyBehind(_ now: Instant) -> [UInt8] {
        let order = RowOrder(sortInstant: Instant(microseconds: now.microseconds &+ 1), pageOrder: .max)
        // "~" is above every id.
        return order.newestFirstPrefix + [UInt8(ascii: "~")]
    }

    /// The token of the page after the row with this key.
    func nextToken(after key: [UInt8], key tokenKey: SipHash, now clock: Instant) -> String {
        PageToken(issued: clock, firstPageNow: now, requestDigest: digest, after: key).text(key: tokenKey)
    }
}
