/// A moment of UTC in microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
package struct Instant: Hashable, Comparable, Sendable {
    package var microseconds: Int64

    @inlinable package init(microseconds: Int64) { self.microseconds = microseconds }

    /// - Parameter nanoseconds: 0 to 999,999,999; digits below a microsecond are dropped.
    /// - Returns: `nil` when the moment lies outside the range of an `Instant`.
    package init?(seconds: Int64, nanoseconds: Int32 = 0) {
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: Instant.microsecondsPerSecond)
        let (sum, overflow2) = scaled.addingReportingOverflow(Int64(nanoseconds) / 1000)
        guard !overflow, !overflow2 else { return nil }
        microseconds = sum
    }

    package static let epoch = Instant(microseconds: 0)
    @inlinable package static var microsecondsPerSecond: Int64 { 1_000_000 }

    /// 0001-01-01T00:00:00Z, the first moment of a google.protobuf.Timestamp.
    package static let timestampMin = Instant(microseconds: -62_135_596_800 * microsecondsPerSecond)
    /// 9999-12-31T23:59:59.999999Z, the last.
    package static let timestampMax = Instant(microseconds: 253_402_300_800 * microsecondsPerSecond - 1)

    /// Whether a google.protobuf.Timestamp can hold it.
    package var isTimestamp: Bool { self >= .timestampMin && self <= .timestampMax }

    /// The nearest moment that a google.protobuf.Timestamp can hold.
    package var clampedToTimestamp: Instant { min(max(self, .timestampMin), .timestampMax) }

    /// Whole seconds since 1970, rounded towards the past.
    @inlinable package var seconds: Int64 {
        let quotient = microseconds / Instant.microsecondsPerSecond
        return microseconds % Instant.microsecondsPerSecond < 0 ? quotient - 1 : quotient
    }

    /// What `seconds` leaves: 0 to 999,999.
    @inlinable package var microsecondOfSecond: Int32 {
        let rest = microseconds % Instant.microsecondsPerSecond
        return Int32(rest < 0 ? rest + Instant.microsecondsPerSecond : rest)
    }

    /// The same in nanoseconds, as a google.protobuf.Timestamp wants it.
    @inlinable package var nanosecondOfSecond: Int32 { microsecondOfSecond * 1000 }

    @inlinable package static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    /// Arithmetic stops at the ends of the range: a bound far away is still a bound.
    package static func + (instant: Instant, duration: Duration) -> Instant {
        let added = duration.wholeMicroseconds
        let (sum, overflow) = instant.microseconds.addingReportingOverflow(added)
        return Instant(microseconds: overflow ? (added < 0 ? .min : .max) : sum)
    }

    package static func - (instant: Instant, duration: Duration) -> Instant {
        let removed = duration.wholeMicroseconds
        let (difference, overflow) = instant.microseconds.subtractingReportingOverflow(removed)
        return Instant(microseconds: overflow ? (removed < 0 ? .max : .min) : difference)
    }

    package static func - (later: Instant, earlier: Instant) -> Duration {
        .microseconds(later.microseconds) - .microseconds(earlier.microseconds)
    }
}

extension Duration {
    /// Its microseconds, cut at the ends of `Int64`.
    fileprivate var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: Instant.microsecondsPerSecond)
        let (sum, overflow2) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        guard !overflow, !overflow2 else { return seconds < 0 ? .min : .max }
        return sum
    }
}
