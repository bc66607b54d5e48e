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
        case .damaged(let period): throw damaged(String(name), period)
        case .unavailable(let period): throw unavailable(period)
        }
    }
}

extension String {
    init(_ bytes: Span<UInt8>) { self.init(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self) }
}

extension Failure {
    init(badName name: Span<UInt8>, _ field: String) {
        if name.isEmpty {
            self.init(field: field, .required, "\(field) is required")
        } else {
            self.init(field: field, .name, "\(field) \"\(String(name).prefix(80))\" must be articles/{article}")
        }
    }
}
