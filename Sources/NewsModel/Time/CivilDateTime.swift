/// What a clock on a wall shows: a day and a time of day, without a zone.
package struct CivilDateTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let date: CivilDate
    /// Since the day's midnight: 0 to 86,399,999,999.
    package let microsecondOfDay: Int64

    package static let microsecondsPerDay: Int64 = 86_400_000_000

    /// - Returns: `nil` when a part is out of range. A leap second (60) is out of range.
    package init?(date: CivilDate, hour: Int, minute: Int, second: Int = 0, microsecond: Int = 0) {
        guard 0...23 ~= hour, 0...59 ~= minute, 0...59 ~= second, 0...999_999 ~= microsecond else { return nil }
        self.date = date
        let seconds = Int64((hour * 60 + minute) * 60 + second)
        microsecondOfDay = seconds * Instant.microsecondsPerSecond + Int64(microsecond)
    }

    /// Midnight, with which the day begins.
    package init(startOf date: CivilDate) {
        self.date = date
        microsecondOfDay = 0
    }

    /// What a clock shows that runs as UTC does, so many microseconds after 1970-01-01T00:00.
    package init(microsecondsSinceEpoch: Int64) {
        let (quotient, rest) = microsecondsSinceEpoch.quotientAndRemainder(dividingBy: Self.microsecondsPerDay)
        let days = rest < 0 ? quotient - 1 : quotient
        date = CivilDate(daysSinceEpoch: Int(days))
        microsecondOfDay = rest < 0 ? rest + Self.microsecondsPerDay : rest
    }

    /// The inverse: microseconds from 1970-01-01T00:00 to this, both on the same clock.
    package var microsecondsSinceEpoch: Int64 {
        Int64(date.daysSinceEpoch) * Self.microsecondsPerDay + microsecondOfDay
    }

    package var hour: Int { Int(microsecondOfDay / 3_600_000_000) }
    package var minute: Int { Int(microsecondOfDay / 60_000_000 % 60) }
    package var second: Int { Int(microsecondOfDay / 1_000_000 % 60) }
    package var microsecond: Int { Int(microsecondOfDay % 1_000_000) }

    /// "2026-02-27T15:55:00", with three or six further digits when there is a fraction.
    package var description: String {
        let clock = [hour, minute, second].map { Decimal.padded($0, width: 2) }.joined(separator: ":")
        return "\(date)T\(clock)" + RFC3339.fraction(microsecond)
    }

    package static func < (left: CivilDateTime, right: CivilDateTime) -> Bool {
        (left.date, left.microsecondOfDay) < (right.date, right.microsecondOfDay)
    }
}
