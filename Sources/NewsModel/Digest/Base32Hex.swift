/// Base 32 with the extended hex alphabet (RFC 4648, section 7) in lower case, without padding.
///
/// Its texts sort as the numbers or bytes that they write.
package enum Base32Hex {
    /// Characters that a 64-bit number takes: 65 bits.
    package static let uint64Count = 13

    /// The character of a number of 0 to 31.
    static func character(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The inverse; `nil` for other bytes, upper case among them.
    static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "v"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// The low `5 * count` bits of `number`, most significant first, appended to `text`.
    package static func append(_ number: UInt64, count: Int, to text: inout [UInt8]) {
        for index in (0..<count).reversed() {
            let shift = UInt64(index * 5)
            text.append(character(shift < 64 ? UInt8(truncatingIfNeeded: number >> shift) & 31 : 0))
        }
    }

    /// The number that the characters of `range` write; `nil` when one is foreign or the number has over 64 bits.
    package static func number(in text: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
        guard range.lowerBound >= 0, range.upperBound <= text.count else { return nil }
        var number: UInt64 = 0
        for offset in range {
            guard let value = value(text[offset]), number >> 59 == 0 else { return nil }
            number = number << 5 | UInt64(value)
        }
        return number
    }

    /// Bytes as text, five bits a character; the last one is filled with zero bits.
    package static func encode(_ bytes: Span<UInt8>) -> String {
        var text: [UInt8] = []
        forEachCharacter(of: bytes) { text.append($0) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The characters of that text, without the text.
    ///
    /// Not for any sequence: keys are made of it in another module, where a generic loop asks a table for each byte.
    package static func forEachCharacter(of bytes: Span<UInt8>, _ body: (UInt8) -> Void) {
        var pending: UInt32 = 0
        var pendingCount: UInt32 = 0
        for index in bytes.indices {
            pending = pending << 8 | UInt32(bytes[index])
            pendingCount += 8
            while pendingCount >= 5 {
                pendingCount -= 5
                body(character(UInt8(truncatingIfNeeded: pending >> pendingCount) & 31))
            }
        }
        if pendingCount > 0 {
            body(character(UInt8(truncatingIfNeeded: pending << (5 - pendingCount)) & 31))
        }
    }
}
