import GRPCWire
import Testing

@Suite("grpc-message") struct PercentEncodingTests {
    private static let pairs: [(text: String, encoded: String)] = [
        ("", ""), ("plain text, as it is!", "plain text, as it is!"), ("100%", "100%25"), ("~\u{7F}", "~%7F"),
        ("栏目", "%E6%A0%8F%E7%9B%AE"),
        (
            "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n",
            "%09%0Atest with whitespace%0D%0Aand Unicode BMP %E2%98%BA and non-BMP %F0%9F%98%88%09%0A"
        ),
    ]

    @Test("C4: everything outside of printable ASCII, and the percent sign, is escaped", arguments: pairs)
    func encode(text: String, encoded: String) {
        #expect(String(decoding: PercentEncoding.encode(text), as: UTF8.self) == encoded)
    }

    @Test("C4: escapes are read back", arguments: pairs)
    func decode(text: String, encoded: String) {
        #expect(PercentEncoding.decode(Array(encoded.utf8).span) == text)
    }

    @Test(
        "D7: broken escapes stand for themselves",
        arguments: [
            ("%", "%"), ("50%", "50%"), ("%4", "%4"), ("%zz%41", "%zzA"), ("%4z", "%4z"), ("%%41", "%A"),
            ("%e2%98%ba", "☺"),
        ])
    func broken(encoded: String, text: String) {
        #expect(PercentEncoding.decode(Array(encoded.utf8).span) == text)
    }

    @Test("D7: bytes that are no UTF-8 become replacement characters")
    func notUTF8() {
        #expect(PercentEncoding.decode(([0x61, 0xFF, 0x62] as [UInt8]).span) == "a\u{FFFD}b")
        #expect(PercentEncoding.decode(Array("%FFx".utf8).span) == "\u{FFFD}x")
    }
}
