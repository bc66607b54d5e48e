internal import Bytes
internal import NewsModel
internal import NewsStore
internal import Synchronization

/// Tells which shard holds an article that a client named. For the few calls that must know before they write.
final class ArticleLookup: Sendable {
    enum Place: Sendable {
        case found(Period)
        case absent
        /// Its shard cannot be read, which a write there reports.
        case unavailable(Period)
    }

    private let store: Store
    private let reader: Mutex<StoreReader>

    init(_ store: Store) throws(StoreError) {
        self.store = store
        reader = Mutex(try store.makeReader())
    }

    func place(of id: ArticleID) -> Place {
        reader.withLock { reader in
            defer { reader.endTurn() }
            switch reader.read(id.text.utf8Span.span, .row, appendingTo: ByteArena()) {
            case .found(let header, _): return .found(store.period(of: header.sortInstant))
            case .damaged(let period): return .found(period)
            case .absent: return .absent
            case .unavailable(let period): return .unavailable(period)
            }
        }
    }

    /// - Returns: `nil` when no article has the id, or its shard cannot be read.
    func period(of id: ArticleID) -> Period? {
        guard case .found(let period) = place(of: id) else { return nil }
        return period
    }
}
