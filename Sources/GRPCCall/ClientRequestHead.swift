package import GRPCWire

/// What a client says at the beginning of a call.
package struct ClientRequestHead: Sendable {
    package var scheme = "http"
    /// Such as "/news.v1.NewsService/GetArticle".
    package var path: String
    /// Host and port as the user named them, or "localhost" for a unix socket.
    package var authority: String
    package var userAgent: String
    /// Time left until the deadline. `nil`: none.
    package var timeout: Duration?
    /// How messages that are compressed are.
    package var encoding: MessageEncoding
    package var metadata: Metadata
    /// How often the call was tried before, transparent retries not counted (gRFC A6).
    package var previousAttempts = 0

    package init(
        path: String, authority: String, userAgent: String, timeout: Duration?,
        encoding: MessageEncoding = .identity, metadata: Metadata = Metadata()
    ) {
        self.path = path
        self.authority = authority
        self.userAgent = userAgent
        self.timeout = timeout
        self.encoding = encoding
        self.metadata = metadata
    }

    /// The header section, in order: pseudo-header fields, then the timeout, so that a proxy sees it first, then what
    /// defines the call, then metadata (gRPC over HTTP/2, "Requests").
    package var fields: [(name: String, value: [UInt8])] {
        var fields: [(name: String, value: [UInt8])] = [
            (":method", Array("POST".utf8)), (":scheme", Array(scheme.utf8)), (":path", Array(path.utf8)),
            (":authority", Array(authority.utf8)),
        ]
        if let timeout { fields.append(("grpc-timeout", Array(GRPCTimeout.format(timeout).utf8))) }
        fields.append(("te", Array("trailers".utf8)))
        fields.append(("content-type", Array(ContentType.sent.utf8)))
        if encoding != .identity { fields.append(("grpc-encoding", Array(encoding.rawValue.utf8))) }
        fields.append(("grpc-accept-encoding", Array(MessageEncoding.accepted.utf8)))
        fields.append(("user-agent", Array(userAgent.utf8)))
        if previousAttempts > 0 {
            fields.append(("grpc-previous-rpc-attempts", Array(String(previousAttempts).utf8)))
        }
        return fields + metadata.wireFields
    }
}
