internal import Bytes
package import GRPCCall
internal import GRPCWire
internal import NewsMessages
internal import NewsModel
package import NewsStore

/// The services on one loop: news.v1.NewsService and grpc.health.v1.Health.
///
/// Reads are answered at once, out of the loop's own view of the store. Writes leave for the store and are answered
/// when they are durable. Methods are those of `Route.table`.
package final class NewsDispatcher: CallDispatcher {
    let core: ServiceCore
    let articles: ArticleReply

    package init(_ core: ServiceCore) throws(StoreError) {
        self.core = core
        articles = ArticleReply(reader: try core.store.makeReader(), store: core.store)
    }

    package func unary(_ method: Int, _ request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome {
        guard let route = Route(rawValue: method) else { return .failed(NewsDispatcher.unimplemented("the method")) }
        do throws(Failure) {
            switch route {
            case .newsServiceGetArticle: try getArticle(request, call.reply)
            case .newsServiceListArticles: try listArticles(decode(request), call.reply)
            case .newsServiceBatchGetArticles: try batchGetArticles(decode(request), call.reply)
            case .newsServiceCreateArticle:
                try createArticle(decode(request), call.reference)
                return .later
            case .healthCheck: try healthCheck(decode(request), call.reply)
            case .healthList: healthList(try decode(request), call.reply)
            case .newsServiceImportArticles, .healthWatch: return .failed(NewsDispatcher.unimplemented("the method"))
            }
            return .replied
        } catch {
            return .failed(error.status)
        }
    }

    package func open(_ method: Int, _ call: CallReference) -> any StreamHandler {
        switch Route(rawValue: method) {
        case .newsServiceImportArticles: return ImportCall(core: core, call: call)
        case .healthWatch:
            call.finish(NewsDispatcher.unimplemented("Watch"))
            return FinishedCall()
        case .newsServiceGetArticle, .newsServiceListArticles, .newsServiceBatchGetArticles, .newsServiceCreateArticle,
            .healthCheck, .healthList, nil:
            call.finish(NewsDispatcher.unimplemented("the method"))
            return FinishedCall()
        }
    }

    package func turnEnded() { articles.reader.endTurn() }

    private func decode<Message: ProtoMessage>(_ request: Span<UInt8>) throws(Failure) -> Message {
        do throws(MessageError) {
            return try Message(decoding: request)
        } catch {
            throw Failure(error)
        }
    }

    private static func unimplemented(_ what: String) -> Status {
        Failure(.unimplemented, .methodUnimplemented, "\(what) is not implemented").status
    }
}

@available(*, unavailable) extension NewsDispatcher: Sendable {}

/// A streamed call that was refused when it began.
private final class FinishedCall: StreamHandler {
    func received(_ message: Span<UInt8>) {}
    func halfClosed() {}
    func drained() {}
    func ended() {}
}
