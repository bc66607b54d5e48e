/// A zone by rule, such as "EST5EDT,M3.2.0,M11.1.0": what a TZif file says about the time after its last transition
/// (POSIX.1-2024, section 8.3 "TZ", with the hours from -167 to 167 of RFC 9636, section 3.3.1).
struct POSIXZone: Hashable, Sendable {
    /// When in a year the clock changes.
    struct Change: Hashable, Sendable {
        enum Day: Hashable, Sendable {
            /// Jn: 1 to 365, 29 February never counted.
            case julian(Int)
            /// n: 0 to 365, 29 February counted.
            case ordinal(Int)
            /// Mm.w.d: the w-th weekday d of month m; week 5 is the last.
            case weekday(month: Int, week: Int, weekday: Int)
        }
        var day: Day
        /// After midnight of the clock as it stood before; may be negative or beyond a day.
        var seconds: Int
    }

    struct Daylight: Hashable, Sendable {
        var offset: Int
        var start: Change
        var end: Change
    }

    /// Seconds east of UTC.
    var standardOffset: Int
    var daylight: Daylight?

    /// - Returns: `nil` when the text is not such a rule.
    init?(_ bytes: [UInt8]) {
        var reader = Reader(bytes: bytes)
        guard reader.skipName(), let west = reader.time(hoursMax: 24) else { return nil }
        standardOffset = -west
        if reader.isAtEnd { return }
        guard reader.skipName() else { return nil }
        var offset = standardOffset + 3600
        if reader.peek() != UInt8(ascii: ",") {
            guard let west = reader.time(hoursMax: 24) else { return nil }
            offset = -west
        }
        guard let start = reader.change(), let end = reader.change(), reader.isAtEnd else { return nil }
        daylight = Daylight(offset: offset, start: start, end: end)
    }

    /// The two changes of a year in order: when, in seconds since 1970 UTC, and the offset from then on.
    func changes(year: Int) -> [(at: Int64, offset: Int)] {
        guard let daylight else { return [] }
        let start = Self.local(daylight.start, year: year) - Int64(standardOffset)
        let end = Self.local(daylight.end, year: year) - Int64(daylight.offset)
        let both = [(at: start, offset: daylight.offset), (at: end, offset: standardOffset)]
        return start <= end ? both : both.reversed()
    }

    private static func local(_ change: Change, year: Int) -> Int64 {
        let newYear = CivilDate.firstDayNumber(ofYear: year)
        let day: Int
        switch change.day {
        case .julian(let number):
            day = newYear + number - 1 + (CivilDate.isLeap(year: year) && number > 59 ? 1 : 0)
        case .ordinal(let number):
            day = newYear + number
        case .weekday(let month, let week, let weekday):
            var first = newYear
            for earlier in 1..<month { first += CivilDate.dayCount(month: earlier, year: year) }
            let firstWeekday = CivilDate(daysSinceEpoch: first).weekday
            var offset = (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
            if offset >= CivilDate.dayCount(month: month, year: year) { offset -= 7 }
            day = first + offset
        }
        return Int64(day) * 86_400 + Int64(change.seconds)
    }

    /// Walks through the text of a rule.
    private struct Reader {
        let bytes: [UInt8]
        var offset = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { offset == bytes.count }
        func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

        mutating func take(_ byte: UInt8) -> Bool {
            guard peek() == byte else { return false }
            offset += 1
            return true
        }

        /// Three or more letters, or letters, digits and signs in angle brackets.
        mutating func skipName() -> Bool {
            let start = offset
            if take(UInt8(ascii: "<")) {
                while let byte = peek(), byte != UInt8(ascii: ">") { offset += 1 }
                return take(UInt8(ascii: ">")) && offset - start > 2
            }
            while let byte = peek(), 0x61...0x7a ~= byte | 0x20 { offset += 1 }
            return offset - start >= 3
        }

        mutating func number(max: Int) -> Int? {
            let start = offset
            while let byte = peek(), Decimal.digit(byte) != nil { offset += 1 }
            guard offset - start <= 3, let value = Decimal.value(of: bytes[start..<offset]), value <= max else {
                return nil
            }
            return value
        }

        /// [+-]hh[:mm[:ss]] in seconds.
        mutating func time(hoursMax: Int) -> Int? {
            let isNegative = take(UInt8(ascii: "-"))
            if !isNegative { _ = take(UInt8(ascii: "+")) }
            guard let hours = number(max: hoursMax) else { return nil }
            var seconds = hours * 3600
            for unit in [60, 1] where take(UInt8(ascii: ":")) {
                guard let part = number(max: 59) else { return nil }
                seconds += part * unit
            }
            return isNegative ? -seconds : seconds
        }

        /// ,date[/time]
        mutating func change() -> Change? {
            guard take(UInt8(ascii: ",")), let day = day() else { return nil }
            guard take(UInt8(ascii: "/")) else { return Change(day: day, seconds: 7200) }
            guard let seconds = time(hoursMax: 167) else { return nil }
            return Change(day: day, seconds: seconds)
        }

        private mutating func day() -> Change.Day? {
            if take(UInt8(ascii: "J")) {
                guard let number = number(max: 365), number >= 1 else { return nil }
                return .julian(number)
            }
            guard take(UInt8(ascii: "M")) else { return number(max: 365).map { .ordinal($0) } }
            guard let month = number(max: 12), month >= 1, take(UInt8(ascii: ".")),
                let week = number(max: 5), week >= 1, take(UInt8(ascii: ".")), let weekday = number(max: 6)
            else { return nil }
            return .weekday(month: month, week: week, weekday: weekday)
        }
    }
}
