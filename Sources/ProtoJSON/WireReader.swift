/// Why bytes could not be read as a message.
package enum WireError: Error, Equatable, Sendable {
    /// Not the wire format: cut off, or a tag, varint or group that can't be.
    case malformed(message: String)
    /// A string field that is not UTF-8, such as `article.title`.
    case textNotUTF8(field: String)
    /// Messages inside messages more than `JSONReader.depthMax` deep.
    case tooDeep(message: String)
    /// No message of this name in the schema.
    case unknownMessage(String)
}

/// One value as it stands on the wire (Protocol Buffers encoding, "Message structure").
enum WireValue: Equatable {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// Where the payload of a length-delimited value lies.
    case bytes(Range<Int>)
}

/// Reads fields one after another from a part of an array; copies nothing.
struct WireReader {
    /// Why reading stopped. The caller knows the message and makes a `WireError` of it.
    struct Malformed: Error {}

    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field, or `nil` at the end. Groups are skipped.
    mutating func next() throws(Malformed) -> (number: Int, value: WireValue)? {
        while position < end {
            let tag = try tag()
            switch tag.type {
            case 3: try skipGroup(tag.number)
            case 4: throw Malformed()  // The end of a group that never began.
            default: return (tag.number, try value(ofType: tag.type))
            }
        }
        return nil
    }

    /// A varint, as in a packed field; `nil` at the end.
    mutating func nextVarint() throws(Malformed) -> UInt64? { position < end ? try varint() : nil }

    /// Little-endian, `width` bytes; `nil` at the end.
    mutating func nextFixed(width: Int) throws(Malformed) -> UInt64? { position < end ? try fixed(width: width) : nil }

    private mutating func tag() throws(Malformed) -> (number: Int, type: UInt64) {
        let tag = try varint()
        guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw Malformed() }
        return (Int(tag >> 3), tag & 7)
    }

    private mutating func value(ofType type: UInt64) throws(Malformed) -> WireValue {
        switch type {
        case 0: return .varint(try varint())
        case 1: return .fixed64(try fixed(width: 8))
        case 2:
            let count = try varint()
            guard count <= UInt64(end - position) else { throw Malformed() }
            defer { position += Int(count) }
            return .bytes(position..<(position + Int(count)))
        case 5: return .fixed32(UInt32(try fixed(width: 4)))
        default: throw Malformed()
        }
    }

    private mutating func skipGroup(_ number: Int) throws(Malformed) {
        var open = [number]
        while let innermost = open.last {
            guard open.count <= JSONReader.depthMax else { throw Malformed() }
            let tag = try tag()
            switch tag.type {
            case 3: open.append(tag.number)
            case 4:
                guard tag.number == innermost else { throw Malformed() }
                open.removeLast()
            default: _ = try value(ofType: tag.type)
            }
        }
    }

    private mutating func varint() throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = bytes[position]
            position += 1
            guard shift < 63 || byte <= 1 else { throw Malformed() }  // The tenth byte holds one bit.
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Malformed()
    }

    private mutating func fixed(width: Int) throws(Malformed) -> UInt64 {
        guard end - position >= width else { throw Malformed() }
        defer { position += width }
        return (0..<width).reduce(0) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
    }
}
