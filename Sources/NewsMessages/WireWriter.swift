package import Bytes

/// Protobuf fields written straight into an arena: what a reply has besides the stored bytes of its articles.
///
/// Fields of a message may come in any order, so a stored article is completed by appending to it. Numbers are those of
/// Protos/. Values are written as they are, zero too: leaving defaults out is the caller's choice.
package enum WireWriter {
    /// An open sub-message; see `begin`.
    package struct Mark {
        fileprivate let lengthOffset: Int
    }

    package static func append(_ number: Int, _ value: Int64, to arena: ByteArena) {
        append(tag(number, .varint), UInt64(bitPattern: value), to: arena)
    }

    package static func append(_ number: Int, _ bytes: Span<UInt8>, to arena: ByteArena) {
        append(tag(number, .bytes), UInt64(bytes.count), to: arena)
        arena.append(bytes)
    }

    package static func append(_ number: Int, _ text: String, to arena: ByteArena) {
        append(number, text.utf8Span.span, to: arena)
    }

    /// Begins a sub-message, or an item of a list of them: what is appended until `end` is its content.
    ///
    /// Its length is not known yet and gets four bytes, the short lengths padded; protobuf reads a padded varint as it
    /// reads any other.
    package static func begin(_ number: Int, in arena: ByteArena) -> Mark {
        // The length is overwritten by `end`; until then it has the size that it will have.
        append(tag(number, .bytes), placeholder, to: arena)
        return Mark(lengthOffset: arena.count - lengthByteCount)
    }

    /// Ends the sub-message that `mark` began. At most 2^28 - 1 bytes fit, far above the limit of a message.
    package static func end(_ mark: Mark, in arena: ByteArena) {
        var length = arena.count - mark.lengthOffset - lengthByteCount
        precondition(length >= 0 && length < 1 << (7 * lengthByteCount), "a sub-message ends where it cannot")
        for index in 0..<lengthByteCount {
            let isLast = index == lengthByteCount - 1
            arena.store(UInt8(length & 0x7F) | (isLast ? 0 : 0x80), at: mark.lengthOffset + index)
            length >>= 7
        }
    }

    private static let lengthByteCount = 4
    /// The smallest number of four bytes.
    private static let placeholder: UInt64 = 1 << 21

    private enum WireType: UInt64 { case varint = 0, bytes = 2 }

    private static func tag(_ number: Int, _ type: WireType) -> UInt64 { UInt64(number) << 3 | type.rawValue }

    /// A tag and the number after it, in one piece: rows of a list have several of them each.
    private static func append(_ tag: UInt64, _ value: UInt64, to arena: ByteArena) {
        // A varint of 64 bits has at most 10 bytes.
        _ = unsafe arena.appendUnsafe(upTo: 20) { room in
            let count = unsafe store(tag, in: room, at: 0)
            return unsafe store(value, in: room, at: count)
        }
    }

    /// Returns where the varint ends.
    private static func store(_ value: UInt64, in room: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
        var rest = value
        var offset = start
        while rest >= 0x80 {
            unsafe room[offset] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            offset += 1
        }
        unsafe room[offset] = UInt8(rest)
        return offset + 1
    }
}
