import GRPCWire
import Testing

@Suite("-bin fields") struct BinaryHeaderTests {
    private func decode(_ text: String) throws(BinaryHeaderError) -> [[UInt8]] {
        try BinaryHeader.decode(Array(text.utf8).span)
    }

    /// RFC 4648 section 10, without the padding.
    @Test(
        "A16: bytes are written as base64 without padding",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ])
    func encode(text: String, encoded: String) {
        #expect(BinaryHeader.encode(Array(text.utf8)) == encoded)
    }

    @Test(
        "A16: padded, unpadded and comma-joined values are read",
        arguments: [
            ("Zg", ["f"]), ("Zg==", ["f"]), ("Zm8=", ["fo"]), ("Zm9v", ["foo"]), ("Zg==,Zm8,Zm9v", ["f", "fo", "foo"]),
            ("Zg, Zm8\t", ["f", "fo"]), ("", [""]), ("Zg,", ["f", ""]),
        ])
    func decode(encoded: String, texts: [String]) throws {
        #expect(try decode(encoded) == texts.map { Array($0.utf8) })
        try BinaryHeader.check(Array(encoded.utf8).span)
    }

    @Test("A16: every byte and every length survives", arguments: 0..<70)
    func roundTrip(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 89 &+ count) }
        #expect(try decode(BinaryHeader.encode(bytes)) == [bytes])
    }

    @Test(
        "A17: what is not base64 is refused",
        arguments: [
            ("Z", .length(1)), ("Zm9vY", .length(5)), ("Zg=", .length(3)), ("Zm9v====", .length(8)),
            ("=", .length(1)), ("Z!", .notBase64(0x21)), ("Zg==Zg==", .notBase64(0x3D)), ("Z-_v", .notBase64(0x2D)),
            ("Zg Zg", .length(5)), ("Zm9v,Z", .length(1)),
        ] as [(String, BinaryHeaderError)])
    func invalid(encoded: String, error: BinaryHeaderError) {
        #expect(throws: error) { try decode(encoded) }
        #expect(throws: error) { try BinaryHeader.check(Array(encoded.utf8).span) }
    }
}
