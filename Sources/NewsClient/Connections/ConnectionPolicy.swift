/// Decides when to connect, and what becomes of calls meanwhile (gRPC, "Connectivity Semantics" and "Connection Backoff
/// Protocol"). No clock, no socket.
///
///              wanted            connected
///     idle --------------> connecting ------> ready
///      ^ ^                     |               ^ |
///      | |                     | failed        | | lost, or the server is leaving
///      | |                     v               | |
///      | |            transient failure -------' |
///      | |            (pause, attempt, ...)      |
///      | `----------------------------------------'       shutdown: from everywhere, for good
///      `-- nothing is wanted any more
///
/// In transient failure an attempt follows each pause, wanted or not, and the state lasts until one succeeds: a call
/// that does not wait fails at once, rather than after as long as each attempt takes (gRFC A62).
///
/// A connection is ready once the server's SETTINGS are there: until then nothing says that an HTTP/2 server listens,
/// and one that accepts and hangs up is not tried again without a pause.
package struct ConnectionPolicy: Sendable {
    package enum State: Equatable, Sendable {
        case idle
        case connecting
        case ready
        /// Calls that do not wait fail at once, for this reason.
        case transientFailure(reason: String)
        case shutdown
    }

    package private(set) var state = State.idle
    package private(set) var isAttempting = false
    private let backOff: BackOff
    /// Attempts that failed since the last connection.
    private var failureCount = 0

    package init(backOff: BackOff = BackOff()) { self.backOff = backOff }

    /// How long the next attempt may take for each address: as long as the pause after it would be, and no less than
    /// `minimum`.
    package func attemptLimit(minimum: Duration) -> Duration {
        max(minimum, backOff.pause(afterFailures: failureCount, chance: 0))
    }

    /// Somebody wants a connection. `true`: the caller begins an attempt now.
    package mutating func wanted() -> Bool {
        guard state == .idle else { return false }
        state = .connecting
        isAttempting = true
        return true
    }

    /// The connection that was being made can be used.
    package mutating func connected() {
        guard isAttempting else { return }
        isAttempting = false
        state = .ready
        failureCount = 0
    }

    /// The attempt has failed.
    ///
    /// - Parameters:
    ///   - spent: how long it took. The pause is counted from its beginning.
    ///   - chance: from -1 to 1, equally likely.
    /// - Returns: how long to rest before `rested`; `nil` when there is nothing to rest from.
    package mutating func attemptFailed(reason: String, spent: Duration, chance: Double) -> Duration? {
        guard isAttempting else { return nil }
        let pause = backOff.pause(afterFailures: failureCount, chance: chance)
        failureCount += 1
        isAttempting = false
        state = .transientFailure(reason: reason)
        return max(.zero, pause - spent)
    }

    /// The pause is over, or cut short because there is something new to try. `true`: the caller begins an attempt now.
    package mutating func rested() -> Bool {
        guard case .transientFailure = state, !isAttempting else { return false }
        isAttempting = true
        return true
    }

    /// The connection takes no new calls: it was lost, or the server announced its end.
    package mutating func disconnected() {
        if state == .ready { state = .idle }
    }

    /// Nobody has wanted a connection for long: attempts and pauses end.
    package mutating func becomeIdle() {
        guard state != .shutdown else { return }
        state = .idle
        isAttempting = false
        failureCount = 0
    }

    package mutating func close() {
        state = .shutdown
        isAttempting = false
    }
}
