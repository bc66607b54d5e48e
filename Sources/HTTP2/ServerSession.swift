package import Bytes
internal import CNghttp2

/// The server's side of one HTTP/2 connection.
///
/// Replies refer to a place in the loop's reply arena and leave without a copy in between; see `detachReplies`.
@safe package final class ServerSession {
    private let core: SessionCore

    /// - Parameters:
    ///   - memory: shared by the sessions of one thread.
    ///   - events: gets the events. It may own the session: letting go of the session ends the cycle.
    package init(
        settings: SessionSettings, replies: ByteArena, memory: SessionMemory = SessionMemory(),
        events: any StreamEvents
    ) {
        core = SessionCore(role: .server, settings: settings, replies: replies, memory: memory, events: events)
    }

    /// Takes bytes of the peer. Events come meanwhile.
    package func receive(_ bytes: Span<UInt8>) -> ReceiveOutcome { core.receive(bytes) }

    /// Appends about `limit` bytes of what is to be sent, at most one frame more.
    package func produce(into output: ByteArena, limit: Int) -> ProduceOutcome {
        core.produce(into: output, limit: limit)
    }

    package var wantsToWrite: Bool { core.wantsToWrite }

    /// Sends a complete reply: `head`, the message that lies at `body` in the reply arena, `trailers`.
    package func reply(_ slot: Int, head: HeaderBlock, body: Range<Int>, trailers: HeaderBlock) {
        core.setBody(slot, arena: body, trailers: trailers)
        submit(slot, head, hasBody: true)
    }

    /// Sends a header section that ends the stream.
    package func reply(_ slot: Int, headOnly head: HeaderBlock) { submit(slot, head, hasBody: false) }

    /// Begins a reply whose messages come by `send`, and whose trailers come by `finish`.
    package func begin(_ slot: Int, head: HeaderBlock) { submit(slot, head, hasBody: true) }

    /// Queues bytes of a reply that has begun.
    package func send(_ slot: Int, _ bytes: [UInt8]) { core.append(slot, bytes) }

    /// Ends a reply that has begun, after what is queued.
    package func finish(_ slot: Int, trailers: HeaderBlock) { core.finishBody(slot, trailers: trailers) }

    /// Memory of replies that the peer has not read, those in the arena left out, in bytes.
    package var heldByteCount: Int { core.heldByteCount }

    /// Bytes of the reply that wait for the peer.
    package func unsentByteCount(_ slot: Int) -> Int { core.slots[slot].body.byteCount }

    /// Memory of the reply, if it lies outside of the arena.
    package func heldByteCount(_ slot: Int) -> Int { core.slots[slot].body.heldByteCount }

    package func reset(_ slot: Int, _ code: ErrorCode) { core.reset(slot, code) }

    /// Lets the peer send as many more bytes, on the stream and on the connection.
    package func consume(_ slot: Int, stream: Int, connection: Int) {
        core.consume(slot, stream: stream, connection: connection)
    }

    /// Copies replies that could not leave out of the arena, which is about to be emptied.
    package func detachReplies() { core.detachBodies() }

    /// Whether some reply lies in the arena.
    package var hasRepliesInArena: Bool { core.hasArenaBodies }

    /// First step of a graceful end: the peer is told to open no more streams, but those under way are still taken
    /// (RFC 9113 section 6.8). A PING follows: once it is answered (`pingAnswered`), the peer has been told.
    package func announceShutdown() {
        core.pingsAfterGoAway = true
        core.note(unsafe nghttp2_submit_shutdown_notice(core.handle))
    }

    /// Second step: streams opened so far go on, later ones are refused, and the session finishes with the last.
    ///
    /// - Parameter reason: for people, as the frame's debug data.
    package func finishShutdown(_ reason: String = "") {
        let last = unsafe nghttp2_session_get_last_proc_stream_id(core.handle)
        let debug = [UInt8](reason.utf8)
        core.note(
            unsafe nghttp2_submit_goaway(
                core.handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, NGHTTP2_NO_ERROR.rawValue, debug, debug.count))
    }

    /// Ends the session now, with a last GOAWAY in place of all that was still to be sent.
    package func abort(_ code: ErrorCode, _ reason: String) { core.abort(code, reason) }

    /// The last words after `abort`, for who gives up the session and says them itself.
    package func takeFarewell() -> [UInt8] { core.takeFarewell() }

    /// Sends a PING that the peer answers.
    package func ping() { core.ping() }

    /// Whether HEADERS or DATA have been sent since this was last asked.
    package func takeHasSentFrames() -> Bool {
        defer { core.hasSentFrames = false }
        return core.hasSentFrames
    }

    /// Resets the streams whose replies wait for the peer's window.
    ///
    /// - Returns: how many there were.
    package func resetWaiting(_ code: ErrorCode) -> Int { core.resetWaiting(code) }

    /// Whether some reply waits for the peer.
    package var hasWaitingReplies: Bool { core.slots.contains { $0.body.byteCount > 0 } }

    /// Bytes of replies that have been framed so far: stands still while the peer opens no window.
    package var framedByteCount: Int { core.framedByteCount }

    /// Streams that are open.
    package var openStreamCount: Int { core.openSlotCount }

    private func submit(_ slot: Int, _ head: HeaderBlock, hasBody: Bool) {
        let stream = core.slots[slot].stream
        guard hasBody else {
            core.note(unsafe nghttp2_submit_response(core.handle, stream, head.pointer, head.count, nil))
            return
        }
        var provider = unsafe nghttp2_data_provider()
        // Not a pointer: the slot's number plus one.
        unsafe provider.source.ptr = UnsafeMutableRawPointer(bitPattern: slot + 1)
        unsafe provider.read_callback = Nghttp2.readBody
        core.note(unsafe nghttp2_submit_response(core.handle, stream, head.pointer, head.count, &provider))
    }
}

@available(*, unavailable) extension ServerSession: Sendable {}
