internal import Bytes
internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore

extension ArticleService {
    /// Fields of ListArticleChangesResponse.
    private enum Field {
        static let changes = 1
        static let nextPageToken = 2
        static let nextPosition = 3
    }

    private static let changesDefault = 100
    private static let changesMax = 1_000
    /// A page of long articles ends early, below the 4 MiB that clients take in one message.
    private static let changesByteMax = 3 << 20

    func listArticleChanges(_ request: ListArticleChangesRequest, _ reply: ByteArena) throws(Failure) {
        var check = FieldCheck()
        if request.pageSize < 0 { check.refuse("page_size", .invalid, "page_size must not be negative") }
        let query = try FeedQuery(
            position: request.position, view: request.view, channel: request.channel, source: request.source,
            &check, core)
        var after = query.after ?? core.store.compactedRevision
        if !request.pageToken.isEmpty { after = try FeedQuery.known(request.pageToken, "page_token", core) }
        let limit =
            request.pageSize == 0 ? Self.changesDefault : min(Int(request.pageSize), Self.changesMax)
        articles.reader.waitForTold()
        let page: ChangePage
        do throws(StoreError) {
            page = try articles.reader.changes(after: after, limit: limit)
        } catch {
            throw Failure(error)
        }
        let channels = core.store.channels
        let encoder = ChangeEncoder(articles)
        let (now, start) = (core.clock(), reply.count)
        var (position, isLast) = (page.position, page.isLast)
        for change in page.changes {
            guard reply.count - start < Self.changesByteMax else {
                (position, isLast) = (change.revision - 1, false)
                break
            }
            guard let encoded = encoder.encode(change, query.filter.view, now: now),
                query.filter.admits(encoded, channels)
            else { continue }
            WireWriter.append(Field.changes, encoded.bytes.span, to: reply)
        }
        let next = FeedPosition(revision: position).text(key: core.tokenKey)
        if !isLast { WireWriter.append(Field.nextPageToken, next, to: reply) }
        WireWriter.append(Field.nextPosition, next, to: reply)
    }
}
