package import GRPCCall
package import HTTP2

/// Every limit of the server, with its unit, in one value.
package struct ServerSettings: Sendable {
    package var session = SessionSettings()
    package var call = CallLimits()
    /// Connections that one loop serves; further ones are closed at once.
    package var connectionsPerLoopMax = 16_384
    /// Time from the accept to the peer's SETTINGS.
    package var handshakeTimeout: Duration = .seconds(10)
    /// A connection on which nothing moved for so long is closed.
    package var idleTimeout: Duration = .seconds(7200)
    /// A peer that takes none of the bytes that wait for it for so long is cut off.
    package var writeStallTimeout: Duration = .seconds(60)
    /// Bytes of unary requests that one connection may have in memory before further calls are refused.
    package var bufferedRequestBytesMax = 16 << 20
    /// Bytes of replies that may wait for a peer to read before its further unary calls have to wait.
    package var unsentReplyBytesMax = 16 << 20
    /// Time that running calls have to finish when the server stops.
    package var drainGrace: Duration = .seconds(20)

    package init() { session.headerListMax = UInt32(call.headerListMax) }
}
