/// Goes through the fields of one message without copying. Takes and refuses what the whole codec does.
///
/// It keeps only its place: the same bytes are handed to every call.
package struct WireReader {
    package enum Content {
        case varint(UInt64)
        /// Where four or eight bytes lie.
        case fixed(Range<Int>)
        /// Where the bytes after a length lie.
        case bytes(Range<Int>)
    }

    /// Where the next field begins.
    package private(set) var offset = 0

    package init() {}

    /// Whether every byte was part of a field. Asked when `next` has returned `nil`.
    package func isAtEnd(of bytes: Span<UInt8>) -> Bool { offset == bytes.count }

    /// The next field; `nil` at the end, and where the bytes are not a field.
    package mutating func next(in bytes: Span<UInt8>) -> (number: UInt32, content: Content)? {
        var place = offset
        guard let tag = Self.varint(in: bytes, at: &place, byteCountMax: 5), tag >> 3 < 1 << 29, tag >> 3 > 0,
            let content = Self.content(ofType: tag & 7, in: bytes, at: &place)
        else { return nil }
        offset = place
        return (UInt32(tag >> 3), content)
    }

    private static func content(ofType type: UInt64, in bytes: Span<UInt8>, at place: inout Int) -> Content? {
        switch type {
        case 0: return varint(in: bytes, at: &place, byteCountMax: 10).map { .varint($0) }
        case 1: return range(of: 8, in: bytes, at: &place).map { .fixed($0) }
        case 2:
            guard let count = varint(in: bytes, at: &place, byteCountMax: 5) else { return nil }
            return range(of: Int(count), in: bytes, at: &place).map { .bytes($0) }
        case 5: return range(of: 4, in: bytes, at: &place).map { .fixed($0) }
        default: return nil  // Groups, and types that do not exist.
        }
    }

    private static func range(of count: Int, in bytes: Span<UInt8>, at place: inout Int) -> Range<Int>? {
        guard count <= bytes.count - place else { return nil }
        defer { place += count }
        return place..<(place + count)
    }

    private static func varint(in bytes: Span<UInt8>, at place: inout Int, byteCountMax: Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        let end = min(bytes.count, place + byteCountMax)
        while place < end {
            let byte = bytes[place]
            place += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
