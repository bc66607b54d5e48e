package import GRPCCall
internal import GRPCWire

/// Whether and when one call is tried again (gRFC A6). No clock, no stream.
///
/// Three kinds of failure are told apart:
/// - The request never left. Trying again cannot do harm.
/// - The request may have left, but the server has not begun with it: it says so by REFUSED_STREAM or by the last
///   stream of its GOAWAY. Such a call is tried again once; a server that refuses twice is left alone for a while.
/// - Anything else is for the policy, which only methods have that may be repeated.
package struct CallRetry: Sendable {
    package enum Decision: Equatable, Sendable {
        /// The failure is the call's.
        case end
        case again(after: Duration)
    }

    /// Tries that never left before the policy counts. More says that the connection is at fault, not chance.
    private static let unsentMax = 10

    private let policy: RetryPolicy?
    private let maxAttempts: Int
    /// Tries that the policy counts, besides the first.
    package private(set) var retryCount = 0
    /// Pauses since the server last said how long one shall be.
    private var backOffCount = 0
    private var wasRefused = false
    private var unsentCount = 0

    /// - Parameter policy: `nil` for a method that may not be repeated.
    package init(policy: RetryPolicy?) {
        self.policy = policy
        maxAttempts = min(policy?.maxAttempts ?? 1, RetryPolicy.attemptCountLimit)
    }

    /// A try has failed, and nothing of its answer was given to the caller.
    ///
    /// - Parameters:
    ///   - hasLeft: bytes of the request may have reached the server.
    ///   - chance: from 0 to 1, equally likely.
    package mutating func failed(
        _ ending: ClientCallEnding, hasLeft: Bool, throttle: inout RetryThrottle, chance: Double
    ) -> Decision {
        guard ending.origin != .local, !ending.status.isOK else { return .end }
        if isTransparent(ending, hasLeft: hasLeft) { return .again(after: .zero) }
        guard let policy else { return .end }
        if ending.pushback == .stop {
            throttle.noteFailure()
            return .end
        }
        guard policy.retryableCodes.contains(RPCError.Code(ending.status.code)) else { return .end }
        throttle.noteFailure()
        guard throttle.allowsRetries, retryCount + 1 < maxAttempts else { return .end }
        retryCount += 1
        if case .after(let milliseconds) = ending.pushback {
            backOffCount = 0
            return .again(after: .milliseconds(milliseconds))
        }
        defer { backOffCount += 1 }
        return .again(after: policy.pause(afterRetries: backOffCount, chance: chance))
    }

    private mutating func isTransparent(_ ending: ClientCallEnding, hasLeft: Bool) -> Bool {
        if !hasLeft {
            unsentCount += 1
            return unsentCount <= Self.unsentMax
        }
        guard ending.isUnprocessed, !wasRefused else { return false }
        wasRefused = true
        return true
    }
}
