package import Bytes

/// What a connection speaks. All calls come on its loop, never one inside another.
package protocol TransportHandler: AnyObject {
    /// Bytes arrived, lent for the call. `false`: stop reading, send what is left, close.
    func received(_ bytes: Span<UInt8>) -> Bool

    /// The peer sends no more, but may still read. `true`: answers are still to come, and `produce` will say when
    /// they are finished. `false` (unless implemented): what can be produced now is sent, then the connection is
    /// closed.
    func peerFinished() -> Bool

    /// Appends what is to be sent now to `output`, at most about `limit` bytes.
    ///
    /// Called after each `received` and after `wantsToSend`, until it answers something other than `.more`; not while
    /// the peer has yet to take bytes of an earlier call.
    func produce(into output: ByteArena, limit: Int) -> Production

    /// The time that `Transport.alarm` was set to has come.
    func alarmRang()

    /// The connection is over. Called once, at the end of the turn; no other call follows.
    func closed(_ reason: CloseReason)
}

extension TransportHandler {
    package func peerFinished() -> Bool { false }
    package func alarmRang() {}
}

/// What a handler has left to say.
package enum Production: Hashable, Sendable {
    /// Nothing now. `wantsToSend` asks again.
    case drained
    /// There is more than fitted.
    case more
    /// Nothing ever: send it, then close.
    case finished
    /// The state is beyond repair: close now, without sending.
    case failed
}

/// Why a connection ended.
package enum CloseReason: Hashable, Sendable, CustomStringConvertible {
    /// The peer closed it, and was given what it was due.
    case peer
    /// The peer broke it, or stopped reading before everything was sent.
    case reset
    /// This side was done with it.
    case local
    /// No byte moved for as long as the idle timeout says.
    case idle
    /// The handshake was not finished in time.
    case handshakeTimeout
    /// The peer took none of the bytes that waited for it.
    case writeStalled
    /// The handler could not go on.
    case failed
    /// The loop has stopped.
    case loopStopped
    case error(String)

    package var description: String {
        switch self {
        case .peer: "closed by the peer"
        case .reset: "broken by the peer"
        case .local: "closed by this side"
        case .idle: "idle for too long"
        case .handshakeTimeout: "handshake not finished in time"
        case .writeStalled: "the peer does not read"
        case .failed: "protocol state beyond repair"
        case .loopStopped: "the loop has stopped"
        case .error(let text): text
        }
    }
}
