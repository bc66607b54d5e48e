import Access
import NewsModel
import Testing

@Suite("Who has a credential") struct AccessTableTests {
    private func entry(_ name: String, _ credential: AccessEntry.Credential) -> AccessEntry {
        AccessEntry(name: name, credential: credential, scopes: [], created: .epoch)
    }

    @Test("a token leads to its entry, and nothing else does")
    func tokens() {
        let table = AccessTable([
            entry("a", .token(TokenHash(of: "one"))), entry("c", .certificate("one")),
            entry("b", .token(TokenHash(of: "two"))),
        ])
        let found = ["one", "two", "three", "", "on", "onee"].map { table.entry(token: Array($0.utf8).span) }
        #expect(found == [0, 2, nil, nil, nil, nil])
        #expect(table.entry(token: [UInt8](repeating: 0x61, count: TokenText.byteCountMax + 1).span) == nil)
    }

    @Test("the first name of a certificate that has an entry counts")
    func certificates() {
        let table = AccessTable([entry("a", .certificate("news.example")), entry("b", .certificate("spiffe://x/b"))])
        #expect(table.entry(certificateNames: ["other", "spiffe://x/b", "news.example"]) == 1)
        #expect(table.entry(certificateNames: ["other"]) == nil)
        #expect(table.entry(certificateNames: []) == nil)
    }

    @Test("a hash is written in 64 digits and read again, in either case")
    func hashes() throws {
        let hash = TokenHash(of: "abc")
        #expect(hash.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(try #require(TokenHash(hex: hash.hex.uppercased())).matches(hash))
        #expect(TokenHash(hex: String(hash.hex.dropLast())) == nil)
        #expect(TokenHash(hex: String(hash.hex.dropLast()) + "g") == nil)
        #expect(!TokenHash(of: "abd").matches(hash))
    }

    @Test("bytes are compared to their end")
    func bytes() {
        let left: [UInt8] = [1, 2, 3]
        for right in [[1, 2, 3], [1, 2], [1, 2, 3, 4], [0, 2, 3], [1, 2, 2], []] as [[UInt8]] {
            #expect(ConstantTime.areEqual(left.span, right.span) == (left == right))
        }
    }
}

@Suite("The text of a token") struct TokenTextTests {
    @Test("is 48 characters that can be sent")
    func made() {
        let text = TokenText.make(of: Array(0..<32))
        #expect(text == "nrpc_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
        #expect(text.utf8.count == 48 && TokenText.isSendable(text))
    }

    @Test("is not sendable when a header cannot carry it", arguments: ["", "a b", "a\n", "好", "a\"", "a,b"])
    func unsendable(text: String) { #expect(!TokenText.isSendable(text)) }

    @Test(
        "is found behind its scheme",
        arguments: [
            ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER   abc", "abc"), ("Bearer ", nil), ("Bearer", nil),
            ("Basic abc", nil), ("abc", nil), ("", nil), ("Bearerabc", nil), ("Bearer a b", "a b"),
        ] as [(String, String?)])
    func field(value: String, token: String?) {
        let bytes = Array(value.utf8)
        let range = TokenText.range(inField: bytes.span)
        #expect(range.map { String(decoding: bytes[$0], as: UTF8.self) } == token)
    }
}

@Suite("Scopes") struct ScopeTests {
    @Test("are one bit each and imply nothing")
    func bits() {
        #expect(Set(Scope.allCases.map { ScopeSet($0) }).count == Scope.allCases.count)
        #expect(Scope.allCases.allSatisfy { ScopeSet($0).rawValue.nonzeroBitCount == 1 })
        #expect(ScopeSet(Scope.allCases).scopes == Scope.allCases)
        #expect(!ScopeSet(.articlesWrite).isSuperset(of: ScopeSet(.articlesRead)))
        #expect(!ScopeSet(.admin).isSuperset(of: ScopeSet(.articlesRead)))
    }
}
