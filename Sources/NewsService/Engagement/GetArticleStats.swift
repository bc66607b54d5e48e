internal import Bytes
internal import NewsMessages
internal import NewsModel
internal import NewsStore

extension EngagementService {
    /// Read where it lies and answered without a message, as GetArticle is.
    func getArticleStats(_ request: Span<UInt8>, _ reply: ByteArena) throws(Failure) {
        let range: Range<Int>
        do throws(MessageError) {
            range = try GetArticleStatsRequestView.read(request)
        } catch {
            throw Failure(error)
        }
        let name = request.extracting(range)
        guard let id = ArticleID.range(inName: name) else { throw Failure(badName: name, "name") }
        switch reader.read(name.extracting(id), .head, appendingTo: reply) {
        case .found(_, let counters): reply.write(upTo: Counters.encodedCountMax) { counters.append(to: &$0) }
        case .absent: throw Failure(notFound: String(name))
        case .damaged(let period): throw core.damaged(String(name), period)
        case .unavailable(let period): throw core.unavailable(period)
        }
    }
}
