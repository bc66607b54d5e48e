internal import GRPCWire
internal import NewsModel
internal import NewsStore

// What calls answer that name an article.

extension ServiceCore {
    /// An article cannot be read: health says so of its shard.
    func damaged(_ name: String, _ period: Period) -> Failure {
        health.setDamaged(period)
        return Failure(damaged: name, period)
    }

    func unavailable(_ period: Period) -> Failure {
        health.setDamaged(period)
        return Failure(StoreError.unavailable(period))
    }
}

extension Failure {
    init(badName name: Span<UInt8>, _ field: String) {
        if name.isEmpty {
            self.init(field: field, .required, "\(field) is required")
        } else {
            self.init(field: field, .name, "\(field) \"\(String(name).prefix(80))\" must be articles/{article}")
        }
    }

    /// Each time that a call looked for an article, it had gone to another shard when the writer got there.
    init(movesTooFast id: ArticleID) {
        self.init(
            .unavailable, .overloaded, "\(id.name) moves too fast; try again", retryDelay: .milliseconds(100))
    }
}

extension String {
    init(_ bytes: Span<UInt8>) { self.init(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self) }
}
