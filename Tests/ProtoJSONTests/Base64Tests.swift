import ProtoJSON
import TestKit
import Testing

@Suite("Base64") struct Base64Tests {
    @Test(
        "follows the vectors of RFC 4648 section 10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func vectors(plain: String, encoded: String) {
        #expect(Base64.encode(plain.utf8) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
        #expect(Base64.decode(encoded.filter { $0 != "=" }) == Array(plain.utf8))
    }

    @Test("reads back what it wrote, at every length")
    func roundTrip() {
        var generator = SeededGenerator(seed: 7)
        for count in 0..<200 {
            let bytes = generator.bytes(count)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    @Test(
        "refuses other characters, stray padding and impossible lengths",
        arguments: ["A", "AAAAA", "A===", "AA=", "=", "AA==A", "AA AA", "A*AA", "温"])
    func refuses(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
