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
    package var metadata = Metadata()

    package init(_ status: Status, _ origin: Origin, reset: Reset? = nil, isUnprocessed: Bool = false) {
        self.status = status
        self.origin = origin
        self.reset = reset
        self.isUnprocessed = isUnprocessed
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
