internal import Bytes

/// Why the value of a `-bin` field could not be read.
package enum BinaryHeaderError: Error, Hashable, Sendable {
    /// Not a character of base64 (RFC 4648 section 4).
    case notBase64(UInt8)
    /// So many characters cannot be base64, or the padding does not complete them.
    case length(Int)
}

/// Values of fields whose name ends in "-bin": base64, written without padding, read with or without it; several values
/// may be joined by commas (gRPC over HTTP/2, "Binary-Header").
package enum BinaryHeader {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    package static func encode(_ bytes: [UInt8]) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity((bytes.count * 4 + 2) / 3)
        var pending: UInt32 = 0
        var bitCount = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                encoded.append(alphabet[Int(pending >> UInt32(bitCount) & 0x3F)])
            }
        }
        if bitCount > 0 { encoded.append(alphabet[Int(pending << UInt32(6 - bitCount) & 0x3F)]) }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Every value of the field, in order. An empty field has one empty value.
    package static func decode(_ field: Span<UInt8>) throws(BinaryHeaderError) -> [[UInt8]] {
        var values: [[UInt8]] = []
        var start = 0
        while let digits = try nextDigits(field, &start) { values.append(try decodeOne(field, digits)) }
        return values
    }

    /// Throws what `decode` throws, and keeps nothing.
    package static func check(_ field: Span<UInt8>) throws(BinaryHeaderError) {
        var start = 0
        while let digits = try nextDigits(field, &start) {
            for index in digits { _ = try sextet(field[index]) }
        }
    }

    /// Where the digits of the value that begins at `start` lie, without padding and blanks; `nil` after the last one.
    private static func nextDigits(_ field: Span<UInt8>, _ start: inout Int) throws(BinaryHeaderError) -> Range<Int>? {
        guard start <= field.count else { return nil }
        var end = start
        while end < field.count, field[end] != UInt8(ascii: ",") { end += 1 }
        let value = trimmed(field, start..<end)
        start = end + 1
        var digits = value
        while let last = digits.last, field[last] == padding { digits = digits.dropLast() }
        let paddingCount = value.count - digits.count
        let isPaddedWell = paddingCount == 0 || (paddingCount <= 2 && value.count % 4 == 0)
        guard digits.count % 4 != 1, isPaddedWell else { throw .length(value.count) }
        return digits
    }

    private static func decodeOne(_ field: Span<UInt8>, _ digits: Range<Int>) throws(BinaryHeaderError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var pending: UInt32 = 0
        var bitCount = 0
        for index in digits {
            pending = pending << 6 | UInt32(try sextet(field[index]))
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bitCount)))
            }
        }
        return bytes
    }

    private static func sextet(_ digit: UInt8) throws(BinaryHeaderError) -> UInt8 {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return digit - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return digit - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): return 62
        case UInt8(ascii: "/"): return 63
        default: throw .notBase64(digit)
        }
    }

    /// One value of a joined field, without the blanks that HTTP allows around commas.
    private static func trimmed(_ field: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isBlank(field[start]) { start += 1 }
        while start < end, isBlank(field[end - 1]) { end -= 1 }
        return start..<end
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
