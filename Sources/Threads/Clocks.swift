internal import Glibc

/// Time that never jumps: what timeouts and durations are measured with.
package enum MonotonicClock {
    /// Nanoseconds since some moment before the process began (CLOCK_MONOTONIC, which rests while the machine sleeps).
    package static var now: Int64 { read(CLOCK_MONOTONIC, unitsPerSecond: 1_000_000_000) }
}

/// The time of day, which an administrator may set back.
package enum WallClock {
    /// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted (CLOCK_REALTIME).
    package static var now: Int64 { read(CLOCK_REALTIME, unitsPerSecond: 1_000_000) }
}

private func read(_ clock: clockid_t, unitsPerSecond: Int64) -> Int64 {
    var time = timespec()
    let code = unsafe clock_gettime(clock, &time)  // `time` outlives the call.
    precondition(code == 0, "both clocks exist on every Linux")
    return Int64(time.tv_sec) * unitsPerSecond + Int64(time.tv_nsec) / (1_000_000_000 / unitsPerSecond)
}
