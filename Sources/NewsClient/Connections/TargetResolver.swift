internal import EventLoops
internal import Threads

/// Looks the name of a client's target up, on a thread of its own: that may take seconds, and cannot be stopped.
/// Loop-bound.
final class TargetResolver {
    private unowned let loop: EventLoop
    private let configuration: RPCClient.Configuration
    private let name: String
    private let done: (Result<[SocketAddress], AddressError>) -> Void
    private var policy: ConnectionPolicy
    /// A thread asks. It may do so for longer than anybody waits for it.
    private var isThreadRunning = false
    private var begun: Int64 = 0
    private var timer: TimerToken?

    /// - Parameter done: called on the loop for each look-up, never within `resolve`.
    init(
        _ name: String, loop: EventLoop, configuration: RPCClient.Configuration,
        done: @escaping (Result<[SocketAddress], AddressError>) -> Void
    ) {
        self.name = name
        self.loop = loop
        self.configuration = configuration
        self.done = done
        policy = ConnectionPolicy(backOff: configuration.backOff)
    }

    /// Failed look-ups are repeated after a pause, like attempts to connect.
    var state: ConnectionPolicy.State { policy.state }

    /// Looks the name up, again if it has been; at most one look-up runs at a time.
    func resolve() {
        policy.disconnected()
        if policy.wanted() { ask() }
    }

    /// Looks the name up again unless that was done lately: a connection was lost, but others are left.
    func refresh() {
        if loop.now - begun >= configuration.lookupInterval.clampedNanoseconds { resolve() }
    }

    /// Forgets what was found: nobody wants a connection any more.
    func becomeIdle() {
        cancelTimer()
        policy.becomeIdle()
    }

    func close() {
        cancelTimer()
        policy.close()
    }

    private func ask() {
        begun = loop.now
        timer = loop.schedule(after: configuration.lookupTimeout) { [weak self] in self?.outOfTime() }
        guard !isThreadRunning else { return }
        isThreadRunning = true
        let box = LoopBound(self, loop: loop)
        let lookup = configuration.lookup
        _ = Thread.start(name: "news-resolve") { [name] in
            let result: Result<[SocketAddress], AddressError>
            do throws(AddressError) { result = .success(try lookup(name)) } catch { result = .failure(error) }
            _ = box.mailbox.post { box.value.answered(result) }
        }
    }

    private func answered(_ result: Result<[SocketAddress], AddressError>) {
        isThreadRunning = false
        guard policy.isAttempting else { return }
        cancelTimer()
        switch result {
        case .success(let addresses) where addresses.isEmpty:
            failed(.unknownHost(host: name, reason: "has no IP address"))
        case .success(let addresses):
            policy.connected()
            done(.success(addresses))
        case .failure(let error): failed(error)
        }
    }

    private func outOfTime() {
        let seconds = configuration.lookupTimeout
        failed(.unknownHost(host: name, reason: "the name service did not answer within \(seconds)"))
    }

    private func failed(_ error: AddressError) {
        let pause = policy.attemptFailed(
            reason: error.description, spent: .nanoseconds(loop.now - begun), chance: configuration.jitterChance)
        done(.failure(error))
        guard let pause else { return }
        timer = loop.schedule(after: pause) { [weak self] in
            guard let self, policy.rested() else { return }
            ask()
        }
    }

    private func cancelTimer() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }
}

@available(*, unavailable) extension TargetResolver: Sendable {}
