/// Instants as text (RFC 3339).
package enum RFC3339 {
    /// "2026-02-27T07:55:00Z", with three or six further digits when there is a fraction.
    package static func text(_ instant: Instant) -> String {
        CivilDateTime(microsecondsSinceEpoch: instant.microseconds).description + "Z"
    }

    /// "2026-02-27T15:55:00+08:00": the same instant as a clock shows it in the zone.
    ///
    /// Offsets with seconds, which zones had before they were standard time, are written as UTC.
    package static func text(_ instant: Instant, in zone: ZoneRules) -> String {
        let offset = zone.offset(at: instant)
        guard offset % 60 == 0 else { return text(instant) }
        let minutes = Int(offset.magnitude) / 60
        let sign = offset < 0 ? "-" : "+"
        let clock = "\(Decimal.padded(minutes / 60, width: 2)):\(Decimal.padded(minutes % 60, width: 2))"
        return zone.civil(at: instant).description + sign + clock
    }

    /// Reads a date and time with seconds and an offset. Digits below a microsecond are dropped.
    package static func parse(_ text: some StringProtocol) throws(TimeFault) -> Instant {
        let parts = try TimeText(Array(text.utf8))
        guard parts.reach == .time else { throw .form }
        guard parts.hasSecond else { throw .second }
        guard let offset = parts.offset else { throw .offset }
        return try parts.instant(offset: offset)
    }

    /// "", ".250" or ".250125".
    static func fraction(_ microsecond: Int) -> String {
        if microsecond == 0 { return "" }
        if microsecond % 1000 == 0 { return "." + Decimal.padded(microsecond / 1000, width: 3) }
        return "." + Decimal.padded(microsecond, width: 6)
    }
}
