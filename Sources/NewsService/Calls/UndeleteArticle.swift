internal import GRPCCall
internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore

extension ArticleService {
    func undeleteArticle(
        _ request: UndeleteArticleRequest, _ call: CallReference, _ cancellation: CallCancellation
    ) throws(Failure) {
        var check = FieldCheck()
        let id = check.articleName(request.name, "name")
        check.requestID(request.requestId, "request_id")
        guard check.isPassed, let id else { throw Failure(check.violations) }
        var content = request
        content.requestId = ""
        content.unknownFields = []
        let command = UndeleteCommand(
            request: ChangeRequest(
                "UndeleteArticle", id, etag: request.etag, requestID: request.requestId, content: content,
                validateOnly: request.validateOnly, cancellation))
        ChangeCall(core, call, command).start()
    }
}

/// Brings a deleted article back.
struct UndeleteCommand: ChangeCommand {
    let request: ChangeRequest
    var place = ChangePlace(period: .undated)

    init(request: ChangeRequest) { self.request = request }

    func change(_ stored: StoredArticle, _ shard: ShardWriter) throws(StoreError) -> ChangeOutcome {
        guard stored.header.isDeleted else {
            return .refused(
                Failure(
                    .alreadyExists, .articleNotDeleted, "\(request.id.name) is not deleted",
                    metadata: ["name": request.id.name]))
        }
        var header = stored.header
        header.purgeTime = nil
        if !request.validateOnly {
            header = try shard.undelete(request.id)
            try remember(shard)
        }
        return .done(try WrittenArticle(stored, header, shard))
    }

    func changeAbsent(_ shard: ShardWriter) throws(StoreError) -> ChangeOutcome {
        .refused(Failure(notFound: request.id.name))
    }
}
