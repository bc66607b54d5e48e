/// A day of the proleptic Gregorian calendar.
package struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int

    /// The years that texts can name: four digits, and what a google.protobuf.Timestamp holds.
    package static let years = 1...9999

    /// - Returns: `nil` when the calendar has no such day, or the year is outside `years`.
    package init?(year: Int, month: Int, day: Int) {
        guard CivilDate.years.contains(year), 1...12 ~= month,
            day >= 1, day <= CivilDate.dayCount(month: month, year: year)
        else { return nil }
        self.init(trustedYear: year, month: month, day: day)
    }

    private init(trustedYear year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day so many days after 1970-01-01. May lie outside `years`.
    ///
    /// Counts in eras of 400 years that begin on 1 March, so that the leap day is the last of its year
    /// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
    package init(daysSinceEpoch: Int) {
        let shifted = daysSinceEpoch + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        self.init(
            trustedYear: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    /// Days after 1970-01-01 (days_from_civil, as above).
    package var daysSinceEpoch: Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// 0 for Sunday to 6 for Saturday.
    package var weekday: Int { ((daysSinceEpoch + 4) % 7 + 7) % 7 }

    package func adding(days: Int) -> CivilDate { CivilDate(daysSinceEpoch: daysSinceEpoch + days) }

    package var startOfMonth: CivilDate { CivilDate(trustedYear: year, month: month, day: 1) }
    package var startOfYear: CivilDate { CivilDate(trustedYear: year, month: 1, day: 1) }

    /// 1 January of any year.
    static func startOfYear(_ year: Int) -> CivilDate { CivilDate(trustedYear: year, month: 1, day: 1) }

    /// The first day of a month of its year.
    ///
    /// - Parameter month: 1 to 12.
    func inMonth(_ month: Int) -> CivilDate { CivilDate(trustedYear: year, month: month, day: 1) }

    package var startOfNextMonth: CivilDate {
        month == 12
            ? CivilDate(trustedYear: year + 1, month: 1, day: 1)
            : CivilDate(trustedYear: year, month: month + 1, day: 1)
    }
    package var startOfNextYear: CivilDate { CivilDate(trustedYear: year + 1, month: 1, day: 1) }

    /// Days from 1970-01-01 to 1 January of any year.
    static func firstDayNumber(ofYear year: Int) -> Int {
        CivilDate(trustedYear: year, month: 1, day: 1).daysSinceEpoch
    }

    package static func isLeap(year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// - Parameter month: 1 to 12.
    package static func dayCount(month: Int, year: Int) -> Int {
        switch month {
        case 2: isLeap(year: year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Reads "2026-02-27", exactly ten characters.
    package init?(parsing text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = Decimal.value(of: bytes[0..<4]), let month = Decimal.value(of: bytes[5..<7]),
            let day = Decimal.value(of: bytes[8..<10])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// "2026-02-27".
    package var description: String {
        "\(Decimal.padded(year, width: 4))-\(Decimal.padded(month, width: 2))-\(Decimal.padded(day, width: 2))"
    }

    package static func < (left: CivilDate, right: CivilDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}
