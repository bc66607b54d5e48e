import NewsModel
import TestKit
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

@Suite("SipHash-2-4 with 128 bits") struct SipHashTests {
    @Test(
        "gives the codes of the reference implementation for messages of every kind of length",
        arguments: [
            (0, "a3817f04ba25a8e66df67214c7550293"), (1, "da87c1d86b99af44347659119b22fc45"),
            (7, "a1f1ebbed8dbc153c0b84aa61ff08239"), (8, "3b62a9ba6258f5610f83e264f31497b4"),
            (15, "5493e99933b0a8117e08ec0f97cfc3d9"), (63, "5150d1772f50834a503e069a973fbd7c"),
        ])
    func examples(byteCount: UInt8, code: String) {
        #expect(hex(SipHash(key: Array(0..<16)).code(of: Array(0..<byteCount))) == code)
    }

    @Test("codes are equal in every byte or not at all")
    func comparison() {
        func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { ConstantTime.areEqual(left.span, right.span) }
        #expect(areEqual([1, 2, 3], [1, 2, 3]))
        #expect(!areEqual([1, 2, 3], [1, 2, 4]))
        #expect(!areEqual([1, 2, 3], [1, 2]))
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
        let array = Array(bytes.utf8)
        let written = Base32Hex.encode(array.span)
        #expect(written == text)
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

    @Test("writes eight characters at once as it writes them one by one") func eightAtOnce() {
        var random = SeededGenerator(seed: 11)
        for number in [0, 31, (1 << 40) - 1, .max] + (0..<1000).map({ _ in random.next() }) {
            var text: [UInt8] = []
            Base32Hex.append(number, count: 8, to: &text)
            let word = Base32Hex.characters(of: number)
            #expect((0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } == text)
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
