internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// What all requests to change one article say besides the change itself.
struct ChangeRequest: Sendable {
    let id: ArticleID
    /// Empty: any.
    let etag: String
    /// Empty: none.
    let requestID: String
    /// Tells one content from another under the same request_id.
    let fingerprint: [UInt8]
    let validateOnly: Bool
    let cancellation: CallCancellation

    /// - Parameters:
    ///   - method: Its name: the same content means something else to another method.
    ///   - content: The request without its request_id.
    init(
        _ method: String, _ id: ArticleID, etag: String, requestID: String, content: some ProtoMessage,
        validateOnly: Bool, _ cancellation: CallCancellation
    ) {
        self.id = id
        self.etag = etag
        self.requestID = requestID
        self.validateOnly = validateOnly
        self.cancellation = cancellation
        fingerprint = requestID.isEmpty ? [] : SHA256.hash(Array(method.utf8) + [0] + content.encoded())
    }
}

/// How the writer ended a change.
enum ChangeOutcome: Sendable {
    case done(WrittenArticle)
    case refused(Failure)
    /// The article is not in this shard, or not any more.
    case elsewhere
    /// The article's new time belongs to another shard: to be done again with that as the destination.
    case moves(Period)
}

/// A change of one article: reads it, decides and writes within one transaction, so that nothing comes between its etag
/// and its change.
protocol ChangeCommand: StoreCommand where Output == ChangeOutcome {
    var request: ChangeRequest { get }
    var place: ChangePlace { get set }
    /// Changes the article, which is there and has the etag.
    func change(_ stored: StoredArticle, _ shard: ShardWriter) throws(StoreError) -> ChangeOutcome
    /// Answers when no shard has the article.
    func changeAbsent(_ shard: ShardWriter) throws(StoreError) -> ChangeOutcome
    /// The shard where `changeAbsent` makes an article, if it does.
    func periodToCreate(_ layout: ShardLayout) -> Period?
    /// Answers a repeated request whose article is gone since.
    func repeatedAbsent(_ earlier: RequestRecord) -> ChangeOutcome
}

/// Where a command looks for its article.
struct ChangePlace: Sendable {
    var period: Period
    var claim: ArticleID?
    var destination: Period?
    /// Whether all shards have been asked, and none has the article.
    var isAbsent = false
}

extension ChangeCommand {
    var period: Period { place.period }
    var claim: ArticleID? { place.claim }
    var destination: Period? { place.destination }

    func periodToCreate(_ layout: ShardLayout) -> Period? { nil }

    func repeatedAbsent(_ earlier: RequestRecord) -> ChangeOutcome { .refused(Failure(notFound: request.id.name)) }

    func apply(to shard: ShardWriter) throws(StoreError) -> ChangeOutcome {
        // Nobody will hear of it: what was given up before it began is not done at all.
        if request.cancellation.isCancelled {
            return .refused(Failure(.cancelled, .cancelled, "the call was cancelled"))
        }
        let stored = try shard.article(request.id)
        if !request.requestID.isEmpty, let earlier = shard.request(request.requestID) {
            guard earlier.fingerprint == request.fingerprint else {
                return .refused(Failure(requestIDConflict: request.requestID))
            }
            if let stored { return .done(try WrittenArticle(stored, shard)) }
            return place.isAbsent ? repeatedAbsent(earlier) : .elsewhere
        }
        guard let stored else { return place.isAbsent ? try changeAbsent(shard) : .elsewhere }
        let etag = "\"\(stored.header.revision)\""
        guard request.etag.isEmpty || request.etag == etag else {
            return .refused(Failure(etagMismatch: request, now: etag))
        }
        return try change(stored, shard)
    }

    /// Keeps what the request did, if it has an id.
    func remember(_ shard: ShardWriter) throws(StoreError) {
        guard !request.requestID.isEmpty else { return }
        try shard.remember(request: request.requestID, fingerprint: request.fingerprint, article: request.id)
    }

}

extension StoredArticle {
    /// The article itself. The checksum of its bytes was right, so bytes that are none were written by another program.
    ///
    /// - Parameters: where it was found.
    func article(_ id: ArticleID, in period: Period) throws(StoreError) -> Article {
        do throws(MessageError) {
            return try Article(decoding: full.span)
        } catch {
            throw .damaged(DamagedPlace(shard: period.description, table: "articles", key: id.text))
        }
    }
}

extension Failure {
    init(requestIDConflict id: String) {
        self.init(
            .aborted, .requestIDConflict, "request_id \(id) was used for other content", metadata: ["request_id": id])
    }

    fileprivate init(etagMismatch request: ChangeRequest, now etag: String) {
        self.init(
            .aborted, .etagMismatch, "\(request.id.name) has changed: its etag is \(etag)",
            metadata: ["name": request.id.name, "etag": etag])
    }
}
