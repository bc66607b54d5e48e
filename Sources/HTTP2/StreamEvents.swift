/// Gets the events of a session's streams, while `receive` and `produce` run.
///
/// A stream is known by its slot: a small number, free again once the stream is closed, so that whoever handles the
/// events keeps its own state in an array and looks nothing up. Spans are lent for the call.
package protocol StreamEvents: AnyObject {
    /// Server: a request begins. Client: one of our requests got its slot.
    func streamOpened(_ slot: Int)
    /// A field of the header section that is being received. Client: informational sections come here too.
    func field(_ slot: Int, name: Span<UInt8>, value: Span<UInt8>)
    /// A header section is complete. `isTrailer` is true for one that follows the first final one.
    func fieldsEnded(_ slot: Int, isTrailer: Bool, endOfStream: Bool)
    func data(_ slot: Int, _ bytes: Span<UInt8>)
    /// The peer sends no more on this stream. Follows the frame that said so.
    func endOfStream(_ slot: Int)
    /// All bytes given to `send` so far have been produced, and the stream waits for more.
    func bodyDrained(_ slot: Int)
    /// The stream is gone. Its slot is free after the call.
    func streamClosed(_ slot: Int, _ code: ErrorCode)
    /// The peer takes no new streams above `lastStream`.
    func goAway(lastStream: Int32, _ code: ErrorCode, debugData: Span<UInt8>)
    /// The peer's SETTINGS were taken.
    func settingsReceived()
    /// The peer has taken ours.
    func settingsAcknowledged()
    /// PING came. It is answered without anybody's help.
    func pingReceived()
    /// The peer answered a PING of ours.
    func pingAnswered()
    /// Something to be counted. `SessionCore.abort` may be called meanwhile.
    func noticed(_ sign: PeerSign)
}

extension StreamEvents {
    package func settingsAcknowledged() {}
    package func pingReceived() {}
    package func pingAnswered() {}
    package func noticed(_ sign: PeerSign) {}
}

/// What a peer may do now and then, and what is an attack when it is done all the time.
package enum PeerSign: Int, CaseIterable, Sendable {
    /// RST_STREAM came: a call was given up (CVE-2023-44487).
    case reset
    /// RST_STREAM had to be sent: the peer broke a rule on one stream (CVE-2025-8671).
    case fault
    /// DATA came that holds no byte and does not end its stream (CVE-2019-9518).
    case emptyData
    /// SETTINGS came (CVE-2019-9515).
    case settings
}
