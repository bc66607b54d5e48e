/// Instants as text (RFC 3339).
package enum RFC3339 {
    /// "2026-02-27T07:55:00Z", with three or six further digits when there is a fraction.
    package static func text(_ instant: Instant) -> String {
        CivilDateTime(microsecondsSinceEpoch: instant.microseconds).description + "Z"
    }

    /// "", ".250" or ".250125".
    static func fraction(_ microsecond: Int) -> String {
        if microsecond == 0 { return "" }
        if microsecond % 1000 == 0 { return "." + Decimal.padded(microsecond / 1000, width: 3) }
        return "." + Decimal.padded(microsecond, width: 6)
    }
}
