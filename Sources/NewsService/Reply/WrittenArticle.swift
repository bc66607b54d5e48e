internal import Bytes
internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// The answer to a write, ready but for what the time of the answer says.
struct WrittenArticle: Sendable {
    let full: [UInt8]
    /// `nil`: there is nothing to say but what `full` holds.
    let tail: ArticleTail?
    /// Display name of the channel.
    let channel: String?

    init(full: [UInt8], tail: ArticleTail?, channel: String?) {
        self.full = full
        self.tail = tail
        self.channel = channel
    }

    /// The article as it is stored.
    init(_ stored: StoredArticle, _ shard: ShardWriter) throws(StoreError) {
        try self.init(stored, stored.header, shard)
    }

    /// The article with another head.
    init(_ stored: StoredArticle, _ header: RecordHeader, _ shard: ShardWriter) throws(StoreError) {
        self.init(
            full: stored.full, tail: ArticleTail(header, stored.base + stored.events),
            channel: shard.channel(number: header.channel)?.displayName)
    }

    /// An article of which nothing is known any more.
    init(nameOnly id: ArticleID) {
        var article = Article()
        article.name = id.name
        self.init(full: article.encoded(), tail: nil, channel: nil)
    }

    func encoded(now: Instant) -> [UInt8] {
        let name = channel ?? ""
        let reply = ByteArena(capacity: full.count + ArticleTail.byteCountMax + 20 + name.utf8.count)
        reply.append(full)
        if let tail { reply.write(upTo: ArticleTail.byteCountMax) { tail.append(to: &$0, now: now) } }
        ChannelFields.append(name, to: reply)
        return reply.withBytes(in: 0..<reply.count) { [UInt8](copying: $0) }
    }
}
