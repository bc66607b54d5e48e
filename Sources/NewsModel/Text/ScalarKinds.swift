extension Unicode.Scalar {
    /// White_Space of the Unicode standard. The standard library looks it up in a table, once for each character of a
    /// text; the 25 of them are stable.
    package var isWhiteSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }
}

extension Unicode.Scalar {
    /// Whether NFC (UAX #15) leaves it as it is, whatever other such characters stand beside it, and it is no white
    /// space: the characters that nearly all of Chinese and English text is made of. Below U+0300 there is nothing that
    /// composes, and among the others neither.
    var isSettled: Bool {
        switch value {
        case 0x21...0x84, 0x86...0x9F, 0xA1...0x2FF: true
        case 0x2010...0x2027: true  // Dashes, quotation marks, the ellipsis.
        case 0x3001...0x3029, 0xFF01...0xFF65: true  // Chinese punctuation, letters and digits of full width.
        case 0x4E00...0x9FFF: true
        default: false
        }
    }
}

extension [UInt8] {
    /// Appends a character in UTF-8: a tenth of the time of a view of a string.
    package mutating func append(_ scalar: Unicode.Scalar) {
        let value = scalar.value
        func part(_ shift: UInt32, _ mask: UInt32 = 0x3F, _ mark: UInt32 = 0x80) -> UInt8 {
            UInt8(truncatingIfNeeded: value >> shift & mask | mark)
        }
        switch value {
        case ..<0x80: append(UInt8(truncatingIfNeeded: value))
        case ..<0x800:
            append(part(6, 0x1F, 0xC0))
            append(part(0))
        case ..<0x10000:
            append(part(12, 0xF, 0xE0))
            append(part(6))
            append(part(0))
        default:
            append(part(18, 7, 0xF0))
            append(part(12))
            append(part(6))
            append(part(0))
        }
    }
}
