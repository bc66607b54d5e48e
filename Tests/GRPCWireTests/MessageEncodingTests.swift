import GRPCWire
import Testing

@Suite("Encodings of messages") struct MessageEncodingTests {
    @Test(
        "B8: are known by their exact names",
        arguments: [
            ("identity", .identity), ("gzip", .gzip), ("deflate", .deflate), ("GZIP", nil), ("", nil), ("gzip ", nil),
            ("snappy", nil), ("x-gzip", nil),
        ] as [(String, MessageEncoding?)])
    func names(text: String, encoding: MessageEncoding?) {
        #expect(MessageEncoding(Array(text.utf8).span) == encoding)
    }

    @Test(
        "B15: the best of those that a peer accepts is found in any spelling of its list",
        arguments: [
            ("identity,deflate,gzip", .gzip), ("identity, deflate, gzip", .gzip), ("gzip", .gzip),
            ("deflate", .deflate), ("deflate,zstd", .deflate), ("identity", .identity), ("", .identity),
            (",, ,", .identity), ("zstd,br", .identity), ("gzipped", .identity), ("\tgzip\t", .gzip),
        ] as [(String, MessageEncoding)])
    func accepted(list: String, best: MessageEncoding) {
        #expect(AcceptedEncodings(parsing: Array(list.utf8).span).best == best)
        #expect(AcceptedEncodings().best == .identity)
    }
}
