package import Bytes
internal import CNghttp2

/// The client's side of one HTTP/2 connection.
@safe package final class ClientSession {
    private let core: SessionCore

    /// - Parameter events: gets the events. It may own the session: letting go of the session ends the cycle.
    package init(settings: SessionSettings, events: any StreamEvents) {
        // Requests are queued, never referred to: the arena stays empty.
        core = SessionCore(
            role: .client, settings: settings, replies: ByteArena(capacity: 64), memory: SessionMemory(), events: events
        )
    }

    /// Takes bytes of the peer. Events come meanwhile.
    package func receive(_ bytes: Span<UInt8>) -> ReceiveOutcome { core.receive(bytes) }

    /// Appends about `limit` bytes of what is to be sent, at most one frame more.
    package func produce(into output: ByteArena, limit: Int) -> ProduceOutcome {
        core.produce(into: output, limit: limit)
    }

    package var wantsToWrite: Bool { core.wantsToWrite }

    /// Begins a request: `head` with its pseudo-header fields first, then what `send` and `finish` add.
    ///
    /// - Returns: the slot, or `nil` when this connection takes no more requests (GOAWAY, or stream numbers are used
    ///   up).
    package func open(head: HeaderBlock) -> Int? {
        guard takesRequests else { return nil }
        let slot = core.openSlot(for: 0)
        var provider = unsafe nghttp2_data_provider()
        // Not pointers: the slot's number plus one.
        let userData = unsafe UnsafeMutableRawPointer(bitPattern: slot + 1)
        unsafe provider.source.ptr = unsafe userData
        unsafe provider.read_callback = Nghttp2.readBody
        let stream = unsafe nghttp2_submit_request(core.handle, nil, head.pointer, head.count, &provider, userData)
        core.assign(slot, stream: stream)
        guard stream > 0 else { return nil }
        core.events.streamOpened(slot)
        return slot
    }

    /// Queues bytes of a request.
    package func send(_ slot: Int, _ bytes: [UInt8]) { core.append(slot, bytes) }

    /// Ends a request after what is queued.
    package func finish(_ slot: Int) { core.finishBody(slot, trailers: nil) }

    /// Bytes of the request that wait for the peer.
    package func unsentByteCount(_ slot: Int) -> Int { core.slots[slot].body.byteCount }

    /// The HTTP/2 stream of a slot.
    package func stream(of slot: Int) -> Int32 { core.slots[slot].stream }

    package func reset(_ slot: Int, _ code: ErrorCode) { core.reset(slot, code) }

    /// Lets the peer send as many more bytes, on the stream and on the connection.
    package func consume(_ slot: Int, stream: Int, connection: Int) {
        core.consume(slot, stream: stream, connection: connection)
    }

    /// The header section that just ended was informational (1xx): the final one is still to come.
    package func expectMoreFields(_ slot: Int) { core.expectMoreFields(slot) }

    /// Streams the peer lets us have open at once.
    package var concurrentStreamsMax: UInt32 {
        unsafe nghttp2_session_get_remote_settings(core.handle, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
    }

    /// Streams that are open.
    package var openStreamCount: Int { core.openSlotCount }

    /// Whether `open` can succeed.
    package var takesRequests: Bool { unsafe nghttp2_session_check_request_allowed(core.handle) != 0 }

    /// Sends a PING that the peer answers.
    package func ping() { core.ping() }

    /// Ends the session now: GOAWAY with `code`, and no stream goes on.
    package func terminate(_ code: ErrorCode) { core.terminate(code) }
}

@available(*, unavailable) extension ClientSession: Sendable {}
