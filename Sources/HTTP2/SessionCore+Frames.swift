internal import CNghttp2

/// What frames that came or left mean for a stream.
extension SessionCore {
    func fieldsEnded(_ slot: Int, endOfStream: Bool) {
        let isTrailer = slots[slot].hasFields
        // An informational section (1xx) never ends the stream and is followed by the final one; who reads :status says
        // so by `expectMoreFields`.
        slots[slot].hasFields = true
        unsafe events.fieldsEnded(slot, isTrailer: isTrailer, endOfStream: endOfStream)
        if endOfStream { ended(slot) }
    }

    /// The section just received was informational: the final one is still to come.
    func expectMoreFields(_ slot: Int) { slots[slot].hasFields = false }

    func ended(_ slot: Int) {
        // The handler may have reset the stream on its fields.
        guard !slots[slot].remoteEnded, slots[slot].stream != 0 else { return }
        slots[slot].remoteEnded = true
        unsafe events.endOfStream(slot)
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

    /// Ends the connection: GOAWAY, and nothing after what is already to be sent.
    func terminate(_ code: ErrorCode) { note(unsafe nghttp2_session_terminate_session(handle, code.rawValue)) }
}
