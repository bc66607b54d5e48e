internal import Bytes
internal import NewsModel
internal import NewsStore
internal import Synchronization

/// Tells which shard holds an article that a client named. For the few calls that must know before they write.
final class ArticleLookup: Sendable {
    private let store: Store
    private let reader: Mutex<StoreReader>

    init(_ store: Store) throws(StoreError) {
        self.store = store
        reader = Mutex(try store.makeReader())
    }

    /// - Returns: `nil` when no article has the id, or its shard cannot be read, which a write then reports.
    func period(of id: ArticleID) -> Period? {
        reader.withLock { reader in
            defer { reader.endTurn() }
            switch reader.read(id.text.utf8Span.span, .row, appendingTo: ByteArena()) {
            case .found(let header, _): return store.period(of: header.sortInstant)
            case .damaged(let period): return period
            case .absent, .unavailable: return nil
            }
        }
    }
}
