internal import Bytes

/// Cuts a byte stream, coming in any pieces, into messages.
///
/// A message that lies wholly inside one piece is lent from there and never copied. Of a message in several pieces only
/// what has arrived is held: the length that a prefix announces allocates nothing.
package struct MessageDeframer: Sendable {
    /// Largest payload taken, in bytes.
    package let limit: Int

    private var prefix = PartialPrefix()
    /// Payload bytes that are still to come; `nil` while the prefix is not whole.
    private var missing: Int?
    /// Earlier pieces of the payload.
    private var held: [UInt8] = []
    private var failure: FrameError?

    package init(limit: Int) { self.limit = limit }

    /// Whether a prefix or a payload has begun and not ended.
    package var isInsideMessage: Bool { prefix.count > 0 || missing != nil }

    /// Takes the next piece and lends every message that is whole, in order.
    ///
    /// - Throws: what makes the stream unreadable, as soon as the prefix shows it; the messages before it were lent.
    ///   After an error every call throws the same.
    package mutating func receive(_ bytes: Span<UInt8>, _ body: (Span<UInt8>) -> Void) throws(FrameError) {
        if let failure { throw failure }
        var position = 0
        while position < bytes.count {
            guard let wanted = missing else {
                try readPrefix(bytes, from: &position)
                // An empty message is whole with its prefix.
                if missing == 0 { finishMessage(bytes.extracting(position..<position), body) }
                continue
            }
            let taken = min(wanted, bytes.count - position)
            let piece = bytes.extracting(position..<(position + taken))
            position += taken
            if taken == wanted {
                finishMessage(piece, body)
            } else {
                held.append(copying: piece)
                missing = wanted - taken
            }
        }
    }

    /// The stream has ended.
    ///
    /// - Throws: `truncated` when that is inside a message.
    package func finish() throws(FrameError) {
        if let failure { throw failure }
        if let missing { throw .truncated(missing: missing) }
        if prefix.count > 0 { throw .truncated(missing: MessagePrefix.byteCount - prefix.count) }
    }

    private mutating func finishMessage(_ last: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        missing = nil
        guard !held.isEmpty else { return body(last) }
        held.append(copying: last)
        body(held.span)
        // One large message shall not keep its room for the rest of the stream.
        held.removeAll(keepingCapacity: held.capacity <= 64 << 10)
    }

    private mutating func readPrefix(_ bytes: Span<UInt8>, from position: inout Int) throws(FrameError) {
        while position < bytes.count, prefix.count < MessagePrefix.byteCount {
            if prefix.count == 0 { try check(flag: bytes[position]) }
            prefix.append(bytes[position])
            position += 1
        }
        guard prefix.count == MessagePrefix.byteCount else { return }
        let length = prefix.length
        prefix = PartialPrefix()
        guard length <= limit else { throw fail(.tooLarge(byteCount: length, limit: limit)) }
        missing = length
    }

    private mutating func check(flag: UInt8) throws(FrameError) {
        switch flag {
        case MessagePrefix.plainFlag: return
        case MessagePrefix.compressedFlag: throw fail(.compressed)
        default: throw fail(.unknownFlag(flag))
        }
    }

    private mutating func fail(_ error: FrameError) -> FrameError {
        failure = error
        held = []
        return error
    }
}

/// The first bytes of a prefix.
private struct PartialPrefix: Sendable {
    var count = 0
    /// The length as far as it has come. The flag before it was checked to be 0 and so leaves no trace.
    var length = 0

    mutating func append(_ byte: UInt8) {
        length = length << 8 | Int(byte)
        count += 1
    }
}
