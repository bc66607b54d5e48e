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
        append(varint: tag(number, .varint), to: arena)
        append(varint: UInt64(bitPattern: value), to: arena)
    }

    package static func append(_ number: Int, _ bytes: Span<UInt8>, to arena: ByteArena) {
        append(varint: tag(number, .bytes), to: arena)
        append(varint: UInt64(bytes.count), to: arena)
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
        append(varint: tag(number, .bytes), to: arena)
        return Mark(lengthOffset: arena.reserve(lengthByteCount))
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

    private enum WireType: UInt64 { case varint = 0, bytes = 2 }

    private static func tag(_ number: Int, _ type: WireType) -> UInt64 { UInt64(number) << 3 | type.rawValue }

    private static func append(varint value: UInt64, to arena: ByteArena) {
        var rest = value
        while rest >= 0x80 {
            arena.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        arena.append(UInt8(rest))
    }
}
