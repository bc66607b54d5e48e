internal import Bytes
internal import NewsMessages
internal import NewsModel

extension ArticleService {
    func batchGetArticles(_ request: BatchGetArticlesRequest, _ reply: ByteArena) throws(Failure) {
        guard !request.names.isEmpty else { throw Failure(field: "names", .required, "names is required") }
        guard request.names.count <= ArticleLimits.batchNames else {
            throw Failure(
                field: "names", .invalid,
                "names has \(request.names.count) items; at most \(ArticleLimits.batchNames) are allowed")
        }
        let view = try view(request.view, default: .basic)
        let now = core.clock()
        var missing: [String] = []
        for (index, name) in request.names.enumerated() {
            let bytes = name.utf8Span.span
            guard let id = ArticleID.range(inName: bytes) else { throw Failure(badName: bytes, "names[\(index)]") }
            switch articles.append(item: 1, bytes.extracting(id), view, to: reply, now: now, hidesExpired: true) {
            case .appended: continue
            case .absent:
                guard request.allowMissing else { throw Failure(notFound: name) }
                missing.append(name)
            case .damaged(let period): throw core.damaged(name, period)
            case .unavailable(let period): throw core.unavailable(period)
            }
        }
        for name in missing { WireWriter.append(2, name, to: reply) }
    }
}
