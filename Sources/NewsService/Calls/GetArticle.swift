internal import Bytes
internal import NewsMessages
internal import NewsModel
internal import NewsStore

extension ArticleService {
    /// The call that comes by the million: the request is read where it lies and the answer is the stored bytes.
    func getArticle(_ request: Span<UInt8>, _ reply: ByteArena) throws(Failure) {
        let name: Range<Int>
        let requestedView: ArticleView
        do throws(MessageError) {
            (name, requestedView) = try GetArticleRequestView.read(request)
        } catch {
            throw Failure(error)
        }
        let nameBytes = request.extracting(name)
        guard let id = ArticleID.range(inName: nameBytes) else { throw badName(nameBytes, "name") }
        let view = try view(requestedView, default: .full)
        switch articles.append(nameBytes.extracting(id), view, to: reply, now: core.clock(), hidesExpired: true) {
        case .appended: return
        case .absent: throw Failure(notFound: text(nameBytes))
        case .damaged(let period): throw damaged(text(nameBytes), period)
        case .unavailable(let period): throw unavailable(period)
        }
    }

    func damaged(_ name: String, _ period: Period) -> Failure {
        core.health.setDamaged(period)
        return Failure(damaged: name, period)
    }

    func unavailable(_ period: Period) -> Failure {
        core.health.setDamaged(period)
        return Failure(StoreError.unavailable(period))
    }

    func view(_ view: ArticleView, default unspecified: ArticleView) throws(Failure) -> ArticleView {
        if view == .unspecified { return unspecified }
        var check = FieldCheck()
        guard let known = check.view(view, default: unspecified) else { throw Failure(check.violations) }
        return known
    }

    func badName(_ name: Span<UInt8>, _ field: String) -> Failure {
        if name.isEmpty { return Failure(field: field, .required, "\(field) is required") }
        return Failure(field: field, .name, "\(field) \"\(text(name).prefix(80))\" must be articles/{article}")
    }

    func text(_ bytes: Span<UInt8>) -> String {
        String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
    }
}
