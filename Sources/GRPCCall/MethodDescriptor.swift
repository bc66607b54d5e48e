/// How many messages go each way.
package enum MethodKind: Hashable, Sendable {
    case unary, clientStreaming, serverStreaming, bidirectional

    package var streamsRequests: Bool { self == .clientStreaming || self == .bidirectional }
    package var streamsResponses: Bool { self == .serverStreaming || self == .bidirectional }
}

/// What a method's `idempotency_level` promises to who repeats a call.
package enum Idempotency: Hashable, Sendable {
    case unknown
    /// Changes nothing.
    case noSideEffects
    /// Done twice, it leaves things as if done once.
    case idempotent
}

/// One row of a routing table.
package struct MethodDescriptor: Sendable {
    /// The value of `:path`, such as `/news.v1.NewsService/GetArticle`.
    package let path: StaticString
    /// Full name of the service, such as `news.v1.NewsService`.
    package let service: StaticString
    /// Name within the service, such as `GetArticle`.
    package let name: StaticString
    /// Full names of the message types.
    package let request: StaticString
    package let response: StaticString
    package let kind: MethodKind
    package let idempotency: Idempotency
    /// Place in the table, from 0.
    package let index: Int

    package init(
        path: StaticString, service: StaticString, name: StaticString, request: StaticString, response: StaticString,
        kind: MethodKind, idempotency: Idempotency, index: Int
    ) {
        self.path = path
        self.service = service
        self.name = name
        self.request = request
        self.response = response
        self.kind = kind
        self.idempotency = idempotency
        self.index = index
    }
}
