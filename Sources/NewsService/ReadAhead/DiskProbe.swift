internal import Threads

/// How a thread is told that it waited for the disk. Tests say it themselves.
package struct DiskProbe: Sendable {
    /// Nanoseconds on a monotonic clock.
    package var clock: @Sendable () -> Int64 = { MonotonicClock.now }
    /// How often the calling thread has waited for a page.
    package var majorFaults: @Sendable () -> Int = { MajorFaults.ofThisThread }

    package init() {}
}
