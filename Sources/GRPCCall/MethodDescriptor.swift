/// Which sides of a call stream messages.
package enum MethodKind: Hashable, Sendable { case unary, clientStreaming, serverStreaming, bidirectional }

/// What may be assumed of a repeated call (google.protobuf.MethodOptions.IdempotencyLevel).
package enum Idempotency: Hashable, Sendable { case unknown, noSideEffects, idempotent }

/// One method of a service, as the generator writes it.
package struct MethodDescriptor: Sendable {
    /// Such as "/news.v1.NewsService/GetArticle".
    package let path: StaticString
    package let kind: MethodKind
    package let idempotency: Idempotency
    /// Such as "news.v1.NewsService".
    package let service: StaticString
    /// Such as "GetArticle".
    package let name: StaticString
    /// Place in the routing table that lists it.
    package let index: Int

    package init(
        path: StaticString, kind: MethodKind, idempotency: Idempotency, service: StaticString, name: StaticString,
        index: Int
    ) {
        self.path = path
        self.kind = kind
        self.idempotency = idempotency
        self.service = service
        self.name = name
        self.index = index
    }
}
