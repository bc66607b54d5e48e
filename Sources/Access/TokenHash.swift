internal import NewsModel

/// The SHA-256 of a token's text, which is all that is kept of it.
///
/// Not `Equatable`: two are compared by `matches`, in a time that does not tell where they differ.
package struct TokenHash: Sendable {
    private let words: InlineArray<4, UInt64>

    package init(of token: Span<UInt8>) { self.init(bytes: SHA256.hash(token)) }

    package init(of token: String) { self.init(bytes: SHA256.hash(Array(token.utf8))) }

    /// Reads 64 hexadecimal digits.
    package init?(hex text: some StringProtocol) {
        guard text.utf8.count == 64 else { return nil }
        var bytes: [UInt8] = []
        var pending: UInt8?
        for digit in text.utf8 {
            guard let value = Self.value(digit) else { return nil }
            if let high = pending {
                bytes.append(high << 4 | value)
                pending = nil
            } else {
                pending = value
            }
        }
        self.init(bytes: bytes)
    }

    private init(bytes: [UInt8]) {
        words = InlineArray { word in
            bytes[(word * 8)..<(word * 8 + 8)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
    }

    package func matches(_ other: TokenHash) -> Bool {
        var difference: UInt64 = 0
        for index in 0..<4 { difference |= words[index] ^ other.words[index] }
        return difference == 0
    }

    /// 64 hexadecimal digits.
    package var hex: String {
        (0..<4).map { index in
            let digits = String(words[index], radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
