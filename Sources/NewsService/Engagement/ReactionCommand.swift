internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// Adds a reaction or takes it back, in the shard that has the article.
struct ReactionCommand: StoreCommand {
    let id: ArticleID
    let reaction: Reaction
    let isAdded: Bool
    /// Empty: none, or none is needed, as the reaction counts once for its actor.
    let requestID: String
    private let fingerprint: [UInt8]
    private let cancellation: CallCancellation
    var period = Period.undated
    var claim: ArticleID? { nil }

    enum Outcome: Sendable {
        case counted(Counters)
        case refused(Failure)
    }

    init(_ request: AddReactionRequest, _ cancellation: CallCancellation) throws(Failure) {
        var check = FieldCheck()
        check.requestID(request.requestId, "request_id")
        let reaction = check.reaction(request.kind, request.actor)
        guard let id = check.articleName(request.name, "name"), let reaction, check.isPassed else {
            throw Failure(check.violations)
        }
        var content = request
        content.requestId = ""
        content.unknownFields = []
        self.id = id
        self.reaction = reaction
        self.cancellation = cancellation
        isAdded = true
        requestID = reaction.countsOnce ? "" : request.requestId
        fingerprint = requestID.isEmpty ? [] : SHA256.hash(Array("AddReaction".utf8) + [0] + content.encoded())
    }

    init(_ request: RemoveReactionRequest, _ cancellation: CallCancellation) throws(Failure) {
        var check = FieldCheck()
        let reaction = check.reaction(request.kind, request.actor)
        if reaction == .share || reaction == .tip {
            check.refuse("kind", .invalid, "kind must be LIKE or FAVORITE; shares and tips are not taken back")
        }
        guard let id = check.articleName(request.name, "name"), let reaction, check.isPassed else {
            throw Failure(check.violations)
        }
        self.id = id
        self.reaction = reaction
        self.cancellation = cancellation
        isAdded = false
        requestID = ""
        fingerprint = []
    }

    func apply(to shard: ShardWriter) throws(StoreError) -> Outcome {
        // Nobody will hear of it: what was given up before it began is not done at all.
        if cancellation.isCancelled { return .refused(Failure(.cancelled, .cancelled, "the call was cancelled")) }
        if !requestID.isEmpty, let earlier = shard.request(requestID, .reaction) {
            guard earlier.fingerprint == fingerprint else { return .refused(Failure(requestIDConflict: requestID)) }
            return .counted(try shard.counters(of: id))
        }
        let counters = try isAdded ? shard.add(reaction, to: id) : shard.remove(reaction, from: id)
        if !requestID.isEmpty {
            try shard.remember(request: requestID, .reaction, fingerprint: fingerprint, article: id)
        }
        return .counted(counters)
    }
}

extension FieldCheck {
    /// - Returns: `nil` when something is wrong with it.
    fileprivate mutating func reaction(_ kind: ReactionKind, _ actor: String) -> Reaction? {
        let isPrintable = actor.utf8.allSatisfy { 0x21...0x7e ~= $0 }
        if !isPrintable || actor.utf8.count > Reaction.actorCountMax {
            refuse(
                "actor", .invalid,
                "actor must have at most \(Reaction.actorCountMax) printable ASCII characters, no spaces")
            return nil
        }
        switch kind {
        case .like, .favorite:
            if actor.isEmpty {
                refuse("actor", .required, "actor is required for LIKE and FAVORITE")
                return nil
            }
            return kind == .like ? .like(by: actor) : .favorite(by: actor)
        case .share: return .share
        case .tip: return .tip
        case .unspecified:
            refuse("kind", .required, "kind is required")
            return nil
        default:
            refuse("kind", .invalid, "kind \(kind.rawValue) is unknown")
            return nil
        }
    }
}
