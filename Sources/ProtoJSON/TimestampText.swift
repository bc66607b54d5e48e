/// Instants as RFC 3339 writes them (section 5.6).
package enum TimestampText {
    /// The first and last second of years 1 and 9999, the range of google.protobuf.Timestamp.
    private static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// The UTC form with as few digits of the fraction as 0, 3, 6 or 9 allow: `2026-02-27T07:55:00Z`.
    ///
    /// - Parameters:
    ///   - seconds: Since 1970-01-01T00:00:00Z.
    ///   - nanoseconds: 0 to 999,999,999, counted forwards.
    /// - Returns: `nil` outside the years 1 to 9999.
    package static func text(seconds: Int64, nanoseconds: Int64) -> String? {
        guard range.contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else { return nil }
        let day = Int(floorDividing: seconds, by: 86_400)
        let second = Int(seconds) - day * 86_400
        let date = civilDate(ofDay: day)
        let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
        return
            "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(time)\(fraction(nanoseconds))Z"
    }

    /// Reads a time with any offset. `nil`: not RFC 3339, no such day, or outside the years 1 to 9999.
    ///
    /// Digits of the fraction after the ninth are dropped. A leap second is taken as the second after it.
    package static func read(_ text: String) -> (seconds: Int64, nanoseconds: Int32)? {
        var reader = DigitReader(text)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.number(2), reader.take(":"), let minute = reader.number(2), reader.take(":"),
            let second = reader.number(2), let nanoseconds = reader.fraction(), let offset = reader.offset(),
            reader.isAtEnd
        else { return nil }
        guard (1...12).contains(month), day >= 1, day <= dayCount(month, year), hour < 24, minute < 60, second <= 60
        else {
            return nil
        }
        let ofDay = hour * 3600 + minute * 60 + second - offset
        let seconds = Int64(dayNumber(year, month, day)) * 86_400 + Int64(ofDay)
        return range.contains(seconds) ? (seconds, nanoseconds) : nil
    }

    static func fraction(_ nanoseconds: Int64) -> String {
        guard nanoseconds != 0 else { return "" }
        let digits = padded(Int(nanoseconds), 9)
        if nanoseconds % 1_000_000 == 0 { return "." + digits.prefix(3) }
        return nanoseconds % 1000 == 0 ? "." + digits.prefix(6) : "." + digits
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    // MARK: Calendar

    // Days from 1970-01-01; years that begin on 1 March (Hinnant, "chrono-Compatible Low-Level Date Algorithms").

    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civilDate(ofDay number: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = Int(floorDividing: Int64(shifted), by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func dayCount(_ month: Int, _ year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }
}

/// Durations as JSON has them: seconds with up to nine decimals and an `s`.
package enum DurationText {
    /// 10,000 years, the range of google.protobuf.Duration.
    private static let range: ClosedRange<Int64> = -315_576_000_000...315_576_000_000

    /// `1.500s`; `nil` out of range or when the signs of the two parts differ.
    package static func text(seconds: Int64, nanoseconds: Int64) -> String? {
        guard range.contains(seconds), (-999_999_999...999_999_999).contains(nanoseconds),
            seconds == 0 || nanoseconds == 0 || (seconds < 0) == (nanoseconds < 0)
        else { return nil }
        let sign = seconds < 0 || nanoseconds < 0 ? "-" : ""
        return "\(sign)\(seconds.magnitude)\(TimestampText.fraction(abs(nanoseconds)))s"
    }

    package static func read(_ text: String) -> (seconds: Int64, nanoseconds: Int32)? {
        var reader = DigitReader(text)
        let isNegative = reader.take("-")
        guard let whole = reader.digits(upTo: 12), let nanoseconds = reader.fraction(), reader.take("s"),
            reader.isAtEnd,
            range.contains(Int64(whole))
        else { return nil }
        return isNegative ? (-Int64(whole), -nanoseconds) : (Int64(whole), nanoseconds)
    }
}

/// Takes fixed runs of digits from a text.
private struct DigitReader {
    private let text: [UInt8]
    private var place = 0

    init(_ text: String) { self.text = Array(text.utf8) }

    var isAtEnd: Bool { place == text.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard place < text.count, text[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    /// Exactly `count` digits.
    mutating func number(_ count: Int) -> Int? {
        let start = place
        let value = digits(upTo: count)
        return place - start == count ? value : nil
    }

    mutating func digits(upTo count: Int) -> Int? {
        let start = place
        var value = 0
        while place < text.count, place - start < count, text[place].isDigit {
            value = value * 10 + Int(text[place] - UInt8(ascii: "0"))
            place += 1
        }
        return place > start ? value : nil
    }

    /// Nanoseconds of `.5`; 0 if there is no fraction, `nil` if there is a point and no digit.
    mutating func fraction() -> Int32? {
        guard take(".") else { return 0 }
        let start = place
        guard let value = digits(upTo: 9) else { return nil }
        let known = (place - start..<9).reduce(Int32(value)) { value, _ in value * 10 }
        while place < text.count, text[place].isDigit { place += 1 }
        return known
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+"), let hour = number(2), take(":"), let minute = number(2), hour < 24, minute < 60
        else {
            return nil
        }
        return (isWest ? -1 : 1) * (hour * 3600 + minute * 60)
    }
}

extension Int {
    fileprivate init(floorDividing value: Int64, by divisor: Int64) {
        self = Int(value / divisor) - (value % divisor < 0 ? 1 : 0)
    }
}
