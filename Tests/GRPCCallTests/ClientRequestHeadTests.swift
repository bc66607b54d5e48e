import GRPCCall
import GRPCWire
import Testing

@Suite("A request's head") struct ClientRequestHeadTests {
    @Test("D18: has its fields in the order of the specification, the timeout right after the pseudo-header fields")
    func order() throws {
        var metadata = Metadata()
        try metadata.add("who", text: "me")
        try metadata.add("trace-bin", bytes: [0xFF])
        let head = ClientRequestHead(
            path: "/news.v1.NewsService/GetArticle", authority: "localhost:50051", userAgent: "newsrpc/0.1.0",
            timeout: .seconds(30), metadata: metadata)
        let lines = head.fields.map { "\($0.name): \(String(decoding: $0.value, as: UTF8.self))" }
        #expect(
            lines == [
                ":method: POST", ":scheme: http", ":path: /news.v1.NewsService/GetArticle",
                ":authority: localhost:50051", "grpc-timeout: 30000000u", "te: trailers",
                "content-type: application/grpc", "grpc-accept-encoding: identity,deflate,gzip",
                "user-agent: newsrpc/0.1.0", "who: me", "trace-bin: /w",
            ])
    }

    @Test("D18: the number of earlier tries stands behind what defines the call and before its metadata")
    func previousAttempts() throws {
        var metadata = Metadata()
        try metadata.add("who", text: "me")
        var head = ClientRequestHead(path: "/a/b", authority: "x", userAgent: "y", timeout: nil, metadata: metadata)
        head.previousAttempts = 2
        let lines = head.fields.map { "\($0.name): \(String(decoding: $0.value, as: UTF8.self))" }
        #expect(lines.suffix(3) == ["user-agent: y", "grpc-previous-rpc-attempts: 2", "who: me"])
    }

    @Test("a call whose messages are compressed says how", arguments: MessageEncoding.allCases)
    func encoding(encoding: MessageEncoding) {
        let head = ClientRequestHead(path: "/a/b", authority: "x", userAgent: "y", timeout: nil, encoding: encoding)
        let named = head.fields.filter { $0.name == "grpc-encoding" }.map { String(decoding: $0.value, as: UTF8.self) }
        #expect(named == (encoding == .identity ? [] : [encoding.rawValue]))
    }

    @Test("D12: no deadline, no grpc-timeout")
    func noTimeout() {
        let head = ClientRequestHead(path: "/a/b", authority: "x", userAgent: "y", timeout: nil)
        #expect(!head.fields.contains { $0.name == "grpc-timeout" })
    }
}
