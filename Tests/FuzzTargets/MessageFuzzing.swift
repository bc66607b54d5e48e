import NewsImport
import NewsMessages

/// The protobuf fence, and the reader of captures.
enum MessageFuzzing {
    private static let kinds: [@Sendable ([UInt8]) -> Void] = [
        { check(GetArticleRequest.self, $0) }, { check(BatchGetArticlesRequest.self, $0) },
        { check(ListArticlesRequest.self, $0) }, { check(CreateArticleRequest.self, $0) },
        { check(ImportArticlesRequest.self, $0) }, { check(ImportArticlesResponse.self, $0) },
        { check(Article.self, $0) }, { check(ListArticlesResponse.self, $0) }, { check(RPCStatus.self, $0) },
        { check(ErrorInfo.self, $0) }, { check(BadRequest.self, $0) }, { check(RetryInfo.self, $0) },
        { check(HealthCheckRequest.self, $0) }, { check(HealthListResponse.self, $0) },
        { check(ServerReflectionRequest.self, $0) }, { check(ServerReflectionResponse.self, $0) }, { view($0) },
    ]

    static func roundTrip(_ bytes: [UInt8]) {
        guard let choice = bytes.first else { return }
        kinds[Int(choice) % kinds.count](Array(bytes.dropFirst()))
    }

    private static func check<Message: ProtoMessage>(_ type: Message.Type, _ bytes: [UInt8]) {
        guard let message = try? Message(decoding: bytes) else { return }
        let encoded = message.encoded()
        guard let again = try? Message(decoding: encoded) else {
            preconditionFailure("\(Message.protoName) is written as it cannot be read")
        }
        precondition(again.encoded() == encoded, "\(Message.protoName) changes each time it is written")
    }

    /// The reader of the one request that comes by the million takes and refuses what the codec does.
    private static func view(_ bytes: [UInt8]) {
        let message = try? GetArticleRequest(decoding: bytes)
        let view = try? GetArticleRequestView.read(bytes.span)
        precondition((message == nil) == (view == nil), "two readers of GetArticleRequest disagree")
        guard let message, let view else { return }
        let name = String(decoding: bytes[view.name], as: UTF8.self)
        precondition(message.name == name && message.view == view.view, "two readers of GetArticleRequest differ")
    }

    static func capture(_ bytes: [UInt8]) { _ = try? CaptureReader.read(bytes) }
}
