internal import Bytes
internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore

extension ArticleService {
    /// Fields of ListArticlesResponse besides its articles.
    private enum Field {
        static let nextPageToken = 2
        static let position = 3
        static let resolvedSince = 5
        static let resolvedUntil = 6
        static let unreachable = 7
    }

    /// Answers again what the same bytes were answered, if that holds still.
    func listArticles(encoded request: Span<UInt8>, _ reply: ByteArena) throws(Failure) {
        let moment = RepeatedReplies.Moment(changeNumber: core.store.changeNumber, time: core.clock())
        if let lists, lists.append(request, at: moment, to: reply) { return }
        let decoded: ListArticlesRequest
        do throws(MessageError) { decoded = try ListArticlesRequest(decoding: request) } catch { throw Failure(error) }
        let start = reply.count
        let isWhole = try listArticles(decoded, reply, clock: moment.time)
        if isWhole { lists?.learn(request, at: moment, reply, start..<reply.count) }
    }

    /// - Returns: `false` when something could not be read that belongs to the page.
    func listArticles(
        _ request: ListArticlesRequest, _ reply: ByteArena, clock: Instant
    ) throws(Failure) -> Bool {
        let query = try ListQuery(request, zones: core.zones, tokenKey: core.tokenKey, clock: clock)
        let page = ListPage(query, articles, reply, now: clock, examinedMax: core.examinedRowsMax)
        if query.channel.isEmpty {
            try page.read(channel: nil)
        } else if let channel = core.store.channels.channel(asked: query.channel) {
            try page.read(channel: channel.number)
        }
        if page.hasMore {
            let key = page.lastKey.isEmpty ? query.after : page.lastKey
            guard let key else {
                throw Failure(
                    .unavailable, .overloaded, "the store changes too fast to be listed; try again",
                    retryDelay: .milliseconds(100))
            }
            let token = query.nextToken(after: key, key: core.tokenKey, now: clock)
            WireWriter.append(Field.nextPageToken, token, to: reply)
        }
        let position = position(page.position ?? core.store.publishedRevision)
        WireWriter.append(Field.position, position.span, to: reply)
        if let since = query.window.since { append(since.instant, Field.resolvedSince, to: reply) }
        if let until = query.window.until { append(until.instant, Field.resolvedUntil, to: reply) }
        for period in page.unavailable { core.health.setDamaged(period) }
        for name in page.unreachable { WireWriter.append(Field.unreachable, name, to: reply) }
        return page.unreachable.isEmpty
    }

    private func append(_ instant: Instant, _ field: Int, to reply: ByteArena) {
        WireWriter.append(field, Timestamp(instant.clampedToTimestamp).encoded().span, to: reply)
    }
}

extension ChannelTable {
    /// - Parameter text: "channels/{channel}", an id or a display name.
    func channel(asked text: String) -> NewsStore.Channel? {
        if let id = ChannelID(name: text) { return channel(id: id) }
        return channel(named: TextFolding.folded(text))
    }
}
