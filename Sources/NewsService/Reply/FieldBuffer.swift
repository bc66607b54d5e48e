/// Protobuf fields on the stack: what a stored article lacks is put together here and appended in one piece.
///
/// Holds `capacity` bytes, more than the fields of one article take (`ArticleTail`); more is our own mistake and traps.
struct FieldBuffer {
    static let capacity = 256
    private var bytes = InlineArray<256, UInt8>(repeating: 0)
    private(set) var count = 0

    mutating func removeAll() { count = 0 }

    /// What was appended, lent for the call.
    func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result { body(bytes.span.extracting(0..<count)) }

    @inline(__always) mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    @inline(__always) mutating func append(varint value: UInt64) {
        if value < 0x80 { return append(UInt8(truncatingIfNeeded: value)) }
        appendLong(varint: value)
    }

    private mutating func appendLong(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// A field of wire type VARINT, left out when zero as proto3 does.
    @inline(__always) mutating func append(field number: UInt64, varint value: Int64) {
        guard value != 0 else { return }
        append(varint: number << 3)
        append(varint: UInt64(bitPattern: value))
    }

    /// The head of a field of wire type LEN; its content follows.
    mutating func append(field number: UInt64, byteCount: Int) {
        append(varint: number << 3 | 2)
        append(varint: UInt64(byteCount))
    }

    /// Fills in a length of one byte that was left open at `offset`.
    mutating func closeShort(at offset: Int) {
        let length = count - offset - 1
        precondition(length < 0x80, "a short field is shorter than 128 bytes")
        bytes[offset] = UInt8(length)
    }

    /// A number in decimal digits.
    mutating func append(decimal value: UInt64) {
        var rest = value
        var digitCount = 1
        while rest >= 10 {
            rest /= 10
            digitCount += 1
        }
        rest = value
        for index in (count..<count + digitCount).reversed() {
            bytes[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digitCount
    }

    /// Appends a copy of bytes that are already in it.
    mutating func appendCopy(of range: Range<Int>) {
        for index in range { append(bytes[index]) }
    }
}
