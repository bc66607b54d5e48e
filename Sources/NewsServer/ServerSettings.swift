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
    /// Pings, idleness, age and the end of connections.
    package var care = CareSettings()
    /// What a peer may do now and then.
    package var peer = PeerLimits()
    /// Time from a unary call's header section to the end of its request.
    package var requestTimeout: Duration = .seconds(300)
    /// Longest time for any call, whatever its deadline; `nil`: none.
    package var callDurationMax: Duration?
    /// A peer that takes none of the bytes that wait for it for so long is cut off.
    package var writeStallTimeout: Duration = .seconds(60)
    /// Bytes of unary requests that one connection may have in memory before further calls are refused.
    package var bufferedRequestBytesMax = 8 << 20
    /// Bytes of replies that may wait for a peer to read before its further unary calls have to wait.
    package var unsentReplyBytesMax = 4 << 20
    /// What all connections of one loop may have in memory.
    package var memory = LoopMemoryLimits()
    /// Time from the moment at which the server says that it is stopping (health) to that at which it takes no more
    /// calls: load balancers look around meanwhile.
    package var drainDelay: Duration = .zero
    /// Time that running calls have to finish after that.
    package var drainGrace: Duration = .seconds(20)

    package init() { session.headerListMax = UInt32(call.headerListMax) }
}

/// What the connections of one loop may have in memory together. See ARCHITECTURE.md, section 9, "Memory".
package struct LoopMemoryLimits: Sendable {
    /// Bytes of replies that peers have not read. Beyond it whoever holds most is cut off.
    package var unreadReplyBytesMax = 16 << 20
    /// Bytes of requests that have not come whole, or wait, or are worked on. Beyond it whoever holds most of the first
    /// two has those calls refused.
    package var requestBytesMax = 12 << 20

    package init() {}
}
