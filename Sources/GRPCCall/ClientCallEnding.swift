package import GRPCWire

/// How a client's call ended, and what is left to do.
package struct ClientCallEnding: Hashable, Sendable {
    package enum Origin: Hashable, Sendable {
        /// The server, or whoever answered in its place, said so.
        case server
        /// This side ended it.
        case local
        /// The connection was lost or never came to be.
        case connection
    }

    /// What RST_STREAM says (RFC 9113 section 7).
    package enum Reset: UInt32, Hashable, Sendable { case noError = 0, cancel = 8 }

    package var status: Status
    package var origin: Origin
    /// What to tell the peer, if the stream has been opened and not yet closed.
    package var reset: Reset?
    /// The server has certainly not begun with the call, so that repeating it is harmless.
    package var isUnprocessed: Bool
    /// Fields that came with the end, without gRPC's own.
    package var metadata: Metadata
    /// What the server says about trying again.
    package var pushback: RetryPushback?

    package init(
        _ status: Status, _ origin: Origin, reset: Reset? = nil, isUnprocessed: Bool = false,
        metadata: Metadata = Metadata(), pushback: RetryPushback? = nil
    ) {
        self.status = status
        self.origin = origin
        self.reset = reset
        self.isUnprocessed = isUnprocessed
        self.metadata = metadata
        self.pushback = pushback
    }
}

extension ClientCallEnding {
    /// The caller wants no answer any more.
    package static let cancelled = ClientCallEnding(
        Status(.cancelled, "the call was cancelled"), .local, reset: .cancel)

    package static let deadlinePassed = ClientCallEnding(
        Status(.deadlineExceeded, "the deadline has passed"), .local, reset: .cancel)

    /// The deadline of a call that has no stream.
    ///
    /// - Parameters:
    ///   - cause: what it waited for.
    ///   - wasSent: it had one before.
    package static func deadlinePassed(waitingFor cause: String, wasSent: Bool) -> ClientCallEnding {
        let text = "\(deadlinePassed.status.message) while the call waited for \(cause)"
        return ClientCallEnding(
            Status(.deadlineExceeded, text), wasSent ? .local : .connection, isUnprocessed: !wasSent)
    }

    /// The connection is gone, or there was none.
    ///
    /// - Parameter isUnprocessed: nothing of the call had left.
    package static func connectionLost(_ reason: String, isUnprocessed: Bool) -> ClientCallEnding {
        ClientCallEnding(Status(.unavailable, reason), .connection, isUnprocessed: isUnprocessed)
    }
}

/// What a client takes in one call. Sizes in bytes.
package struct ClientCallLimits: Hashable, Sendable {
    /// Largest response message, before its prefix.
    package var messageMax = 4 << 20
    /// Largest header section: names, values and 32 for each field (RFC 9113 section 6.5.2).
    package var headerListMax = 8 << 10

    package init() {}
}
