internal import NewsModel

/// The text of a bearer token: `nrpc_` and 32 random bytes in base64url, 48 characters in all.
///
/// The prefix lets scanners find a token that was committed or logged by mistake.
package enum TokenText {
    package static let prefix = "nrpc_"
    /// 256 bits: the stored hash needs no salt and no stretching, as nobody can try them all.
    package static let randomByteCount = 32
    /// A longer one is nobody's; it is not even hashed.
    package static let byteCountMax = 512

    /// - Parameter random: `randomByteCount` bytes of the system's random source.
    package static func make(of random: [UInt8]) -> String {
        precondition(random.count == randomByteCount, "a token is made of 32 random bytes")
        return prefix + Base64URL.encode(random)
    }

    /// Whether it can stand in an `authorization` field: `token68` of RFC 9110, section 11.2.
    package static func isSendable(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.count <= byteCountMax && text.utf8.allSatisfy(isToken68)
    }

    private static func isToken68(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default: false
        }
    }

    /// Where the token lies in the value of an `authorization` field (RFC 6750, section 2.1); the scheme's name is not
    /// case-sensitive.
    ///
    /// - Returns: `nil` for another scheme, and when no token follows.
    package static func range(inField value: Span<UInt8>) -> Range<Int>? {
        let scheme = "bearer ".utf8
        guard value.count > scheme.count else { return nil }
        for (index, byte) in scheme.enumerated() where value[index] | 0x20 != byte { return nil }
        var start = scheme.count
        while start < value.count, value[start] == UInt8(ascii: " ") { start += 1 }
        return start < value.count ? start..<value.count : nil
    }
}
