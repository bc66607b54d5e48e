/// The five bytes before every message.
///
///     0        1                         5
///     +--------+-------------------------+---------
///     | flag   | length, big endian      | payload
///     +--------+-------------------------+---------
///
/// Flag 0: the payload is the message. Flag 1: the payload is the compressed message. (gRPC over HTTP/2,
/// "Length-Prefixed-Message".)
package enum MessagePrefix {
    package static let byteCount = 5
    package static let plainFlag: UInt8 = 0
    package static let compressedFlag: UInt8 = 1

    /// Whether a flag announces a compressed message.
    ///
    /// - Parameter takesCompressed: The call names an encoding, so that such a message can be read.
    package static func isCompressed(flag: UInt8, takesCompressed: Bool) throws(FrameError) -> Bool {
        switch flag {
        case plainFlag: return false
        case compressedFlag where takesCompressed: return true
        case compressedFlag: throw .compressed
        default: throw .unknownFlag(flag)
        }
    }

    /// Throws when a prefix announces more than is taken: no memory is taken for it.
    package static func check(length: Int, limit: Int) throws(FrameError) {
        guard length <= limit else { throw .tooLarge(byteCount: length, limit: limit) }
    }

    /// Appends the prefix of a message of `length` bytes.
    package static func append(length: UInt32, isCompressed: Bool = false, to bytes: inout [UInt8]) {
        bytes.append(isCompressed ? compressedFlag : plainFlag)
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
    }

    /// A message, compressed or not, with its prefix.
    ///
    /// - Returns: `nil` when the message is longer than the prefix can say (4 GiB).
    package static func framed(_ message: [UInt8], isCompressed: Bool = false) -> [UInt8]? {
        guard let length = UInt32(exactly: message.count) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount + message.count)
        append(length: length, isCompressed: isCompressed, to: &bytes)
        bytes.append(contentsOf: message)
        return bytes
    }
}

/// Why a length-prefixed message could not be read.
package enum FrameError: Error, Hashable, Sendable {
    /// The flag says "compressed", but no encoding that could be read was named.
    case compressed
    /// The flag is neither 0 nor 1.
    case unknownFlag(UInt8)
    /// The prefix announces more than the reader takes.
    case tooLarge(byteCount: Int, limit: Int)
    /// The stream ended inside a prefix or a payload; so many bytes were missing, as far as is known.
    case truncated(missing: Int)
}
