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

    /// Eight characters at once: those of the low 40 bits, the first one in the lowest byte.
    @inlinable package static func characters(of bits: UInt64) -> UInt64 {
        // Halves change places until each byte has five bits.
        var digits = (bits >> 20 & 0xf_ffff) | (bits & 0xf_ffff) << 32
        digits = (digits >> 10 & 0x3ff_0000_03ff) | (digits & 0x3ff_0000_03ff) << 16
        digits = (digits >> 5 & 0x1f_001f_001f_001f) | (digits & 0x1f_001f_001f_001f) << 8
        // The top bit of each byte that is 10 or more, which takes it from the digits to the letters.
        let letters = (digits &+ 0x7676_7676_7676_7676) >> 7 & 0x0101_0101_0101_0101
        return digits &+ 0x3030_3030_3030_3030 &+ letters &* 39
    }

    /// Bytes as text, five bits a character; the last one is filled with zero bits.
    package static func encode(_ bytes: Span<UInt8>) -> String {
        var text: [UInt8] = []
        forEachWord(of: bytes) { word, count in
            for place in 0..<count { text.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * place))) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The characters of that text, up to eight in a word, the first one in the lowest byte.
    @inlinable package static func forEachWord(of bytes: Span<UInt8>, _ body: (_ word: UInt64, _ count: Int) -> Void) {
        for start in stride(from: 0, to: bytes.count, by: 5) {
            let end = min(start + 5, bytes.count)
            var bits: UInt64 = 0
            for place in start..<(start + 5) { bits = bits << 8 | (place < end ? UInt64(bytes[place]) : 0) }
            body(characters(of: bits), (8 * (end - start) + 4) / 5)
        }
    }
}
