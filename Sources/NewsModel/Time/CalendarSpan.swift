/// A span of the calendar as people type it: "24mo", "2y", "104w", "730d".
package struct CalendarSpan: Hashable, Sendable, CustomStringConvertible {
    package enum Unit: String, Hashable, Sendable, CaseIterable {
        case days = "d"
        case weeks = "w"
        case months = "mo"
        case years = "y"
    }

    /// At least 1.
    package let count: Int
    package let unit: Unit

    /// - Returns: `nil` for anything else, and for nothing or more than 9998 years.
    package init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), count > 0, digits.utf8.count <= 7,
            let unit = Unit(rawValue: String(text.dropFirst(digits.count)))
        else { return nil }
        let dayCount =
            switch unit {
            case .days: count
            case .weeks: count * 7
            case .months: count * 31
            case .years: count * 366
            }
        guard dayCount <= 9998 * 366 else { return nil }
        (self.count, self.unit) = (count, unit)
    }

    /// The day that lies so long before another one. Months that have no such day count to their last.
    package func before(_ date: CivilDate) -> CivilDate {
        switch unit {
        case .days: return date.adding(days: -count)
        case .weeks: return date.adding(days: -7 * count)
        case .months, .years:
            let months = date.year * 12 + date.month - 1 - count * (unit == .years ? 12 : 1)
            let (year, month) = (months / 12, months % 12 + 1)
            guard CivilDate.years.contains(year) else { return CivilDate.first }
            let day = min(date.day, CivilDate.dayCount(month: month, year: year))
            return CivilDate(year: year, month: month, day: day) ?? CivilDate.first
        }
    }

    package var description: String { "\(count)\(unit.rawValue)" }
}

extension CivilDate {
    /// Of the calendar's years.
    fileprivate static var first: CivilDate { CivilDate(daysSinceEpoch: firstDayNumber(ofYear: years.lowerBound)) }
}
