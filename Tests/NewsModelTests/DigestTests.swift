import NewsModel
import Testing

private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

@Suite("SHA-256") struct SHA256Tests {
    @Test(
        "gives the hashes of FIPS 180-4's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                    + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
                "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func examples(text: String, hash: String) {
        #expect(hex(SHA256.hash(Array(text.utf8))) == hash)
    }

    @Test("does not depend on how its input is cut", arguments: [1, 3, 55, 56, 57, 63, 64, 65, 127, 128])
    func cuts(size: Int) {
        let whole = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
        var hash = SHA256()
        var rest = whole[...]
        while !rest.isEmpty {
            hash.update(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        #expect(hash.finish() == SHA256.hash(whole))
    }
}

@Suite("HMAC-SHA-256") struct HMACTests {
    @Test(
        "gives the codes of RFC 4231",
        arguments: [
            (
                [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xaa, count: 131),
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ])
    func examples(key: [UInt8], message: [UInt8], code: String) {
        #expect(hex(HMAC(key: key).code(of: message)) == code)
    }

    @Test("codes are equal in every byte or not at all")
    func comparison() {
        #expect(HMAC.areEqual([1, 2, 3], [1, 2, 3]))
        #expect(!HMAC.areEqual([1, 2, 3], [1, 2, 4]))
        #expect(!HMAC.areEqual([1, 2, 3], [1, 2]))
    }
}

@Suite("Base 32 hex") struct Base32HexTests {
    @Test(
        "writes RFC 4648's examples in lower case without padding",
        arguments: [
            ("", ""), ("f", "co"), ("fo", "cpng"), ("foo", "cpnmu"), ("foob", "cpnmuog"), ("fooba", "cpnmuoj1"),
            ("foobar", "cpnmuoj1e8"),
        ])
    func examples(bytes: String, text: String) {
        #expect(Base32Hex.encode(bytes.utf8) == text)
    }

    @Test(
        "writes numbers so that texts sort as the numbers do",
        arguments: [0, 1, 31, 32, 1 << 40, UInt64(Int64.max), UInt64(Int64.max) + 1, .max])
    func numbers(number: UInt64) {
        var text: [UInt8] = []
        Base32Hex.append(number, count: Base32Hex.uint64Count, to: &text)
        #expect(text.count == 13)
        #expect(Base32Hex.number(in: text.span, 0..<13) == number)
        if number > 0 {
            var smaller: [UInt8] = []
            Base32Hex.append(number - 1, count: Base32Hex.uint64Count, to: &smaller)
            #expect(smaller.lexicographicallyPrecedes(text))
        }
    }

    @Test(
        "reads no foreign character and no number over 64 bits",
        arguments: ["W", "w", "A", "g000000000000", "-", "vvvvvvvvvvvvv"])
    func refusals(text: String) {
        let bytes = Array(text.utf8)
        #expect(Base32Hex.number(in: bytes.span, 0..<bytes.count) == nil)
    }
}

@Suite("Base 64 for addresses") struct Base64URLTests {
    @Test(
        "writes and reads RFC 4648's examples without padding",
        arguments: [
            ([], ""), ([0x66], "Zg"), ([0x66, 0x6f], "Zm8"), ([0x66, 0x6f, 0x6f], "Zm9v"), ([0xfb, 0xff], "-_8"),
        ] as [([UInt8], String)])
    func examples(bytes: [UInt8], text: String) {
        #expect(Base64URL.encode(bytes) == text)
        #expect(Base64URL.decode(text) == bytes)
    }

    @Test("reads only what it would write", arguments: ["Z", "Zg==", "Zh", "Zm9", "+/8", "Zg\n", "é"])
    func refusals(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}
