/// Why a page token was refused.
package enum PageTokenError: Error, Equatable, Sendable {
    /// Not one of this store's.
    case invalid
    /// Made for another request.
    case mismatch
    /// Older than `PageToken.lifetime`.
    case expired
}

/// Where a list goes on. Stateless: everything is in the text, which the store's key authenticates.
///
///      1 byte    version, 2
///      8 bytes   when it was made, microseconds since 1970, network order
///      8 bytes   when the first page was asked for, likewise
///      8 bytes   digest of the request, likewise
///      n bytes   key of the last row seen
///     16 bytes   the SipHash-2-4 code of all before
///
/// all as one base64url text. It gives no authority: the request is checked as every other.
package struct PageToken: Hashable, Sendable {
    package var issued: Instant
    /// Relative times mean the same on every page.
    package var firstPageNow: Instant
    /// What the request asks for, size and token aside; see `requestDigest(of:)`.
    package var requestDigest: UInt64
    /// The key of the last row seen.
    package var after: [UInt8]

    package static let lifetime: Duration = .seconds(3 * 86_400)
    private static let headCount = 1 + 8 + 8 + 8
    private static let version: UInt8 = 2
    /// Longer texts are refused before they are decoded.
    private static let textCountMax = 512

    package init(issued: Instant, firstPageNow: Instant, requestDigest: UInt64, after: [UInt8]) {
        self.issued = issued
        self.firstPageNow = firstPageNow
        self.requestDigest = requestDigest
        self.after = after
    }

    /// A digest of the parts of a request: other parts, or parts cut otherwise, give another one.
    ///
    /// FNV-1a in 64 bits, because it guards against mistakes only: whoever makes two requests of one digest gets what
    /// either would give him anyway.
    package static func requestDigest(of parts: [String]) -> UInt64 {
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for part in parts {
            for byte in part.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
            // No text has this byte, so it tells where a part ends.
            digest = (digest ^ 0xff) &* 0x100_0000_01b3
        }
        return digest
    }

    /// - Parameter key: The store's secret.
    package func text(key: SipHash) -> String {
        var bytes = [PageToken.version]
        bytes += PageToken.bigEndian(issued.microseconds)
        bytes += PageToken.bigEndian(firstPageNow.microseconds)
        bytes += PageToken.bigEndian(Int64(bitPattern: requestDigest))
        bytes += after
        bytes += key.code(of: bytes)
        return Base64URL.encode(bytes)
    }

    /// - Parameter requestDigest: That of the request which brings the token.
    package init(_ text: String, key: SipHash, requestDigest: UInt64, now: Instant) throws(PageTokenError) {
        guard text.utf8.count <= PageToken.textCountMax, let bytes = Base64URL.decode(text),
            bytes.count > PageToken.headCount + SipHash.codeCount, bytes[0] == PageToken.version
        else { throw .invalid }
        let content = Array(bytes.dropLast(SipHash.codeCount))
        let code = key.code(of: content)
        guard ConstantTime.areEqual(code.span, bytes.span.extracting(last: SipHash.codeCount)) else { throw .invalid }
        issued = Instant(microseconds: PageToken.number(content[1..<9]))
        firstPageNow = Instant(microseconds: PageToken.number(content[9..<17]))
        self.requestDigest = UInt64(bitPattern: PageToken.number(content[17..<PageToken.headCount]))
        after = Array(content[PageToken.headCount...])
        guard self.requestDigest == requestDigest else { throw .mismatch }
        guard now <= issued + PageToken.lifetime else { throw .expired }
    }

    private static func bigEndian(_ value: Int64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64 {
        bytes.reduce(0) { $0 << 8 | Int64($1) }
    }
}
