internal import Bytes
internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// Puts articles into replies: stored bytes, then what they lack. One for each loop.
///
/// Nothing is decoded and nothing allocated on the way of an article that is there.
final class ArticleReply {
    let reader: StoreReader
    private let channels: ChannelFields
    private let scratch = ByteArena()
    private let itemScratch = ByteArena()
    /// For the key where a list stands.
    let keyScratch = ByteArena(capacity: 128)

    private enum Field {
        static let capture: UInt64 = 34
    }

    init(reader: StoreReader, store: Store) {
        self.reader = reader
        channels = ChannelFields { number in store.channels.channel(number: number)?.displayName }
    }

    enum Outcome {
        case appended(RecordHeader)
        case absent
        case damaged(Period)
        case unavailable(Period)
    }

    /// Appends the fields of the article with this id; the reply is as before when it is not there.
    ///
    /// - Parameter hidesExpired: whether one that has expired is not there.
    func append(
        _ id: Span<UInt8>, _ view: ArticleView, to reply: ByteArena, now: Instant, hidesExpired: Bool = false
    ) -> Outcome {
        let start = reply.count
        let part: StoreReader.Part = view == .basic ? .row : .full
        switch reader.read(id, part, appendingTo: reply) {
        case .found(let header, let counters):
            if hidesExpired, header.isExpired(at: now) {
                reply.truncate(to: start)
                return .absent
            }
            appendTail(header, counters, to: reply, now: now)
            guard view == .capture, let obstacle = appendCapture(id, to: reply) else { return .appended(header) }
            reply.truncate(to: start)
            return obstacle
        case .absent: return .absent
        case .damaged(let period): return .damaged(period)
        case .unavailable(let period): return .unavailable(period)
        }
    }

    private func appendTail(_ header: RecordHeader, _ counters: Counters, to reply: ByteArena, now: Instant) {
        channels.withField(of: header.channel) { channel in
            reply.write(upTo: ArticleTail.byteCountMax + channel.count) { writer in
                ArticleTail(header, counters).append(to: &writer, now: now)
                writer.append(channel)
            }
        }
    }

    /// An article without a capture gets none.
    ///
    /// - Returns: what kept it from being appended.
    private func appendCapture(_ id: Span<UInt8>, to reply: ByteArena) -> Outcome? {
        scratch.removeAll(keeping: ArticleReply.scratchKept)
        switch reader.read(id, .capture, appendingTo: scratch) {
        case .found:
            if scratch.count > 0 { appendField(Field.capture, scratch, to: reply) }
            return nil
        case .absent: return nil
        case .damaged(let period): return .damaged(period)
        case .unavailable(let period): return .unavailable(period)
        }
    }

    private static let scratchKept = 64 << 10

    /// Appends the article as an item of a list: field `number`, its length, its fields.
    func append(
        item number: UInt64, _ id: Span<UInt8>, _ view: ArticleView, to reply: ByteArena, now: Instant,
        hidesExpired: Bool = false
    ) -> Outcome {
        let item = itemScratch
        item.removeAll(keeping: ArticleReply.scratchKept)
        let outcome = append(id, view, to: item, now: now, hidesExpired: hidesExpired)
        if case .appended = outcome {
            appendField(number, item, to: reply)
        }
        return outcome
    }

    /// Appends a row that a scan shows as an item of a list.
    func append(
        item number: UInt64, row: Span<UInt8>, _ header: RecordHeader, _ counters: Counters,
        to reply: ByteArena, now: Instant
    ) {
        channels.withField(of: header.channel) { channel in
            reply.write(upTo: ArticleReply.headByteCountMax + row.count + ArticleTail.byteCountMax + channel.count) {
                writer in
                writer.append(varint: number << 3 | 2)
                // Most rows have between 128 and 16,383 bytes.
                let length = writer.open(2)
                writer.append(row)
                ArticleTail(header, counters).append(to: &writer, now: now)
                writer.append(channel)
                writer.closeLength(at: length, openCount: 2)
            }
        }
    }

    private func appendField(_ number: UInt64, _ content: ByteArena, to reply: ByteArena) {
        reply.write(upTo: ArticleReply.headByteCountMax) { $0.append(field: number, byteCount: content.count) }
        content.withBytes(in: 0..<content.count) { reply.append($0) }
    }

    /// Of a tag and a length.
    private static let headByteCountMax = 20
}

extension ArticleTail {
    init(_ header: RecordHeader, _ counters: Counters) {
        self.init(
            revision: header.revision, sortInstant: header.sortInstant, createTime: header.createTime,
            updateTime: header.updateTime, counters: counters, purgeTime: header.purgeTime,
            expireTime: header.expireTime)
    }
}
