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
        guard let id = ArticleID.range(inName: nameBytes) else { throw Failure(badName: nameBytes, "name") }
        let view = try view(requestedView, default: .full)
        switch articles.append(nameBytes.extracting(id), view, to: reply, now: core.clock(), hidesExpired: true) {
        case .appended: return
        case .absent: throw Failure(notFound: String(nameBytes))
        case .damaged(let period): throw core.damaged(String(nameBytes), period)
        case .unavailable(let period): throw core.unavailable(period)
        }
    }

    func view(_ view: ArticleView, default unspecified: ArticleView) throws(Failure) -> ArticleView {
        if view == .unspecified { return unspecified }
        var check = FieldCheck()
        guard let known = check.view(view, default: unspecified) else { throw Failure(check.violations) }
        return known
    }
}
