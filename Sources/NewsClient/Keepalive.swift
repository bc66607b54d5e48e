/// PINGs by which a client notices that its server, or the way to it, has gone without a word (gRFC A8).
///
/// Off unless asked for: a server may take pings as an attack. One that does says "too_many_pings", and the client
/// pings half as often from then on.
public struct Keepalive: Hashable, Sendable {
    /// How long nothing may have come before the client asks. At least 10 seconds.
    public var time: Duration
    /// How long the answer may take before the connection counts as lost.
    public var timeout: Duration
    /// Whether to ask also when no call is running.
    public var permitWithoutCalls: Bool

    public init(time: Duration, timeout: Duration = .seconds(20), permitWithoutCalls: Bool = false) {
        self.time = time
        self.timeout = timeout
        self.permitWithoutCalls = permitWithoutCalls
    }
}
