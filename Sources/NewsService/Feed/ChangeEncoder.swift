internal import Bytes
internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// One change as it is sent: the bytes of an ArticleChange, and what filters ask of it.
struct EncodedChange {
    let revision: UInt64
    let bytes: [UInt8]
    /// Number of the article's channel; 0: none. Of an article that is gone nobody knows it.
    let channel: UInt32?
    /// The article, encoded; empty when it is gone.
    let article: [UInt8]
}

/// Puts changes into bytes. One for each thread.
final class ChangeEncoder {
    private let articles: ArticleReply
    private let article = ByteArena()
    private let message = ByteArena()
    private static let kept = 1 << 20

    private enum Field {
        static let kind: UInt64 = 1
        static let revision: UInt64 = 2
        static let changeTime: Int = 3
        static let article: UInt64 = 4
    }

    init(_ articles: ArticleReply) { self.articles = articles }

    /// - Returns: `nil` when the article has changed again since: that change stands for this one as well, and the
    ///   article cannot be shown as it was.
    func encode(_ change: StoreChange, _ view: ArticleView, now: Instant) -> EncodedChange? {
        guard change.kind != .purged else {
            return encode(change, ChangeKind(change.kind), channel: nil, name: change.id)
        }
        let id = Array(change.id.text.utf8)
        article.removeAll(keeping: ChangeEncoder.kept)
        switch articles.append(id.span, view, to: article, now: now) {
        case .appended(let header):
            guard header.revision == change.revision else { return nil }
            return encode(change, ChangeKind(change.kind), channel: header.channel, name: nil)
        case .absent: return nil
        case .damaged, .unavailable:
            // The article cannot be shown, but that it changed is no secret.
            return encode(change, ChangeKind(change.kind), channel: nil, name: change.id)
        }
    }

    /// The article as it is, because its counters changed.
    func encodeCounters(_ id: ArticleID, _ view: ArticleView, now: Instant) -> EncodedChange? {
        let key = Array(id.text.utf8)
        article.removeAll(keeping: ChangeEncoder.kept)
        guard case .appended(let header) = articles.append(key.span, view, to: article, now: now) else { return nil }
        let change = StoreChange(revision: header.revision, kind: .updated, id: id, time: now)
        return encode(change, .stats, channel: header.channel, name: nil)
    }

    /// - Parameter name: of an article of which nothing else is shown.
    private func encode(
        _ change: StoreChange, _ kind: ChangeKind, channel: UInt32?, name: ArticleID?
    ) -> EncodedChange {
        if let name {
            article.removeAll(keeping: ChangeEncoder.kept)
            var bare = Article()
            bare.name = name.name
            article.append(bare.encoded())
        }
        message.removeAll(keeping: ChangeEncoder.kept)
        message.write(upTo: 64) { writer in
            writer.append(field: Field.kind, varint: Int64(kind.rawValue))
            writer.append(field: Field.revision, varint: Int64(bitPattern: change.revision))
        }
        WireWriter.append(Field.changeTime, Timestamp(change.time.clampedToTimestamp).encoded().span, to: message)
        message.write(upTo: 20) { $0.append(field: Field.article, byteCount: article.count) }
        article.withBytes(in: 0..<article.count) { message.append($0) }
        let bytes = message.withBytes(in: 0..<message.count) { [UInt8](copying: $0) }
        let shown = name == nil ? article.withBytes(in: 0..<article.count) { [UInt8](copying: $0) } : []
        return EncodedChange(revision: change.revision, bytes: bytes, channel: channel, article: shown)
    }
}

extension ChangeKind {
    init(_ kind: StoreChange.Kind) {
        self =
            switch kind {
            case .created: .created
            case .updated: .updated
            case .deleted: .deleted
            case .undeleted: .undeleted
            case .purged: .purged
            }
    }
}
