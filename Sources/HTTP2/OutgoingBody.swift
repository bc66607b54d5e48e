internal import Bytes

/// What is still to be sent on one stream after its header section.
///
/// A unary reply lies in the loop's arena for the turn and is referred to by its place; what cannot leave within the
/// turn is copied here (`detach`). Streamed messages are queued.
struct OutgoingBody {
    private var arenaStart = 0
    private var arenaEnd = 0
    private var queue: [[UInt8]] = []
    private var queueHead = 0
    /// Bytes of `queue[queueHead]` that have been sent.
    private var headOffset = 0

    /// Bytes that wait.
    private(set) var byteCount = 0
    /// Nothing will be added.
    var isComplete = false
    /// Ends the stream after the last byte. Without it the last DATA frame ends it.
    var trailers: HeaderBlock?
    /// nghttp2 was told to ask no more until `nghttp2_session_resume_data`.
    var isPaused = false

    var refersToArena: Bool { arenaEnd > arenaStart }

    /// One message that lies in the arena, all there is to send.
    init(arena range: Range<Int>, trailers: HeaderBlock?) {
        arenaStart = range.lowerBound
        arenaEnd = range.upperBound
        byteCount = range.count
        isComplete = true
        self.trailers = trailers
    }

    init() {}

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        queue.append(bytes)
        byteCount += bytes.count
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
            return
        }
        var left = count
        while left > 0 {
            let available = queue[queueHead].count - headOffset
            let taken = min(left, available)
            let head = queue[queueHead]
            output.append(head.span.extracting(headOffset..<(headOffset + taken)))
            left -= taken
            headOffset += taken
            if taken == available { dropHead() }
        }
    }

    private mutating func dropHead() {
        queue[queueHead] = []
        queueHead += 1
        headOffset = 0
        guard queueHead == queue.count || queueHead >= 64 else { return }
        queue.removeFirst(queueHead)
        queueHead = 0
    }
}
