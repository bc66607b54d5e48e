/// A flag that one thread raises and another waits for. Waiting lowers it again.
///
/// Raising it twice before anyone waits is the same as raising it once.
package final class WaitFlag: Sendable {
    private let monitor = Monitor(false)

    package init() {}

    package func raise() { monitor.signal { isRaised in isRaised = true } }

    /// Returns once the flag has been raised; at once if it is.
    package func wait() { monitor.wait(until: Self.lower) }

    /// Whether the flag was raised before `duration` had passed.
    package func wait(for duration: Duration) -> Bool {
        let deadline = MonotonicClock.now.addingReportingOverflow(duration.nanoseconds)
        return monitor.wait(deadline: deadline.overflow ? .max : deadline.partialValue, until: Self.lower) != nil
    }

    private static func lower(_ isRaised: inout Bool) -> Void? {
        guard isRaised else { return nil }
        isRaised = false
        return ()
    }
}

extension Duration {
    /// Whole nanoseconds, at the ends of what 64 bits hold if it is more; negative durations are zero.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return .max }
        let (sum, tooLarge) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return tooLarge ? .max : sum
    }
}
