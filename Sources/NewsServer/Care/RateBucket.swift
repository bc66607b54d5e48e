/// So many at once, and so many a second after that. One integer, looked at when something happens: no timer fills it.
package struct RateBucket: Sendable {
    /// What one costs, and what there is to spend, in nanoseconds.
    private let cost: Int64
    private let room: Int64
    /// When everything that was spent is there again.
    private var filled = Int64.min

    /// - Parameter rate: how many; both numbers at least 1.
    package init(_ rate: PeerRate) {
        cost = 1_000_000_000 / Int64(max(1, rate.perSecond))
        room = cost * Int64(max(1, rate.burst))
    }

    /// - Parameter now: monotonic nanoseconds.
    /// - Returns: `false` when that was one too many.
    package mutating func take(now: Int64) -> Bool {
        let next = max(filled, now) + cost
        guard next - now <= room else { return false }
        filled = next
        return true
    }
}

/// How often a peer may do something.
package struct PeerRate: Sendable {
    /// At once.
    package var burst: Int
    /// On average.
    package var perSecond: Int

    package init(burst: Int, perSecond: Int) {
        self.burst = burst
        self.perSecond = perSecond
    }
}
