internal import EventLoops
internal import HTTP2

/// One connection that is made when it is wanted and made again when it is lost, to the first of some addresses that
/// answers. Loop-bound.
///
/// A client that picks the first has one, with all addresses of its target; one that takes turns has one for each.
final class Subchannel {
    /// Strong: a client that is let go stays until its connections are closed, which takes them off its list.
    let channel: ClientChannel
    private(set) var addresses: [SocketAddress]
    /// Where new calls go.
    private(set) var current: ClientConnection?
    private var policy: ConnectionPolicy
    private var attempt: Attempt?
    private var attemptCount = 0
    private var restTimer: TimerToken?

    /// What is being connected to.
    private struct Attempt {
        /// Tells a late answer to an earlier attempt apart.
        let number: Int
        /// Loop time, in nanoseconds.
        let begun: Int64
        let limit: Duration
        var race: ConnectionRace
        var addresses: [SocketAddress]
        /// Connected, and waiting for the server's SETTINGS; by index of the address.
        var connections: [Int: ClientConnection] = [:]
        var delay: TimerToken?
    }

    init(_ addresses: [SocketAddress], channel: ClientChannel) {
        self.addresses = addresses
        self.channel = channel
        policy = ConnectionPolicy(backOff: channel.configuration.backOff)
    }

    private var loop: EventLoop { channel.loop }
    private var configuration: RPCClient.Configuration { channel.configuration }

    var state: ConnectionPolicy.State { policy.state }

    /// Connects unless that is under way, done, or has just failed.
    func connect() {
        if policy.wanted() { begin() }
    }

    /// The target has other addresses now. What is connected stays; while nothing could be connected to, the new ones
    /// are tried at once.
    func update(_ addresses: [SocketAddress]) {
        guard addresses != self.addresses else { return }
        self.addresses = addresses
        cancelRest()
        if policy.rested() { begin() }
    }

    /// Closes the connection, which has no calls, and tries no more until one is wanted.
    func becomeIdle() {
        policy.becomeIdle()
        leaveAll()
    }

    /// Connects no more. Calls that run go on.
    func shutDown() {
        policy.close()
        leaveAll()
    }

    private func leaveAll() {
        cancelRest()
        dropAttempt(except: nil)
        let connection = current
        current = nil
        connection?.finishCalls()
    }

    // MARK: Attempts

    private func begin() {
        attemptCount += 1
        let limit = policy.attemptLimit(minimum: configuration.connectTimeout)
        attempt = Attempt(
            number: attemptCount, begun: loop.now, limit: limit,
            race: ConnectionRace(addressCount: addresses.count), addresses: addresses)
        if let step = attempt?.race.next() { take(step) }
    }

    private func take(_ step: ConnectionRace.Step) {
        switch step {
        case .wait: break
        case .begin(let index): connect(index)
        case .over(let reason): giveUp(reason)
        }
    }

    private func connect(_ index: Int) {
        guard let attempt else { return }
        let number = attempt.number
        channel.log("connecting to \(attempt.addresses[index])")
        ConnectionMaker(loop: loop, configuration: configuration).connect(
            to: attempt.addresses[index], limit: attempt.limit, owner: self,
            isWanted: { [weak self] in self?.attempt?.number == number }
        ) { [weak self] result in
            switch result {
            case .success(let connection):
                self?.attempt?.connections[index] = connection
                self?.channel.connections.append(connection)
            case .failure(let error): self?.attemptFailed(number, index, error.description)
            }
        }
        if let delay = attempt.delay { loop.cancel(delay) }
        guard attempt.race.hasNext else { return }
        self.attempt?.delay = loop.schedule(after: configuration.connectionAttemptDelay) { [weak self] in
            guard let self, self.attempt?.number == number, let step = self.attempt?.race.next() else { return }
            take(step)
        }
    }

    private func attemptFailed(_ number: Int, _ index: Int, _ reason: String) {
        guard attempt?.number == number else { return }
        attempt?.connections[index] = nil
        if let step = attempt?.race.failed(index, reason) { take(step) }
    }

    private func giveUp(_ reason: String) {
        guard let attempt else { return }
        dropAttempt(except: nil)
        let text = "no connection to \(configuration.target): \(reason)"
        let pause = policy.attemptFailed(
            reason: text, spent: .nanoseconds(loop.now - attempt.begun), chance: configuration.jitterChance)
        channel.log(text)
        if let pause {
            restTimer = loop.schedule(after: pause) { [weak self] in
                guard let self, policy.rested() else { return }
                begin()
            }
        }
        channel.subchannelChanged(isLost: true)
    }

    /// Ends the attempt and what it has made, but for the one that has won.
    private func dropAttempt(except winner: ClientConnection?) {
        guard let attempt else { return }
        self.attempt = nil
        if let delay = attempt.delay { loop.cancel(delay) }
        for connection in attempt.connections.values where connection !== winner { connection.terminate() }
    }

    private func cancelRest() {
        if let restTimer { loop.cancel(restTimer) }
        restTimer = nil
    }

    // MARK: What connections tell

    /// The connection has become usable, has room for another call, or takes no more.
    func newsOf(_ connection: ClientConnection) {
        if connection !== current, connection.takesCalls,
            attempt?.connections.values.contains(where: { $0 === connection }) == true
        {
            dropAttempt(except: connection)
            current = connection
            policy.connected()
            channel.log("connected to \(connection.peer)")
        }
        guard connection === current else { return }
        if connection.takesCalls {
            channel.subchannelChanged(isLost: false)
        } else {
            leave(connection.leavingReason ?? "the connection takes no more calls")
        }
    }

    func closed(_ connection: ClientConnection, _ reason: String) {
        channel.connections.removeAll { $0 === connection }
        if let number = attempt?.number,
            let index = attempt?.connections.first(where: { $0.value === connection })?.key
        {
            attemptFailed(number, index, reason)
        } else if connection === current {
            leave("lost: \(reason)")
        } else {
            channel.subchannelChanged(isLost: false)
        }
    }

    /// New calls go elsewhere. Those on the connection go on.
    private func leave(_ reason: String) {
        if let current { channel.log("connection to \(current.peer) \(reason)") }
        current = nil
        policy.disconnected()
        channel.subchannelChanged(isLost: true)
    }
}

@available(*, unavailable) extension Subchannel: Sendable {}
