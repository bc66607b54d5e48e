package import NewsModel

/// An article as a command gives it to the store.
package struct ArticleRecord: Hashable, Sendable {
    package var id: ArticleID
    /// `nil`: undated.
    package var sortInstant: Instant?
    package var precision: Precision
    /// Position on the capture that showed it, else 0.
    package var pageOrder: UInt16
    /// Number of its channel; 0: none.
    package var channel: UInt32
    /// From when on it is not shown; `nil`: it always is.
    package var expireTime: Instant?
    /// As printed; "": none.
    package let source: String
    /// Of the source, for its index. Made with the record, and not by the one thread that writes.
    let sourceHash: [UInt8]
    package var titleDay: TitleDay
    /// The whole message.
    package var full: [UInt8]
    /// The message of a list.
    package var row: RecordContent
    /// The page it was taken from; empty: what is stored stays.
    package var capture: [UInt8]
    /// What pages printed. Events are the store's own.
    package var counters: Counters

    package init(
        id: ArticleID, sortInstant: Instant?, precision: Precision, pageOrder: UInt16 = 0, channel: UInt32 = 0,
        source: String = "", titleDay: TitleDay, full: [UInt8], row: RecordContent, capture: [UInt8] = [],
        counters: Counters = Counters(), expireTime: Instant? = nil
    ) {
        self.id = id
        self.sortInstant = sortInstant
        self.precision = precision
        self.pageOrder = pageOrder
        self.channel = channel
        // 0 stands for "never" on disk.
        self.expireTime = expireTime?.microseconds == 0 ? Instant(microseconds: 1) : expireTime
        self.source = source
        sourceHash = RowLinks.sourceHash(of: source)
        self.titleDay = titleDay
        self.full = full
        self.row = row
        self.capture = capture
        self.counters = counters
    }

    /// Largest `full`, `row` or `capture`, in bytes.
    package static let partCountMax = 32 << 20
}

/// An article as the store has it.
package struct StoredArticle: Hashable, Sendable {
    package let header: RecordHeader
    package let full: [UInt8]
    package let row: [UInt8]
    /// Empty: none.
    package let capture: [UInt8]
    /// What pages printed.
    package let base: Counters
    /// What happened here.
    package let events: Counters
    package let titleDay: TitleDay
}

/// A request that changed something, so that its repetition finds what it did.
package struct RequestRecord: Hashable, Sendable {
    /// An id means another request for another kind. Its numbers are disk format.
    package enum Kind: UInt8, CaseIterable, Sendable {
        /// Of an article.
        case change = 0
        /// One that counts each time, see `Reaction.countsOnce`.
        case reaction = 1
    }

    package let kind: Kind
    /// The client's request id.
    package let id: String
    /// What tells one content from another, such as a hash of the request. At most 255 bytes.
    package let fingerprint: [UInt8]
    package let article: ArticleID
    package let period: Period
    package let time: Instant

    package init(
        _ kind: Kind = .change, id: String, fingerprint: [UInt8], article: ArticleID, period: Period, time: Instant
    ) {
        self.kind = kind
        self.id = id
        self.fingerprint = fingerprint
        self.article = article
        self.period = period
        self.time = time
    }
}

/// A change to one shard, made on the writer's thread inside the shard's transaction.
package protocol StoreCommand: Sendable {
    associatedtype Output: Sendable
    /// The shard that it writes. Made when absent.
    var period: Period { get }
    /// An id that does not name its shard. It is entered in the catalog before the shard is written.
    var claim: ArticleID? { get }
    /// Another shard, for a command that may move an article there with `ShardWriter.move`. Made when absent.
    var destination: Period? { get }

    /// Reads, decides, then puts: whatever can be refused is to be refused before the first put.
    ///
    /// It may be called again, in a new transaction, when another command of the round fails after its puts; so it must
    /// not keep anything of its own.
    func apply(to shard: ShardWriter) throws(StoreError) -> Output
}

extension StoreCommand {
    package var destination: Period? { nil }
}

/// Which work the writer does first.
package enum WriteLane: Sendable {
    /// Someone waits: all of it in the next round.
    case foreground
    /// Imports: in slices between the rounds of the foreground.
    case background
}
