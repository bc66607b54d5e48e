internal import CNghttp2

/// What frames that came or left mean for a stream.
extension SessionCore {
    /// A frame has come whole; its header fields and data came before it.
    func received(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = unsafe frame.pointee.hd
        let endOfStream = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_DATA.rawValue:
            guard endOfStream else {
                // The padding's own length is counted as padding.
                if unsafe header.length == frame.pointee.data.padlen { events.noticed(.emptyData) }
                return
            }
            let slot = slot(of: header.stream_id)
            if slot >= 0 { ended(slot) }
        case NGHTTP2_HEADERS.rawValue:
            let slot = slot(of: header.stream_id)
            if slot >= 0 { fieldsEnded(slot, endOfStream: endOfStream) }
        case NGHTTP2_GOAWAY.rawValue:
            let goAway = unsafe frame.pointee.goaway
            let debug = unsafe UnsafeBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)
            events.goAway(
                lastStream: unsafe goAway.last_stream_id, ErrorCode(rawValue: unsafe goAway.error_code),
                debugData: unsafe Span(_unsafeElements: debug))
        case NGHTTP2_SETTINGS.rawValue:
            if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 {
                events.settingsReceived()
                events.noticed(.settings)
            } else {
                events.settingsAcknowledged()
            }
        case NGHTTP2_PING.rawValue:
            let isAnswer = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
            if isAnswer { events.pingAnswered() } else { events.pingReceived() }
        case NGHTTP2_RST_STREAM.rawValue: events.noticed(.reset)
        default: break
        }
    }

    func fieldsEnded(_ slot: Int, endOfStream: Bool) {
        sectionByteCount = 0
        let isTrailer = slots[slot].hasFields
        // An informational section (1xx) never ends the stream and is followed by the final one; who reads :status says
        // so by `expectMoreFields`.
        slots[slot].hasFields = true
        events.fieldsEnded(slot, isTrailer: isTrailer, endOfStream: endOfStream)
        if endOfStream { ended(slot) }
    }

    /// The section just received was informational: the final one is still to come.
    func expectMoreFields(_ slot: Int) { slots[slot].hasFields = false }

    func ended(_ slot: Int) {
        // The handler may have reset the stream on its fields.
        guard !slots[slot].remoteEnded, slots[slot].stream != 0 else { return }
        slots[slot].remoteEnded = true
        events.endOfStream(slot)
    }

    /// A frame has left.
    func sent(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = unsafe frame.pointee.hd
        switch UInt32(header.type) {
        case NGHTTP2_DATA.rawValue, NGHTTP2_HEADERS.rawValue:
            hasSentFrames = true
            if header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 { localEnded(header.stream_id) }
        case NGHTTP2_RST_STREAM.rawValue:
            let code = unsafe ErrorCode(rawValue: frame.pointee.rst_stream.error_code)
            switch code {
            case .noError, .cancel, .refusedStream: break  // Our own: we were done with it, or did not want it.
            default: events.noticed(.fault)
            }
        case NGHTTP2_GOAWAY.rawValue where pingsAfterGoAway:
            pingsAfterGoAway = false
            ping()
        default: break
        }
    }

    /// We have ended our side. A peer that has not ended its own is told to stop, so that the stream is freed
    /// (RFC 9113 section 8.1; gRPC over HTTP/2, "Responses").
    func localEnded(_ stream: Int32) {
        let slot = slot(of: stream)
        guard slot >= 0, !slots[slot].remoteEnded, resetsAfterEnd else { return }
        reset(slot, .noError)
    }

    func reset(_ slot: Int, _ code: ErrorCode) {
        note(
            unsafe nghttp2_submit_rst_stream(
                handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), slots[slot].stream, code.rawValue))
    }

    /// The reader has taken `count` bytes of the stream's body: the peer may send as many more.
    func consume(_ slot: Int, stream: Int, connection: Int) {
        if connection > 0 { note(unsafe nghttp2_session_consume_connection(handle, connection)) }
        if stream > 0 { note(unsafe nghttp2_session_consume_stream(handle, slots[slot].stream, stream)) }
    }

    /// Sends a PING that the peer answers.
    func ping() { note(unsafe nghttp2_submit_ping(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)) }

    /// Ends the connection: GOAWAY, and nothing after what is already to be sent.
    func terminate(_ code: ErrorCode) { note(unsafe nghttp2_session_terminate_session(handle, code.rawValue)) }
}
