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
}
