/// Decides when a client connects, and what becomes of calls meanwhile. No clock, no socket.
///
///               a call              ready
///     idle --------------> connecting ------> ready
///      ^  ^                    |                |
///      |  |                    | failed         | lost, or the server is leaving
///      |  `-- backing off <----'                |
///      |        (time is up)                    |
///      `----------------------------------------'         closed: from everywhere, for good
///
/// A connection is ready once the server's SETTINGS are there: until then nothing says that an HTTP/2 server listens,
/// and one that accepts and hangs up is not tried again without a pause.
package struct ConnectionPolicy {
    package enum State: Equatable {
        case idle
        case connecting
        case ready
        /// No attempt is made, and calls fail at once, for this reason.
        case backingOff(reason: String)
        case closed
    }

    /// What becomes of a call.
    package enum CallDecision: Equatable {
        /// It goes to the connection.
        case start
        /// It waits for the attempt under way.
        case wait
        /// It waits for an attempt that the caller begins now.
        case connect
        case fail(reason: String)
        /// The client has been closed.
        case refuse
    }

    package private(set) var state = State.idle
    private let backOff: BackOff
    /// Attempts that failed since the last connection.
    private var failureCount = 0

    package init(backOff: BackOff = BackOff()) { self.backOff = backOff }

    /// A call has come, or one still waits.
    package mutating func callWaits() -> CallDecision {
        switch state {
        case .idle:
            state = .connecting
            return .connect
        case .connecting: return .wait
        case .ready: return .start
        case .backingOff(let reason): return .fail(reason: reason)
        case .closed: return .refuse
        }
    }

    /// The connection that was being made can be used.
    package mutating func connected() {
        guard state == .connecting else { return }
        state = .ready
        failureCount = 0
    }

    /// No address could be connected to.
    ///
    /// - Parameters:
    ///   - spent: how long the attempt took. The pause is counted from its beginning.
    ///   - chance: from -1 to 1, equally likely.
    /// - Returns: how long to rest before `rested`; `nil` when there is nothing to rest from.
    package mutating func attemptFailed(reason: String, spent: Duration, chance: Double) -> Duration? {
        guard state == .connecting else { return nil }
        let pause = backOff.pause(afterFailures: failureCount, chance: chance)
        failureCount += 1
        state = .backingOff(reason: reason)
        return max(.zero, pause - spent)
    }

    /// The pause is over: the next call tries again.
    package mutating func rested() {
        if case .backingOff = state { state = .idle }
    }

    /// The connection takes no new calls: it was lost, or the server announced its end.
    package mutating func disconnected() {
        if state == .ready { state = .idle }
    }

    package mutating func close() { state = .closed }
}

/// How long to pause between attempts (gRPC, "Connection Backoff Protocol").
package struct BackOff: Equatable, Sendable {
    package var initial: Duration = .seconds(1)
    package var multiplier = 1.6
    package var maximum: Duration = .seconds(120)
    /// Share of the pause that it is made longer or shorter by: clients of one server shall not return all at once.
    package var jitter = 0.2

    package init() {}

    /// - Parameter chance: from -1 to 1.
    package func pause(afterFailures count: Int, chance: Double) -> Duration {
        var pause = initial
        // Ten steps are enough to reach the maximum; the loop ends before a large count costs anything.
        for _ in 0..<count where pause < maximum { pause = pause * multiplier }
        return min(pause, maximum) * (1 + jitter * chance)
    }
}
