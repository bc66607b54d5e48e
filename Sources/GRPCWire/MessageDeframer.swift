internal import Bytes

/// Cuts a byte stream, coming in any pieces, into messages.
///
/// A message that lies wholly inside one piece is lent from there and never copied. Of a message in several pieces only
/// what has arrived is held: the length that a prefix announces allocates nothing.
package struct MessageDeframer: Sendable {
    /// Largest payload taken, in bytes.
    package let limit: Int
    /// Whether a message may be compressed: the call names an encoding that is known.
    package var takesCompressed = false

    private var prefix = PartialPrefix()
    /// Payload bytes that are still to come; `nil` while the prefix is not whole.
    private var missing: Int?
    /// Earlier pieces of the payload.
    private var held: [UInt8] = []
    /// The message that is being received is compressed.
    private var isCompressed = false
    private var failure: FrameError?

    package init(limit: Int) { self.limit = limit }

    /// Whether a prefix or a payload has begun and not ended.
    package var isInsideMessage: Bool { prefix.count > 0 || missing != nil }

    /// Takes the next piece and lends every message that is whole, in order, and with it whether it is compressed.
    ///
    /// - Throws: what makes the stream unreadable, as soon as the prefix shows it; the messages before it were lent.
    ///   After an error every call throws the same.
    package mutating func receive(
        _ bytes: Span<UInt8>, _ body: (Span<UInt8>, _ isCompressed: Bool) -> Void
    ) throws(FrameError) {
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

    private mutating func finishMessage(_ last: Span<UInt8>, _ body: (Span<UInt8>, Bool) -> Void) {
        missing = nil
        guard !held.isEmpty else { return body(last, isCompressed) }
        held.append(copying: last)
        body(held.span, isCompressed)
        // One large message shall not keep its room for the rest of the stream.
        held.removeAll(keepingCapacity: held.capacity <= 64 << 10)
    }

    private mutating func readPrefix(_ bytes: Span<UInt8>, from position: inout Int) throws(FrameError) {
        do throws(FrameError) {
            while position < bytes.count, prefix.count < MessagePrefix.byteCount {
                if prefix.count == 0 {
                    isCompressed = try MessagePrefix.isCompressed(
                        flag: bytes[position], takesCompressed: takesCompressed)
                }
                prefix.append(bytes[position])
                position += 1
            }
            guard prefix.count == MessagePrefix.byteCount else { return }
            try MessagePrefix.check(length: prefix.length, limit: limit)
        } catch {
            throw fail(error)
        }
        missing = prefix.length
        prefix = PartialPrefix()
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
    /// The length as far as it has come.
    var length = 0

    mutating func append(_ byte: UInt8) {
        if count > 0 { length = length << 8 | Int(byte) }
        count += 1
    }
}
