internal import EventLoops
internal import GRPCCall
internal import GRPCWire
internal import HTTP2

/// The calls of one client and the connection they use. Loop-bound; tasks reach it by `ChannelLine`.
final class ClientChannel {
    unowned let loop: EventLoop
    let configuration: RPCClient.Configuration
    let target: ClientTarget
    private let userAgent: String
    let compression = MessageCompression()
    var policy: ConnectionPolicy
    /// What is being connected to.
    var attempt: ConnectionAttempt?
    var attemptCount = 0
    /// Where new calls go.
    var current: ClientConnection?
    /// All that are open: `current`, one that is being made, and those that end with their last call.
    var connections: [ClientConnection] = []
    private var calls: [UInt64: ActiveCall] = [:]
    private var waiting = CallQueue()

    init(loop: EventLoop, configuration: RPCClient.Configuration, target: ClientTarget) {
        self.loop = loop
        self.configuration = configuration
        self.target = target
        policy = ConnectionPolicy(backOff: configuration.backOff)
        userAgent = RPCClient.userAgent(configuration.userAgent)
    }

    // MARK: What tasks ask for

    func start(_ request: CallRequest, _ exchange: CallExchange) {
        let call = ActiveCall(request, exchange: exchange, limits: limits, now: loop.now)
        guard request.timeout > .zero else {
            if let ending = call.machine.deadlinePassed() { exchange.ended(RPCError(ending)) }
            return
        }
        let identifier = exchange.identifier
        calls[identifier] = call
        call.timer = loop.schedule(after: request.timeout) { [weak self] in self?.deadlinePassed(identifier) }
        place(call)
    }

    func send(_ identifier: UInt64, _ bytes: [UInt8]) {
        guard let call = calls[identifier], !call.isFinished else { return }
        guard let connection = call.connection else {
            call.queue(bytes)
            return
        }
        call.givenByteCount += bytes.count
        connection.send(call, bytes)
    }

    func finish(_ identifier: UInt64) {
        guard let call = calls[identifier], !call.isFinished else { return }
        call.isFinished = true
        call.connection?.finish(call)
    }

    func consumed(_ identifier: UInt64, _ byteCount: Int) {
        guard let call = calls[identifier] else { return }
        call.connection?.consumed(call, byteCount)
    }

    func cancel(_ identifier: UInt64) { end(identifier) { call in call.machine.cancel() } }

    private func deadlinePassed(_ identifier: UInt64) { end(identifier) { call in call.machine.deadlinePassed() } }

    private func end(_ identifier: UInt64, _ body: (ActiveCall) -> ClientCallEnding?) {
        guard let call = calls[identifier], let ending = body(call) else { return }
        if let connection = call.connection {
            connection.end(call, ending)
        } else {
            waiting.noteEnded()
            ended(call, ending)
        }
    }

    /// Ends every call and lets every connection say goodbye. The loop is to be stopped after it.
    func close() {
        policy.close()
        for call in calls.values {
            _ = call.machine.cancel()
            call.exchange.ended(.closed)
        }
        calls = [:]
        _ = waiting.takeAll()
        attempt = nil
        current = nil
        for connection in connections { connection.terminate() }
    }

    // MARK: What connections tell

    /// A call is over, by whatever cause.
    func ended(_ call: ActiveCall, _ ending: ClientCallEnding) {
        if let timer = call.timer { loop.cancel(timer) }
        calls[call.exchange.identifier] = nil
        call.exchange.ended(ending.status.isOK ? nil : RPCError(ending), trailers: ending.metadata)
    }

    /// A stream of the connection was freed, its limit has changed, or the server is leaving.
    func roomChanged(_ connection: ClientConnection) {
        if connection === attempt?.connection, connection.takesCalls {
            attempt = nil
            current = connection
            policy.connected()
        }
        guard connection === current else { return }
        if !connection.takesCalls { leave() }
        startWaiting()
    }

    func closed(_ connection: ClientConnection, _ reason: String) {
        connections.removeAll { $0 === connection }
        if connection === attempt?.connection {
            attemptFailed(reason)
        } else if connection === current {
            leave()
            startWaiting()
        }
    }

    /// New calls go elsewhere. Those on the connection go on.
    private func leave() {
        current = nil
        policy.disconnected()
    }

    // MARK: Waiting calls

    private func place(_ call: ActiveCall) {
        switch policy.callWaits() {
        case .start:
            waiting.append(call)
            startWaiting()
        case .wait: waiting.append(call)
        case .connect:
            waiting.append(call)
            connect()
        case .fail(let reason):
            guard let ending = call.machine.connectionLost(reason, isUnprocessed: true) else { return }
            ended(call, ending)
        case .refuse:
            calls[call.exchange.identifier] = nil
            call.exchange.ended(.closed)
        }
    }

    private func startWaiting() {
        while let connection = current, connection.hasRoom, let call = waiting.popFirst() {
            guard connection.takesCalls, connection.open(call, head: head(of: call)) else {
                leave()
                place(call)
                return
            }
        }
        guard current == nil, !waiting.isEmpty, policy.callWaits() == .connect else { return }
        connect()
    }

    /// Nothing could be connected to: calls that wait for it fail.
    func failWaiting(_ reason: String) {
        for call in waiting.takeAll() {
            guard let ending = call.machine.connectionLost(reason, isUnprocessed: true) else { continue }
            ended(call, ending)
        }
    }

    private func head(of call: ActiveCall) -> ClientRequestHead {
        ClientRequestHead(
            path: call.request.method.path, authority: target.authority, userAgent: userAgent,
            timeout: call.timeLeft(now: loop.now), encoding: call.request.encoding, metadata: call.request.metadata)
    }

    private var limits: ClientCallLimits {
        var limits = ClientCallLimits()
        limits.messageMax = configuration.responseMessageMax
        limits.headerListMax = configuration.headerListMax
        return limits
    }
}

@available(*, unavailable) extension ClientChannel: Sendable {}
