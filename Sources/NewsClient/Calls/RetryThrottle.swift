/// Holds back the retries of a client whose server fails at most calls: they would keep it down (gRFC A6,
/// "Throttling Retry Attempts and Hedged RPCs").
///
/// Each failure takes a token, each success gives back a part of one. While no more than half of them are left there
/// are no retries.
package struct RetryThrottle: Sendable {
    private let capacity: Double
    private let ratio: Double
    package private(set) var tokenCount: Double

    /// - Parameter capacity: 0 switches the throttle off.
    package init(capacity: Double, ratio: Double) {
        self.capacity = capacity
        self.ratio = ratio
        tokenCount = capacity
    }

    package var allowsRetries: Bool { capacity <= 0 || tokenCount > capacity / 2 }

    package mutating func noteSuccess() { tokenCount = min(capacity, tokenCount + ratio) }

    package mutating func noteFailure() { tokenCount = max(0, tokenCount - 1) }
}
