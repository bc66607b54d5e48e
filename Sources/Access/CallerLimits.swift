/// What one caller may use. `nil`: as much as it likes.
///
/// A caller is whoever its token or certificate names, and without one the address that it calls from.
package struct CallerLimits: Hashable, Sendable {
    /// Calls that begin in a second, in the long run.
    package var callsPerSecond: Int?
    /// Calls that may begin at once after a pause. `nil`: those of one second.
    package var callBurst: Int?
    /// Calls that run at the same time.
    package var callsInFlight: Int?
    /// Bytes of requests that are in memory at the same time.
    package var bytesInFlight: Int?

    package init() {}

    package var isEmpty: Bool { self == CallerLimits() }

    /// What this one leaves open is taken from `other`. A burst belongs to its rate.
    package func filled(from other: CallerLimits) -> CallerLimits {
        var filled = self
        if callsPerSecond == nil {
            filled.callsPerSecond = other.callsPerSecond
            filled.callBurst = callBurst ?? other.callBurst
        }
        filled.callsInFlight = callsInFlight ?? other.callsInFlight
        filled.bytesInFlight = bytesInFlight ?? other.bytesInFlight
        return filled
    }

    /// How calls are paced. `nil`: they are not.
    package var pace: CallPace? {
        callsPerSecond.map { CallPace(perSecond: $0, burst: callBurst ?? $0) }
    }
}

/// A token bucket as one number: the *due time*, when the bucket will be full again (GCRA, ITU-T I.371 annex A).
///
/// A bucket of `burst` tokens that gains one every `interval` is full at the due time, and each call moves that time on
/// by `interval`. A call is too early when the bucket would be short of a whole token. One number can be changed by one
/// atomic exchange, so that loops share a bucket without a lock.
package struct CallPace: Hashable, Sendable {
    /// Nanoseconds from one call to the next.
    package let interval: Int64
    /// Nanoseconds that an empty bucket needs to be full.
    package let window: Int64

    package init(perSecond: Int, burst: Int) {
        interval = max(1, 1_000_000_000 / Int64(max(1, perSecond)))
        let (window, overflow) = interval.multipliedReportingOverflow(by: Int64(max(1, burst)))
        // A burst that takes centuries to gain is no limit; half of the range keeps sums within it.
        self.window = overflow ? .max / 2 : min(window, .max / 2)
    }

    package enum Outcome: Hashable, Sendable {
        /// The call may begin, and this is the due time from now on.
        case begin(due: Int64)
        /// The call is early by so many nanoseconds.
        case wait(Int64)
    }

    /// - Parameters:
    ///   - due: The due time so far; 0 for a bucket that has not been used.
    ///   - now: Nanoseconds on the same clock.
    package func call(due: Int64, now: Int64) -> Outcome {
        let next = max(due, now) + interval
        let early = next - window - now
        return early > 0 ? .wait(early) : .begin(due: next)
    }
}
