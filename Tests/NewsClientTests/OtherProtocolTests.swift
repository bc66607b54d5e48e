import NewsClient
import Testing

/// The parts that need no server; TLSServerTests of NewsServer has the others.
@Suite("Servers of another protocol") struct OtherProtocolTests {
    @Test("E19: a server that answers with TLS or HTTP/1 is named as what it is")
    func answers() async throws {
        let cases: [([UInt8], String)] = [
            ([21, 3, 3, 0, 2, 2, 70], "the server needs TLS"),
            (
                Array("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n".utf8),
                "the server speaks HTTP/1, not HTTP/2: HTTP/1.1 400 Bad Request"
            ),
            (RawFrame.frame(type: 4) + RawFrame.goAway(lastStream: 0, code: 12, "this port needs TLS"), "needs TLS"),
        ]
        for (bytes, text) in cases {
            let peer = try RawPeer(replies: [bytes], closes: true)
            let client = try makeClient(peer.target)
            let failure = await error { _ = try await client.unary("hello") }
            #expect(failure?.code == .unavailable)
            #expect(failure?.message.contains(text) == true, "\(String(describing: failure))")
            await client.close()
            peer.stop()
        }
    }
}
