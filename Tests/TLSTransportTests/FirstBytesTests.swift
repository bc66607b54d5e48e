import TLSTransport
import Testing

@Suite("First bytes of a connection") struct FirstBytesTests {
    @Test(
        "what a peer speaks is told by its first bytes",
        arguments: [
            ([22, 3, 1, 2], FirstBytes.tls), ([21, 3, 3, 0, 2], .tls), (Array("PRI * HTTP/2.0".utf8), .http2),
            (Array("GET / HTTP/1.1".utf8), .http1), (Array("POST /".utf8), .http1), (Array("PROPFIND".utf8), .http1),
            (Array("HTTP/1.1 400".utf8), .http1), ([0, 0, 0, 4], .other), ([0x80, 0x2E], .other),
        ] as [([UInt8], FirstBytes)])
    func kinds(bytes: [UInt8], kind: FirstBytes) {
        #expect(FirstBytes(bytes.span) == kind)
        // However few bytes there are, none of them is taken for something else.
        for count in 1..<bytes.count {
            let first = FirstBytes(Array(bytes[..<count]).span)
            #expect(first == kind || first == nil)
        }
    }

    @Test("a beginning that may still become two things is not told", arguments: ["", "P", "PR"])
    func undecided(text: String) {
        #expect(FirstBytes(Array(text.utf8).span) == nil)
    }
}
