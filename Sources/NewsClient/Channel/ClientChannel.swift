internal import EventLoops
internal import GRPCCall
internal import GRPCWire
internal import HTTP2

/// The calls of one client, and where they go. Loop-bound; tasks reach it by `ChannelLine`.
///
///     tasks --> calls --> waiting --> balancer --> subchannel --> connection
///                ^ |                     ^
///       retries  | |                     | addresses
///                `-'                  resolver
final class ClientChannel {
    unowned let loop: EventLoop
    let configuration: RPCClient.Configuration
    let target: ClientTarget
    /// `nil`: connections go without TLS.
    let security: ConnectionSecurity?
    let userAgent: String
    let compression = MessageCompression()
    /// What new connections do; the server may have asked for fewer pings.
    private(set) var keepalive: Keepalive?
    /// All that are open: in use, being made, and those that end with their last call.
    var connections: [ClientConnection] = []
    var calls: [UInt64: ActiveCall] = [:]
    var waiting = CallQueue()
    var throttle: RetryThrottle
    private var balancer: Balancer
    private var resolver: TargetResolver?
    private var isClosed = false
    private var isPumping = false
    private var idleTimer: TimerToken?
    /// Loop time at which the last call ended.
    private var idleSince: Int64 = 0

    init(
        loop: EventLoop, configuration: RPCClient.Configuration, target: ClientTarget, security: ConnectionSecurity?
    ) {
        self.loop = loop
        self.configuration = configuration
        self.target = target
        self.security = security
        userAgent = RPCClient.userAgent(configuration.userAgent)
        balancer = Balancer(configuration.balancing)
        let retries = configuration.retryPolicy
        throttle = RetryThrottle(capacity: retries?.throttleTokens ?? 0, ratio: retries?.throttleTokenRatio ?? 0)
        keepalive = configuration.keepalive
        if let keepalive { self.keepalive?.time = max(keepalive.time, configuration.keepaliveTimeMin) }
        guard case .name(let name) = target.place else { return }
        resolver = TargetResolver(name, loop: loop, configuration: configuration) { [weak self] in self?.found($0) }
    }

    var callLimits: ClientCallLimits {
        var limits = ClientCallLimits()
        limits.messageMax = configuration.responseMessageMax
        limits.headerListMax = configuration.headerListMax
        return limits
    }

    func log(_ line: @autoclosure () -> String) { configuration.log?(line()) }

    /// Takes a new call.
    func start(_ request: CallRequest, _ exchange: CallExchange) {
        guard !isClosed else { return exchange.ended(.closed) }
        let call = ActiveCall(request, exchange: exchange, now: loop.now)
        guard request.timeout.map({ $0 > .zero }) ?? true else {
            _ = call.end(RPCError(ClientCallEnding.deadlinePassed))
            return
        }
        let identifier = exchange.identifier
        calls[identifier] = call
        if let timeout = request.timeout {
            call.deadlineTimer = loop.schedule(after: timeout) { [weak self] in self?.deadlinePassed(identifier) }
        }
        waiting.append(call)
        pump()
    }

    /// Ends every call and lets every connection say goodbye. The loop is to be stopped after it.
    func close() {
        isClosed = true
        for call in calls.values { _ = call.end(.closed) }
        calls = [:]
        waiting.removeAll()
        leaveAll()
        resolver?.close()
        if let idleTimer { loop.cancel(idleTimer) }
        for connection in connections { connection.terminate() }
    }

    // MARK: Waiting calls

    /// Gives waiting calls to connections, in their order, while there is room.
    func pump() {
        guard !isPumping, !isClosed else { return }
        isPumping = true
        defer { isPumping = false }
        while waiting.hasWaiting() {
            switch choose() {
            case .connection(let connection):
                if let call = waiting.popFirst() { start(call, on: connection) }
            case .wait: return
            case .fail(let reason):
                let impatient = waiting.takeImpatient()
                guard !impatient.isEmpty else { return }
                for call in impatient { unplaceable(call, reason) }
            }
        }
    }

    private func choose() -> Balancer.Choice {
        guard balancer.isEmpty else { return balancer.pick() }
        switch target.place {
        case .addresses(let addresses):
            balancer.update(addresses, channel: self)
            return balancer.pick()
        case .name:
            resolver?.resolve()
            if case .transientFailure(let reason) = resolver?.state { return .fail(reason: unreachable(reason)) }
            return .wait
        }
    }

    private func start(_ call: ActiveCall, on connection: ClientConnection) {
        var head = ClientRequestHead(
            path: call.request.method.path, authority: target.authority, userAgent: userAgent,
            timeout: call.timeLeft(now: loop.now), encoding: call.request.encoding, metadata: call.request.metadata)
        if security != nil { head.scheme = "https" }
        head.previousAttempts = call.retry.retryCount
        guard let attempt = connection.open(call, head: head) else {
            waiting.append(call)
            connection.finishCalls()
            connection.owner.newsOf(connection)
            return
        }
        call.attempt = attempt
        for bytes in call.outgoing.begin() { connection.send(attempt, bytes) }
        if call.isFinished { connection.finish(attempt) }
    }

    /// What a call without a stream waits for.
    func awaited(by call: ActiveCall) -> String {
        if let failure = call.lastFailure { return "another try after \(failure)" }
        let states = balancer.subchannels.map(\.state)
        if states.contains(.ready) { return "its turn: \(configuration.target) takes no more at once" }
        for case .transientFailure(let reason) in states { return "a connection: \(reason)" }
        if case .transientFailure(let reason) = resolver?.state { return "a connection: \(unreachable(reason))" }
        return "a connection to \(configuration.target)"
    }

    private func unreachable(_ reason: String) -> String { "no connection to \(configuration.target): \(reason)" }

    // MARK: Connections

    private func found(_ result: Result<[SocketAddress], AddressError>) {
        guard !isClosed else { return }
        switch result {
        case .success(let addresses):
            log("\(configuration.target) is \(addresses.map(\.description).joined(separator: ", "))")
            balancer.update(addresses, channel: self)
        // The old addresses, if there are any, may be right all the same.
        case .failure(let error): log(unreachable(error.description))
        }
        pump()
    }

    /// A connection came or went, or has room for another call.
    ///
    /// - Parameter isLost: one is gone, or could not be made.
    func subchannelChanged(isLost: Bool) {
        guard !isClosed else { return }
        // The name may lead elsewhere by now.
        if isLost { if balancer.hasHope { resolver?.refresh() } else { resolver?.resolve() } }
        pump()
    }

    /// The server has taken the pings for an attack: connections made from now on send half as many.
    func slowDownKeepalive() {
        guard let time = keepalive?.time else { return }
        keepalive?.time = time * 2
        log("the server complains of too many pings: keepalive every \(time * 2) from now on")
    }

    // MARK: Idleness

    /// The last call has ended: connections are closed unless another one begins in time.
    func callEnded() {
        guard calls.isEmpty, let timeout = configuration.idleTimeout else { return }
        idleSince = loop.now
        if idleTimer == nil { watchIdleness(for: timeout, timeout) }
    }

    private func watchIdleness(for rest: Duration, _ timeout: Duration) {
        idleTimer = loop.schedule(after: rest) { [weak self] in
            guard let self else { return }
            idleTimer = nil
            guard calls.isEmpty else { return }
            let spent = Duration.nanoseconds(loop.now - idleSince)
            guard spent >= timeout else { return watchIdleness(for: timeout - spent, timeout) }
            log("no call for \(timeout): the connections are closed")
            leaveAll()
            resolver?.becomeIdle()
        }
    }

    private func leaveAll() { balancer.removeAll() }
}

@available(*, unavailable) extension ClientChannel: Sendable {}
