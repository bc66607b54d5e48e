/// How long to pause between attempts to connect (gRPC, "Connection Backoff Protocol").
package struct BackOff: Equatable, Sendable {
    package var initial: Duration = .seconds(1)
    package var multiplier = 1.6
    package var maximum: Duration = .seconds(120)
    /// Share of the pause that it is made longer or shorter by: clients of one server shall not return all at once. The
    /// first pause has none, as the specification says.
    package var jitter = 0.2

    package init() {}

    /// - Parameters:
    ///   - count: attempts that failed before the one that just did.
    ///   - chance: from -1 to 1.
    package func pause(afterFailures count: Int, chance: Double) -> Duration {
        guard count > 0 else { return initial }
        var pause = initial
        // Eleven steps are enough to reach the maximum; the loop ends before a large count costs anything.
        for _ in 0..<count where pause < maximum { pause = pause * multiplier }
        return min(pause, maximum) * (1 + jitter * chance)
    }
}
