/// When one connection sends a PING, and when it counts as lost. Told the time, in nanoseconds of any clock; sans-I/O.
///
/// Whatever comes from the server says that it is there, not only the answer to a PING.
package struct KeepaliveClock: Sendable {
    package enum Step: Equatable, Sendable {
        /// There is nothing to do before this time.
        case wait(until: Int64)
        /// A PING is to be sent now; the next look is at this time.
        case ping(next: Int64)
        /// Nothing is to be asked until a call begins.
        case rest
        /// The server did not answer.
        case lost
    }

    private let time: Int64
    private let timeout: Int64
    private let permitsWithoutCalls: Bool
    private var lastReceived: Int64
    private var pingSent: Int64?

    /// - Parameter time: least time without a word from the server, in nanoseconds.
    package init(time: Int64, timeout: Int64, permitsWithoutCalls: Bool, now: Int64) {
        self.time = time
        self.timeout = timeout
        self.permitsWithoutCalls = permitsWithoutCalls
        lastReceived = now
    }

    package mutating func received(now: Int64) {
        lastReceived = now
        pingSent = nil
    }

    /// A call begins while the clock rests. The silence of an unused connection does not count.
    package mutating func wake(now: Int64) -> Int64 {
        lastReceived = max(lastReceived, now)
        return sum(now, time)
    }

    package mutating func step(now: Int64, hasCalls: Bool) -> Step {
        if let pingSent {
            let end = sum(pingSent, timeout)
            return now >= end ? .lost : .wait(until: min(end, sum(now, time)))
        }
        guard hasCalls || permitsWithoutCalls else { return .rest }
        let due = sum(lastReceived, time)
        guard now >= due else { return .wait(until: due) }
        pingSent = now
        // The answer may come long before it is overdue, and the silence after it is to be noticed in time.
        return .ping(next: sum(now, min(timeout, time)))
    }

    private func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}
