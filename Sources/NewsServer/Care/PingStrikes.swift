internal import Threads

/// Counts PINGs that come too soon (gRFC A8): a client whose keepalive is set too short costs a server its sleep.
package struct PingStrikes: Sendable {
    private static let idleInterval: Duration = .seconds(7200)

    private let interval: Int64
    private let intervalWithoutCalls: Int64
    private let strikesMax: Int
    /// When the last PING came; `nil` before the first, and after something was sent.
    private var last: Int64?
    private var strikeCount = 0

    package init(_ settings: CareSettings) {
        interval = settings.pingIntervalMin.nanoseconds
        intervalWithoutCalls =
            (settings.permitsPingsWithoutCalls ? settings.pingIntervalMin : Self.idleInterval)
            .nanoseconds
        strikesMax = settings.pingStrikesMax
    }

    /// A PING came.
    ///
    /// - Parameter hasSent: HEADERS or DATA have been sent since the last one, which clears all that was.
    /// - Returns: whether it was one too many.
    package mutating func pinged(now: Int64, hasCalls: Bool, hasSent: Bool) -> Bool {
        if hasSent {
            strikeCount = 0
            last = nil
        }
        defer { last = now }
        guard let last, now - last < (hasCalls ? interval : intervalWithoutCalls) else { return false }
        strikeCount += 1
        return strikeCount > strikesMax
    }
}
