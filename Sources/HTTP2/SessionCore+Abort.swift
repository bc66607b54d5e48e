internal import Bytes
internal import CNghttp2

/// The end of a session whose peer went too far.
///
/// nghttp2 is not asked for the last word: a failure leaves it in the middle of something, and what else waits to be
/// sent is not owed to such a peer. Frames leave nghttp2 whole, so one that is written by hand may follow them.
extension SessionCore {
    /// Ends the session now. From within a callback as well: what called it is given up.
    ///
    /// - Parameter reason: for people, and for gRPC clients that know "too_many_pings".
    func abort(_ code: ErrorCode, _ reason: String) {
        guard failure == nil else { return }
        failure = .aborted(code)
        farewell = goAway(code, reason)
    }

    /// nghttp2 has given up.
    func fail(_ code: Int32) {
        note(code)
        guard farewell == nil else { return }
        switch failure {
        case .tooManyContinuations: farewell = goAway(.enhanceYourCalm, "too_many_continuations")
        case .flooded: farewell = goAway(.enhanceYourCalm, "too_many_control_frames")
        case .badPreface, .aborted, .outOfMemory, .other, nil: break
        }
    }

    /// Appends the last frame, if there is one and it has not been sent.
    func sayFarewell(into output: ByteArena) -> Bool {
        let bytes = takeFarewell()
        output.append(bytes)
        return !bytes.isEmpty
    }

    /// The last frame; empty when there is none, or it has been sent. A server that has said nothing yet begins with
    /// SETTINGS all the same, or its peer would not read on (RFC 9113 section 3.4).
    func takeFarewell() -> [UInt8] {
        guard let words = farewell, !words.isEmpty else { return [] }
        farewell = []
        if hasBegun || !resetsAfterEnd { return words }
        hasBegun = true
        return RefusalFrames.settings + words
    }

    /// What a callback answers.
    var callbackResult: Int32 { farewell == nil ? 0 : Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }

    /// Header fields cost more to decode than to send: a reference of one byte may stand for 4 KiB. Beyond what the
    /// reader of the fields still answers (`headerListMax`) nothing more is decoded.
    func count(field byteCount: Int) {
        sectionByteCount += byteCount + 32
        if sectionByteCount > sectionByteCountMax { abort(.enhanceYourCalm, "header_list_too_large") }
    }

    /// A GOAWAY frame (RFC 9113 section 6.8).
    private func goAway(_ code: ErrorCode, _ reason: String) -> [UInt8] {
        let last = unsafe UInt32(max(0, nghttp2_session_get_last_proc_stream_id(handle)))
        let debug = [UInt8](reason.utf8)
        let length = UInt32(8 + debug.count)
        var bytes = [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), 7, 0, 0, 0, 0, 0]
        for word in [last, code.rawValue] {
            for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        return bytes + debug
    }
}
