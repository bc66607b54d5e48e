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

extension String {
    /// Its characters in the sense of Unicode, without decoding them: each has one byte that continues no other.
    package var scalarCount: Int {
        let bytes = utf8Span.span
        var count = 0
        for index in bytes.indices where bytes[index] & 0xC0 != 0x80 { count += 1 }
        return count
    }
}
