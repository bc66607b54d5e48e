import NewsModel
import Testing

@Suite("Page tokens") struct PageTokenTests {
    static let key = SipHash(key: [UInt8](1...32))
    static let issued = Instant(microseconds: 1_790_000_000_000_000)
    static let digest = PageToken.requestDigest(of: ["2026-02", "", "publish_time desc"])
    static let token = PageToken(
        issued: issued, firstPageNow: issued - .seconds(5), requestDigest: digest,
        after: Array("0123456789abc000020260227-0123456789ab".utf8))

    @Test("come back as they were made")
    func roundTrip() throws {
        let text = Self.token.text(key: Self.key)
        let read = try PageToken(text, key: Self.key, requestDigest: Self.digest, now: Self.issued)
        #expect(read == Self.token)
        #expect(text.utf8.allSatisfy { 0x2d...0x7a ~= $0 })
    }

    @Test("are refused when any character is another one")
    func tampering() {
        let text = Array(Self.token.text(key: Self.key).utf8)
        for index in text.indices {
            var other = text
            other[index] = other[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let changed = String(decoding: other, as: UTF8.self)
            #expect(throws: PageTokenError.invalid) {
                try PageToken(changed, key: Self.key, requestDigest: Self.digest, now: Self.issued)
            }
        }
    }

    @Test(
        "are refused when made up, cut or of another store",
        arguments: ["", "AQ", "2", "not a token", String(repeating: "A", count: 4000)])
    func foreign(text: String) {
        #expect(throws: PageTokenError.invalid) {
            try PageToken(text, key: Self.key, requestDigest: Self.digest, now: Self.issued)
        }
        let other = Self.token.text(key: SipHash(key: [UInt8](repeating: 7, count: 32)))
        #expect(throws: PageTokenError.invalid) {
            try PageToken(other, key: Self.key, requestDigest: Self.digest, now: Self.issued)
        }
    }

    @Test("belong to one request")
    func mismatch() {
        let text = Self.token.text(key: Self.key)
        let other = PageToken.requestDigest(of: ["2026-02", "publish_time desc", ""])
        #expect(throws: PageTokenError.mismatch) {
            try PageToken(text, key: Self.key, requestDigest: other, now: Self.issued)
        }
    }

    @Test(
        "are good for three days, and when the clock has gone back",
        arguments: [(0, true), (3 * 86_400, true), (3 * 86_400 + 1, false), (-60, true)])
    func lifetime(seconds: Int, isGood: Bool) throws {
        let text = Self.token.text(key: Self.key)
        let now = Self.issued + .seconds(seconds)
        if isGood {
            _ = try PageToken(text, key: Self.key, requestDigest: Self.digest, now: now)
        } else {
            #expect(throws: PageTokenError.expired) {
                try PageToken(text, key: Self.key, requestDigest: Self.digest, now: now)
            }
        }
    }

    @Test("have a digest that tells how the parts were cut")
    func digestParts() {
        #expect(PageToken.requestDigest(of: ["ab", "c"]) != PageToken.requestDigest(of: ["a", "bc"]))
        #expect(PageToken.requestDigest(of: ["a"]) != PageToken.requestDigest(of: ["a", ""]))
    }
}
