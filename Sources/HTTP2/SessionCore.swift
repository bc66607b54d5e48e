internal import Bytes
internal import CNghttp2

/// One nghttp2 session of either role: what ServerSession and ClientSession have in common.
///
/// Sans-I/O: bytes of the peer go in by `receive`, bytes for the peer come out by `produce`, events reach `events`
/// meanwhile. A negative answer of nghttp2 ends this session and nothing else.
@safe final class SessionCore {
    /// Per stream. The slot's number is nghttp2's stream user data plus one, so that 0 means "none".
    struct Slot {
        var stream: Int32 = 0
        var body = OutgoingBody()
        /// The final header section has been received.
        var hasFields = false
        var remoteEnded = false
    }

    /// Nil only while `init` runs: nghttp2 wants the session's address first.
    private(set) var handle: OpaquePointer?
    /// Who handles the events usually owns the session: letting go of the session ends the cycle. A weak or unowned
    /// reference would be counted at every event.
    let events: any StreamEvents
    private let replies: ByteArena
    var slots: [Slot] = []
    private var freeSlots: [Int32] = []
    /// The stream of the frame that is being received: saves nghttp2's own look-up on almost every callback.
    private var currentStream: Int32 = -1
    private var currentSlot = 0
    /// Where `produce` writes; set while it runs.
    private var output: ByteArena
    var failure: SessionFailure?
    /// What the peer is told when the session fails; sent once, in place of all that was still to come.
    var farewell: [UInt8]?
    /// SETTINGS, with which either side begins (RFC 9113 section 3.4), have left.
    var hasBegun = false
    /// HEADERS or DATA have left since somebody last looked.
    var hasSentFrames = false
    /// The next GOAWAY is followed by a PING: its answer says that the peer knows. nghttp2 itself sends PING first.
    var pingsAfterGoAway = false
    /// Bytes of the header section that is coming in, decoded, as RFC 9113 section 6.5.2 counts them.
    var sectionByteCount = 0
    let sectionByteCountMax: Int
    /// Bytes of bodies that have been framed.
    private(set) var framedByteCount = 0
    /// Streams whose body lies in the arena: they must be detached before the arena is emptied.
    private var arenaBodyCount = 0
    /// Memory of bodies that wait outside of the arena, in bytes. Changes are counted for the thread as well.
    private(set) var heldByteCount = 0 { didSet { memory.heldBodyByteCount += heldByteCount - oldValue } }
    /// The trailers that the first reply of one piece ended with, as nearly all do: those need not be referred to by
    /// each.
    private var usualTrailers: HeaderBlock?
    /// Outlives the session.
    private let memory: SessionMemory
    private let idleOutput: ByteArena
    /// A server that has ended its side resets what the peer has not ended.
    let resetsAfterEnd: Bool

    init(
        role: Role, settings: SessionSettings, replies: ByteArena, memory: SessionMemory, events: any StreamEvents
    ) {
        self.replies = replies
        self.events = events
        self.memory = memory
        idleOutput = replies
        resetsAfterEnd = role == .server
        sectionByteCountMax = 16 * Int(settings.headerListMax)
        output = replies
        unsafe handle = Nghttp2.makeSession(
            role, settings, memory, userData: Unmanaged.passUnretained(self).toOpaque())
        submitSettings(role, settings)
    }

    deinit {
        memory.heldBodyByteCount -= heldByteCount
        // Runs the close callback of every open stream; `self` is going away, so they must not reach it.
        unsafe nghttp2_session_set_user_data(handle, nil)
        unsafe nghttp2_session_del(handle)
    }

    private func submitSettings(_ role: Role, _ settings: SessionSettings) {
        var entries = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: settings.streamWindow),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue), value: settings.headerListMax),
        ]
        switch role {
        case .server:
            entries.append(
                nghttp2_settings_entry(
                    settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
                    value: settings.concurrentStreamsMax))
            entries.append(
                nghttp2_settings_entry(
                    settings_id: Int32(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue), value: 1))
        case .client:
            entries.append(
                nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0))
        }
        note(unsafe nghttp2_submit_settings(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count))
        note(
            unsafe nghttp2_session_set_local_window_size(
                handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, settings.connectionWindow))
    }

    // MARK: Bytes in and out

    func receive(_ bytes: Span<UInt8>) -> ReceiveOutcome {
        if let failure { return .failed(failure) }
        let taken = unsafe bytes.withUnsafeBytes { raw in
            unsafe nghttp2_session_mem_recv(
                handle, raw.baseAddress?.assumingMemoryBound(to: UInt8.self), raw.count)
        }
        if taken < 0 { fail(Int32(taken)) }
        if let failure { return .failed(failure) }
        return .taken
    }

    func produce(into output: ByteArena, limit: Int) -> ProduceOutcome {
        if let failure { return sayFarewell(into: output) ? .finished : .failed(failure) }
        self.output = output
        defer { self.output = idleOutput }
        let end = output.count + limit
        var chunk: UnsafePointer<UInt8>?
        while output.count < end {
            let count = unsafe nghttp2_session_mem_send(handle, &chunk)
            guard count > 0, let start = unsafe chunk else {
                if count < 0 { fail(Int32(count)) }
                if let failure { return sayFarewell(into: output) ? .finished : .failed(failure) }
                return isFinished ? .finished : .drained
            }
            hasBegun = true
            // Valid until the next call of nghttp2: copied at once.
            output.append(unsafe Span(_unsafeStart: start, count: count))
        }
        return .more
    }

    /// Nothing more will be read or written.
    var isFinished: Bool {
        unsafe nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0
    }

    var wantsToWrite: Bool { unsafe nghttp2_session_want_write(handle) != 0 }

    /// Keeps the first failure. A stream that has gone meanwhile is no failure of the session: such codes lie above
    /// NGHTTP2_ERR_FATAL and are the peer's race with us.
    func note(_ code: Int32) {
        guard code < NGHTTP2_ERR_FATAL.rawValue, failure == nil else { return }
        failure = Nghttp2.failure(code)
    }

    // MARK: Streams

    func openSlot(for stream: Int32) -> Int {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = Int(free)
            slots[slot] = Slot()
        } else {
            slot = slots.count
            slots.append(Slot())
        }
        slots[slot].stream = stream
        currentStream = stream
        currentSlot = slot
        return slot
    }

    var openSlotCount: Int { slots.count - freeSlots.count }

    /// A slot of ours got its stream. A negative number says that it gets none: the slot is free again.
    func assign(_ slot: Int, stream: Int32) {
        currentStream = -1
        slots[slot].stream = stream
        guard stream <= 0 else { return }
        slots[slot] = Slot()
        freeSlots.append(Int32(slot))
    }

    /// The slot of a stream that is open, or -1.
    func slot(of stream: Int32) -> Int {
        if stream == currentStream { return currentSlot }
        let data = unsafe nghttp2_session_get_stream_user_data(handle, stream)
        let slot = Int(bitPattern: data) - 1
        if slot >= 0 {
            currentStream = stream
            currentSlot = slot
        }
        return slot
    }

    func closed(_ slot: Int, _ code: ErrorCode) {
        if slots[slot].stream == currentStream { currentStream = -1 }
        events.streamClosed(slot, code)
        if slots[slot].body.refersToArena { arenaBodyCount -= 1 }
        let held = slots[slot].body.heldByteCount
        if held > 0 { heldByteCount -= held }
        slots[slot] = Slot()
        freeSlots.append(Int32(slot))
    }

    // MARK: Bodies

    func setBody(_ slot: Int, arena range: Range<Int>, trailers: HeaderBlock) {
        slots[slot].body = OutgoingBody(arena: range)
        if usualTrailers == nil { usualTrailers = trailers }
        if trailers === usualTrailers {
            slots[slot].body.hasUsualTrailers = true
        } else {
            slots[slot].body.end(with: trailers)
        }
        if slots[slot].body.refersToArena { arenaBodyCount += 1 }
    }

    /// Copies what waits in the arena, before it is emptied.
    func detachBodies() {
        guard arenaBodyCount > 0 else { return }
        for index in slots.indices where slots[index].body.refersToArena {
            slots[index].body.detach(from: replies)
            heldByteCount += slots[index].body.heldByteCount
        }
        arenaBodyCount = 0
    }

    /// Resets streams that have something to send which the peer's window does not let through.
    func resetWaiting(_ code: ErrorCode) -> Int {
        let waiting = slots.indices.filter { slots[$0].stream > 0 && slots[$0].body.byteCount > 0 }
        for slot in waiting { reset(slot, code) }
        return waiting.count
    }

    var hasArenaBodies: Bool { arenaBodyCount > 0 }

    func append(_ slot: Int, _ bytes: [UInt8]) {
        slots[slot].body.append(bytes)
        heldByteCount += bytes.count
        resume(slot)
    }

    func finishBody(_ slot: Int, trailers: HeaderBlock?) {
        slots[slot].body.isComplete = true
        if let trailers { slots[slot].body.end(with: trailers) }
        resume(slot)
    }

    private func resume(_ slot: Int) {
        guard slots[slot].body.isPaused else { return }
        slots[slot].body.isPaused = false
        note(unsafe nghttp2_session_resume_data(handle, slots[slot].stream))
    }

    /// nghttp2 asks how much of the body goes into the next frame, at most `room` bytes.
    func nextFrame(_ slot: Int, room: Int, flags: UnsafeMutablePointer<UInt32>) -> Int {
        let waiting = slots[slot].body.byteCount
        if waiting == 0 && !slots[slot].body.isComplete {
            events.bodyDrained(slot)
            // The handler may have added something just now.
            let stillEmpty = slots[slot].body.byteCount == 0 && !slots[slot].body.isComplete
            guard stillEmpty else { return unsafe nextFrame(slot, room: room, flags: flags) }
            slots[slot].body.isPaused = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        let count = min(waiting, room)
        unsafe flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
        guard count == waiting, slots[slot].body.isComplete else { return count }
        unsafe flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
        if let trailers = slots[slot].body.hasUsualTrailers ? usualTrailers : slots[slot].body.trailers {
            unsafe flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            note(
                unsafe nghttp2_submit_trailer(handle, slots[slot].stream, trailers.pointer, trailers.count))
        }
        return count
    }

    /// nghttp2 writes a DATA frame: its header, then the bytes that `nextFrame` promised. We never pad.
    func writeFrame(_ slot: Int, header: UnsafePointer<UInt8>, count: Int) {
        output.append(unsafe Span(_unsafeStart: header, count: 9))
        guard count > 0 else { return }
        framedByteCount &+= count
        guard slots[slot].body.refersToArena else {
            let held = slots[slot].body.heldByteCount
            slots[slot].body.move(count, from: replies, to: output)
            heldByteCount -= held - slots[slot].body.heldByteCount
            return
        }
        slots[slot].body.move(count, from: replies, to: output)
        if !slots[slot].body.refersToArena { arenaBodyCount -= 1 }
    }
}

@available(*, unavailable) extension SessionCore: Sendable {}

/// Which side of a connection a session is.
enum Role { case server, client }
