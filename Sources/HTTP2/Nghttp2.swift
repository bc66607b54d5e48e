internal import CNghttp2

/// nghttp2's objects that every session shares, and the C callbacks.
///
/// The callbacks are plain functions without captures: nghttp2 hands each the session's address, which `core` turns
/// back into the session. They cannot throw: a failure is noted in the session and answered with a failure code.
@safe enum Nghttp2 {
    static func makeSession(
        _ role: Role, _ settings: SessionSettings, _ memory: SessionMemory, userData: UnsafeMutableRawPointer
    ) -> OpaquePointer {
        var option: OpaquePointer?
        unsafe require(nghttp2_option_new(&option))
        defer { unsafe nghttp2_option_del(option) }
        // Bodies are consumed when their reader has taken them, so that flow control reaches the producer.
        unsafe nghttp2_option_set_no_auto_window_update(option, 1)
        unsafe nghttp2_option_set_no_closed_streams(option, 1)
        unsafe nghttp2_option_set_stream_reset_rate_limit(option, settings.resetBurst, settings.resetsPerSecond)
        unsafe nghttp2_option_set_max_continuations(option, settings.continuationsMax)
        unsafe nghttp2_option_set_max_outbound_ack(option, settings.acknowledgementsMax)
        var session: OpaquePointer?
        switch role {
        case .server:
            unsafe require(nghttp2_session_server_new3(&session, serverCallbacks, userData, option, memory.table))
        case .client:
            unsafe require(nghttp2_session_client_new3(&session, clientCallbacks, userData, option, memory.table))
        }
        guard let session = unsafe session else { preconditionFailure("nghttp2 made no session") }
        return unsafe session
    }

    /// Making an object fails only when memory is out, which ends the process in Swift as well.
    private static func require(_ code: Int32) {
        precondition(code == 0, "nghttp2 is out of memory")
    }

    static func failure(_ code: Int32) -> SessionFailure {
        switch code {
        case Int32(NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue): .badPreface
        case Int32(NGHTTP2_ERR_FLOODED.rawValue): .flooded
        case Int32(NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue): .tooManyContinuations
        case Int32(NGHTTP2_ERR_NOMEM.rawValue): .outOfMemory
        default: .other(code: Int(code), name: unsafe String(cString: nghttp2_strerror(code)))
        }
    }

    // Made once and never changed: nghttp2 copies the table into each session.
    nonisolated(unsafe) private static let serverCallbacks: OpaquePointer? = unsafe makeCallbacks(.server)
    nonisolated(unsafe) private static let clientCallbacks: OpaquePointer? = unsafe makeCallbacks(.client)

    private static func makeCallbacks(_ role: Role) -> OpaquePointer? {
        var table: OpaquePointer?
        unsafe require(nghttp2_session_callbacks_new(&table))
        if role == .server {
            unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(table, requestBegins)
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(table, fieldCame)
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table, dataCame)
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(table, frameCame)
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(table, frameLeft)
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(table, streamClosed)
        unsafe nghttp2_session_callbacks_set_send_data_callback(table, writeData)
        return unsafe table
    }

    static let readBody: nghttp2_data_source_read_callback = { _, _, _, room, flags, source, userData in
        guard let source = unsafe source, let flags = unsafe flags else {
            return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
        }
        let slot = unsafe Int(bitPattern: source.pointee.ptr) - 1
        return unsafe core(userData)._withUnsafeGuaranteedRef { core in
            unsafe core.nextFrame(slot, room: room, flags: flags)
        }
    }
}

/// The session behind nghttp2's user data. It lives while its nghttp2 session does, so no callback needs to count it:
/// that is what `_withUnsafeGuaranteedRef` is for.
private func core(_ userData: UnsafeMutableRawPointer?) -> Unmanaged<SessionCore> {
    unsafe Unmanaged<SessionCore>.fromOpaque(userData.unsafelyUnwrapped)
}

private let requestBegins: nghttp2_on_begin_headers_callback = { session, frame, userData in
    guard let frame = unsafe frame else { return 0 }
    let header = unsafe frame.pointee.hd
    guard header.type == UInt8(NGHTTP2_HEADERS.rawValue), unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
    else { return 0 }
    unsafe core(userData)._withUnsafeGuaranteedRef { core in
        core.sectionByteCount = 0
        let slot = core.openSlot(for: header.stream_id)
        // Not a pointer: the slot's number plus one.
        let number = unsafe UnsafeMutableRawPointer(bitPattern: slot + 1)
        unsafe nghttp2_session_set_stream_user_data(session, header.stream_id, number)
        core.events.streamOpened(slot)
    }
    return 0
}

private let fieldCame: nghttp2_on_header_callback = { _, frame, name, nameCount, value, valueCount, _, userData in
    guard let frame = unsafe frame, let name = unsafe name, let value = unsafe value else { return 0 }
    let stream = unsafe frame.pointee.hd.stream_id
    return unsafe core(userData)._withUnsafeGuaranteedRef { core in
        core.count(field: nameCount + valueCount)
        let slot = core.slot(of: stream)
        guard slot >= 0 else { return core.callbackResult }
        // Both lie in nghttp2's own buffers until the callback returns.
        core.events.field(
            slot, name: unsafe Span(_unsafeStart: name, count: nameCount),
            value: unsafe Span(_unsafeStart: value, count: valueCount))
        return core.callbackResult
    }
}

private let dataCame: nghttp2_on_data_chunk_recv_callback = { session, _, stream, bytes, count, userData in
    guard let bytes = unsafe bytes else { return 0 }
    unsafe core(userData)._withUnsafeGuaranteedRef { core in
        let slot = core.slot(of: stream)
        guard slot >= 0 else {
            // Nobody will consume it.
            unsafe core.note(nghttp2_session_consume(session, stream, count))
            return
        }
        core.events.data(slot, unsafe Span(_unsafeStart: bytes, count: count))
    }
    return 0
}

private let frameCame: nghttp2_on_frame_recv_callback = { _, frame, userData in
    guard let frame = unsafe frame else { return 0 }
    return unsafe core(userData)._withUnsafeGuaranteedRef { core in
        unsafe core.received(frame)
        return core.callbackResult
    }
}

private let frameLeft: nghttp2_on_frame_send_callback = { _, frame, userData in
    guard let frame = unsafe frame else { return 0 }
    return unsafe core(userData)._withUnsafeGuaranteedRef { core in
        unsafe core.sent(frame)
        return core.callbackResult
    }
}

private let streamClosed: nghttp2_on_stream_close_callback = { _, stream, code, userData in
    // Nil only while the session is torn down.
    guard unsafe userData != nil else { return 0 }
    unsafe core(userData)._withUnsafeGuaranteedRef { core in
        let slot = core.slot(of: stream)
        if slot >= 0 { core.closed(slot, ErrorCode(rawValue: code)) }
    }
    return 0
}

private let writeData: nghttp2_send_data_callback = { _, _, header, count, source, userData in
    guard let header = unsafe header, let source = unsafe source else {
        return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
    }
    let slot = unsafe Int(bitPattern: source.pointee.ptr) - 1
    unsafe core(userData)._withUnsafeGuaranteedRef { core in unsafe core.writeFrame(slot, header: header, count: count)
    }
    return 0
}
