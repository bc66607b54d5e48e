/// What is wrong with a text that should be a date or a time.
package enum TimeFault: Error, Hashable, Sendable {
    /// None of the forms at all.
    case form
    case year
    case month
    /// The last day of that month.
    case day(last: Int)
    case hour
    case minute
    case second
    case fraction
    case offset
    /// The parts are good, but this follows them.
    case trailing(String)
    /// A relative time such as "+3d", which would lie ahead.
    case ahead
    case amount

    package var description: String {
        switch self {
        case .form:
            "must be a year, month, day, RFC 3339 time, local time, -90m, -36h, -7d, -2w, now, today or yesterday"
        case .year: "year must be 0001 to 9999"
        case .month: "month must be 01 to 12"
        case .day(let last): "day must be 01 to \(last)"
        case .hour: "hour must be 00 to 23"
        case .minute: "minute must be 00 to 59"
        case .second: "second must be 00 to 59"
        case .fraction: "a fraction of a second must have 1 to 9 digits"
        case .offset: "offset must be Z or +00:00 to +23:59 or -00:00 to -23:59"
        case .trailing(let rest): "\"\(rest)\" must not follow"
        case .ahead: "relative times reach back, as -7d does"
        case .amount: "an amount must have 1 to 9 digits"
        }
    }
}

/// The parts of a written date or time, as far as they go.
struct TimeText {
    enum Reach { case year, month, day, time }

    var reach: Reach
    /// The day; its month or year begins with it when `reach` says no more.
    var date: CivilDate
    /// Microseconds after midnight. Up to one second more than a day in a leap second.
    var microsecondOfDay: Int64 = 0
    /// Seconds east of UTC, when given.
    var offset: Int?
    var hasSecond = false
    var isLeapSecond = false

    /// yyyy[-mm[-dd[(T| )hh:mm[:ss[.f]][Z|(+|-)hh:mm]]]]
    init(_ text: [UInt8]) throws(TimeFault) {
        var reader = Reader(bytes: text)
        guard let year = reader.digits(4), CivilDate.years.contains(year) else { throw .year }
        reach = .year
        guard let newYear = CivilDate(year: year, month: 1, day: 1) else { throw .year }
        date = newYear
        guard reader.take("-") else {
            try reader.expectEnd()
            return
        }
        guard let month = reader.digits(2), let first = CivilDate(year: year, month: month, day: 1) else {
            throw .month
        }
        reach = .month
        date = first
        guard reader.take("-") else {
            try reader.expectEnd()
            return
        }
        guard let day = reader.digits(2), let date = CivilDate(year: year, month: month, day: day) else {
            throw .day(last: CivilDate.dayCount(month: month, year: year))
        }
        reach = .day
        self.date = date
        guard reader.take("T") || reader.take("t") || reader.take(" ") else {
            try reader.expectEnd()
            return
        }
        reach = .time
        try readClock(&reader)
        offset = try reader.offset()
        try reader.expectEnd()
    }

    private mutating func readClock(_ reader: inout Reader) throws(TimeFault) {
        guard let hour = reader.digits(2), hour < 24 else { throw .hour }
        guard reader.take(":"), let minute = reader.digits(2), minute < 60 else { throw .minute }
        var second = 0
        if reader.take(":") {
            guard let given = reader.digits(2), given <= 60 else { throw .second }
            hasSecond = true
            isLeapSecond = given == 60
            second = given
        }
        microsecondOfDay = Int64((hour * 60 + minute) * 60 + second) * Instant.microsecondsPerSecond
        if hasSecond, reader.take(".") { microsecondOfDay += try reader.fraction() }
    }

    /// The instant of a text with an offset.
    ///
    /// A leap second is allowed where one can be, at 23:59:60 UTC, and counts as the next second (RFC 3339, 5.7).
    func instant(offset: Int) throws(TimeFault) -> Instant {
        let local = CivilDateTime(startOf: date).microsecondsSinceEpoch + microsecondOfDay
        let instant = Instant(microseconds: local - Int64(offset) * Instant.microsecondsPerSecond)
        let utc = CivilDateTime(microsecondsSinceEpoch: instant.microseconds)
        if isLeapSecond, utc.hour != 0 || utc.minute != 0 || utc.second != 0 { throw .second }
        return instant
    }

    /// The clock's reading of a text without an offset.
    func civil() throws(TimeFault) -> CivilDateTime {
        if isLeapSecond { throw .second }
        return CivilDateTime(
            microsecondsSinceEpoch: CivilDateTime(startOf: date).microsecondsSinceEpoch + microsecondOfDay)
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        /// Exactly so many digits, and no further digit.
        mutating func digits(_ count: Int) -> Int? {
            let end = position + count
            guard end <= bytes.count, let value = Decimal.value(of: bytes[position..<end]) else { return nil }
            guard end == bytes.count || Decimal.digit(bytes[end]) == nil else { return nil }
            position = end
            return value
        }

        mutating func fraction() throws(TimeFault) -> Int64 {
            let start = position
            while position < bytes.count, Decimal.digit(bytes[position]) != nil { position += 1 }
            guard 1...9 ~= position - start else { throw .fraction }
            let digits = Array(bytes[start..<position]) + repeatElement(UInt8(ascii: "0"), count: 6)
            return Int64(Decimal.value(of: digits[0..<6]) ?? 0)
        }

        /// Seconds east of UTC; `nil` when none is given.
        mutating func offset() throws(TimeFault) -> Int? {
            if take("Z") || take("z") { return 0 }
            let isWest = take("-")
            guard isWest || take("+") else { return nil }
            guard let hours = digits(2), hours < 24, take(":"), let minutes = digits(2), minutes < 60 else {
                throw .offset
            }
            let seconds = (hours * 60 + minutes) * 60
            return isWest ? -seconds : seconds
        }

        func expectEnd() throws(TimeFault) {
            guard position == bytes.count else {
                throw .trailing(String(decoding: bytes[position...], as: UTF8.self))
            }
        }
    }
}
