/// One method of a service, as generated stubs name it.
public struct RPCMethod: Hashable, Sendable, CustomStringConvertible {
    /// Which sides send more than one message.
    public enum Kind: Hashable, Sendable { case unary, clientStreaming, serverStreaming, bidirectional }

    /// What repeating a call does, from `idempotency_level` of the method. `unknown` is what a method without it has.
    public enum Idempotency: Hashable, Sendable { case unknown, idempotent, noSideEffects }

    /// Full name of the service, such as "news.v1.NewsService".
    public let service: String
    /// Name of the method as the contract spells it, such as "GetArticle".
    public let name: String
    public let kind: Kind
    public let idempotency: Idempotency

    public init(service: String, name: String, kind: Kind, idempotency: Idempotency = .unknown) {
        self.service = service
        self.name = name
        self.kind = kind
        self.idempotency = idempotency
    }

    /// What stands in `:path`: "/news.v1.NewsService/GetArticle".
    public var path: String { "/\(service)/\(name)" }
    public var description: String { "\(service)/\(name)" }
}

/// Carries calls to a server, as bytes.
///
/// `RPCClient` is the one that does it over HTTP/2; a test may put another in its place. Generated stubs are
/// extensions of this protocol and use `unary(_:_:options:)`, `serverStreaming(_:_:options:)` and
/// `streaming(_:options:)` of CallChannel+Messages.swift:
///
///     extension CallChannel {
///         /// Returns one article.
///         public func getArticle(
///             _ request: GetArticleRequest, options: CallOptions = CallOptions()
///         ) async throws(RPCError) -> Article {
///             try await unary(NewsServiceMethods.getArticle, request, options: options)
///         }
///         /// Bulk load.
///         public func importArticles(
///             options: CallOptions = CallOptions()
///         ) -> StreamingCall<ImportArticlesRequest, ImportArticlesResponse> {
///             streaming(NewsServiceMethods.importArticles, options: options)
///         }
///     }
///
/// A service outside news.v1 puts its name before the method's: `healthCheck`, `healthList`, `healthWatch`.
public protocol CallChannel: Sendable {
    /// Sends one encoded message and waits for the one encoded answer.
    func unary(
        _ method: RPCMethod, message: [UInt8], options: CallOptions
    ) async throws(RPCError) -> [UInt8]

    /// Begins a call of any kind. It never fails here: what goes wrong is thrown by the stream's first use.
    ///
    /// - Parameter message: the one encoded message that this side sends, when the method takes one only. `nil`:
    ///   messages follow by `send`, and then `finish`.
    func open(_ method: RPCMethod, message: [UInt8]?, options: CallOptions) -> any MessageStream
}

/// A call in progress, as bytes. From any task; one task at a time sends and one at a time receives.
public protocol MessageStream: Sendable {
    /// Sends one encoded message. Returns once flow control has room for more.
    func send(_ message: [UInt8]) async throws(RPCError)
    /// Sends encoded messages, in their order. Returns once flow control has room for more.
    func send(all messages: [[UInt8]]) async throws(RPCError)
    /// No more messages come from here.
    func finish()
    /// The next encoded message, or `nil` when the call has ended well.
    func next() async throws(RPCError) -> [UInt8]?
    /// Fields that the server sent before its first message, without gRPC's own. Waits for them. None for a call that
    /// ended well without a message.
    func metadata() async throws(RPCError) -> [MetadataField]
    /// Fields that came with the end of the call; empty before it. Those of a call that failed are in its error too.
    var trailers: [MetadataField] { get }
    /// Ends the call at once. What waits for it throws CANCELLED.
    func cancel()
}

extension MessageStream {
    /// One by one, unless the stream knows better.
    public func send(all messages: [[UInt8]]) async throws(RPCError) {
        for message in messages { try await send(message) }
    }

    /// A stream of a test needs no metadata.
    public func metadata() async throws(RPCError) -> [MetadataField] { [] }
    public var trailers: [MetadataField] { [] }
}
