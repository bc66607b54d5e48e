/// When a call that failed is tried again (gRFC A6).
///
/// Only methods that may be repeated are: those whose contract says so by `idempotency_level`, and calls that say so by
/// `CallOptions.isIdempotent`. What the server has certainly not begun with is tried again without a policy.
public struct RetryPolicy: Hashable, Sendable {
    /// Tries of one call, the first included. At most `attemptCountLimit`.
    public var maxAttempts = 4
    /// The pause before the n-th further try is between 0 and `initialBackOff` times `multiplier` to the n-1, at most
    /// `maxBackOff`, equally likely.
    public var initialBackOff: Duration = .milliseconds(100)
    public var maxBackOff: Duration = .seconds(1)
    public var multiplier = 2.0
    /// What a call must have ended with to be tried again.
    public var retryableCodes: Set<RPCError.Code> = [.unavailable]
    /// Failures in a row, half of which stop all retries of the client until calls succeed again. 0: nothing stops
    /// them.
    public var throttleTokens = 10.0
    /// What one call that succeeds gives back of the tokens.
    public var throttleTokenRatio = 0.1

    /// The most tries that gRPC allows a call.
    public static let attemptCountLimit = 5

    public init() {}

    /// How long to rest before a further try.
    ///
    /// - Parameters:
    ///   - count: further tries so far.
    ///   - chance: from 0 to 1.
    package func pause(afterRetries count: Int, chance: Double) -> Duration {
        var pause = initialBackOff
        for _ in 0..<count where pause < maxBackOff { pause = pause * multiplier }
        return min(pause, maxBackOff) * min(max(chance, 0), 1)
    }
}
