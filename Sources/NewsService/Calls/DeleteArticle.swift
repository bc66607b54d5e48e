internal import GRPCCall
internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore

extension ArticleService {
    func deleteArticle(
        _ request: DeleteArticleRequest, _ call: CallReference, _ cancellation: CallCancellation
    ) throws(Failure) {
        var check = FieldCheck()
        let id = check.articleName(request.name, "name")
        check.requestID(request.requestId, "request_id")
        let delay = check.purgeDelay(request.purgeDelay, "purge_delay")
        guard check.isPassed, let id else { throw Failure(check.violations) }
        var content = request
        content.requestId = ""
        content.unknownFields = []
        let command = DeleteCommand(
            request: ChangeRequest(
                "DeleteArticle", id, etag: request.etag, requestID: request.requestId, content: content,
                validateOnly: request.validateOnly, cancellation),
            purgeDelay: delay, allowsMissing: request.allowMissing)
        ChangeCall(core, call, command).start()
    }
}

/// Deletes an article so that it can be brought back, or for good.
struct DeleteCommand: ChangeCommand {
    let request: ChangeRequest
    var place = ChangePlace(period: .undated)
    /// `nil`: the default.
    let purgeDelay: Duration?
    let allowsMissing: Bool

    init(request: ChangeRequest, purgeDelay: Duration?, allowsMissing: Bool) {
        self.request = request
        self.purgeDelay = purgeDelay
        self.allowsMissing = allowsMissing
    }

    func change(_ stored: StoredArticle, _ shard: ShardWriter) throws(StoreError) -> ChangeOutcome {
        var header = stored.header
        if header.isDeleted {
            guard allowsMissing else { return .refused(Failure(notFound: request.id.name, "is deleted already")) }
            guard purgeDelay != nil else {
                if !request.validateOnly { try remember(shard) }
                return .done(try WrittenArticle(stored, shard))
            }
        } else {
            header.updateTime = shard.now
        }
        let delay = purgeDelay ?? ArticleLimits.purgeDelayDefault
        header.purgeTime = shard.now + delay
        if !request.validateOnly {
            if delay == .zero {
                header.revision = try shard.purge(request.id)
            } else {
                header = try shard.delete(request.id, purgeTime: shard.now + delay)
            }
            try remember(shard)
        }
        return .done(try WrittenArticle(stored, header, shard))
    }

    func changeAbsent(_ shard: ShardWriter) throws(StoreError) -> ChangeOutcome {
        guard allowsMissing else { return .refused(Failure(notFound: request.id.name)) }
        if !request.validateOnly { try remember(shard) }
        return .done(WrittenArticle(nameOnly: request.id))
    }

    /// It was purged, by this request or since.
    func repeatedAbsent(_ earlier: RequestRecord) -> ChangeOutcome { .done(WrittenArticle(nameOnly: request.id)) }
}

extension FieldCheck {
    /// The id in the name of an article.
    mutating func articleName(_ name: String, _ field: String) -> ArticleID? {
        if name.isEmpty {
            refuse(field, .required, "\(field) is required")
            return nil
        }
        let id = ArticleID(name: name)
        if id == nil { refuse(field, .name, "\(field) \"\(name.prefix(80))\" must be articles/{article}") }
        return id
    }

    mutating func purgeDelay(_ delay: ProtoDuration?, _ field: String) -> Duration? {
        guard let delay else { return nil }
        let duration = Duration.seconds(delay.seconds) + .nanoseconds(Int64(delay.nanos))
        guard 0...ArticleLimits.purgeDelaySecondsMax ~= delay.seconds, 0...999_999_999 ~= delay.nanos,
            duration <= .seconds(ArticleLimits.purgeDelaySecondsMax)
        else {
            refuse(field, .invalid, "\(field) must be 0 to 365 days")
            return nil
        }
        return duration
    }
}

extension Failure {
    init(notFound name: String, _ problem: String) {
        self.init(.notFound, .articleNotFound, "\(name) \(problem)", metadata: ["name": name])
    }
}
