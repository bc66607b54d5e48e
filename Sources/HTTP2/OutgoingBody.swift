internal import Bytes

/// What is still to be sent on one stream after its header section.
///
/// A unary reply lies in the loop's arena for the turn and is referred to by its place; what cannot leave within the
/// turn is copied here (`detach`). Streamed messages are queued. A unary reply counts no reference: what needs one is
/// in `queue`.
struct OutgoingBody {
    private var arenaStart = 0
    private var arenaEnd = 0
    /// Nil as long as there is nothing but a reply in the arena.
    private var queue: BodyQueue?

    /// Bytes that wait.
    private(set) var byteCount = 0
    /// Nothing will be added.
    var isComplete = false
    /// nghttp2 was told to ask no more until `nghttp2_session_resume_data`.
    var isPaused = false
    /// Ends with the trailers that most replies of the session end with, see `SessionCore.usualTrailers`.
    var hasUsualTrailers = false

    var refersToArena: Bool { arenaEnd > arenaStart }
    /// Memory of what waits outside of the arena, in bytes.
    var heldByteCount: Int { queue?.heldByteCount ?? 0 }

    /// Ends the stream after the last byte. Without it, and without the usual ones, the last DATA frame ends it.
    var trailers: HeaderBlock? { queue?.trailers }

    init() {}

    /// One message that lies in the arena, all there is to send.
    init(arena range: Range<Int>) {
        arenaStart = range.lowerBound
        arenaEnd = range.upperBound
        byteCount = range.count
        isComplete = true
    }

    mutating func end(with trailers: HeaderBlock) { ownQueue().trailers = trailers }

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        ownQueue().append(bytes)
        byteCount += bytes.count
    }

    private mutating func ownQueue() -> BodyQueue {
        if let queue { return queue }
        let made = BodyQueue()
        queue = made
        return made
    }

    /// Copies what lies in the arena, which is about to be emptied.
    mutating func detach(from arena: ByteArena) {
        guard refersToArena else { return }
        let bytes = arena.withBytes(in: arenaStart..<arenaEnd) { span in [UInt8](copying: span) }
        arenaStart = 0
        arenaEnd = 0
        byteCount = 0
        append(bytes)
    }

    /// Moves the next `count` bytes to `output`.
    mutating func move(_ count: Int, from arena: ByteArena, to output: ByteArena) {
        precondition(count <= byteCount, "more bytes than wait")
        byteCount -= count
        if refersToArena {
            arena.withBytes(in: arenaStart..<(arenaStart + count)) { output.append($0) }
            arenaStart += count
        } else {
            queue?.move(count, to: output)
        }
    }
}

/// Messages of one stream that wait, in the order in which they leave.
final class BodyQueue {
    var trailers: HeaderBlock?
    private var messages: [[UInt8]] = []
    private var head = 0
    /// Bytes of the first message that have left.
    private var offset = 0
    /// Bytes of messages in memory: of each all, until its last has left.
    private(set) var heldByteCount = 0

    func append(_ bytes: [UInt8]) {
        messages.append(bytes)
        heldByteCount += bytes.count
    }

    func move(_ count: Int, to output: ByteArena) {
        var left = count
        while left > 0 {
            let available = messages[head].count - offset
            let taken = min(left, available)
            let message = messages[head]
            output.append(message.span.extracting(offset..<(offset + taken)))
            left -= taken
            offset += taken
            if taken == available { dropHead() }
        }
    }

    private func dropHead() {
        heldByteCount -= messages[head].count
        messages[head] = []
        head += 1
        offset = 0
        guard head == messages.count || head >= 64 else { return }
        messages.removeFirst(head)
        head = 0
    }
}

@available(*, unavailable) extension BodyQueue: Sendable {}
