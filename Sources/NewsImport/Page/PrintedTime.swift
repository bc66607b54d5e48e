internal import NewsModel

/// Dates and times as pages print them. All read folded text and check the calendar.
enum PrintedTime {
    /// Years that a news page can be of; other four-digit numbers are no years.
    private static let years: ClosedRange<Int64> = 1900...2199

    /// Reads a date, and a time of day behind it, at `index`.
    ///
    /// Shapes: `2024-03-13`, `2024-3-13`, `2024/3/13`, `2024.03.13`, `2024年3月13日`, `July 22, 2019`, `22 July 2019`;
    /// then `15:55` or `15:55:48`, after spaces, a `T` or nothing. A day has at most two digits and a minute exactly
    /// two, so that what is fused behind them stays out: `2026-03-0562` is the 5th, then 62.
    static func read(_ text: Scalars, at index: Int) -> (time: CapturedTime, end: Int)? {
        guard let (date, end) = numericDate(text, at: index) ?? englishDate(text, at: index) else { return nil }
        var clock = text.afterBlanks(end)
        if clock == end, clock < text.endIndex, text[clock] == "T" { clock += 1 }
        if let (time, precision, end) = timeOfDay(text, at: clock, on: date) {
            return (CapturedTime(time: time, precision: precision), end)
        }
        return (CapturedTime(time: CivilDateTime(startOf: date), precision: .day), end)
    }

    /// As `read`; also a month or a year alone, where a label says that it is a date: `2024年3月`, `2024-03`, `2024年`.
    static func readCoarse(_ text: Scalars, at index: Int) -> (time: CapturedTime, end: Int)? {
        if let found = read(text, at: index) { return found }
        guard let (year, afterYear) = year(text, at: index) else { return nil }
        var month = 1
        var end = afterYear
        var precision = Precision.year
        if end < text.endIndex, "-/.年".unicodeScalars.contains(text[end]) {
            let isChinese = text[end] == "年"
            if isChinese { end += 1 }
            if let (value, after) = shortNumber(text, at: isChinese ? end : end + 1), 1...12 ~= value {
                guard !isChinese || (after < text.endIndex && text[after] == "月") else { return nil }
                (month, end, precision) = (value, isChinese ? after + 1 : after, .month)
            }
        }
        guard end == text.endIndex || text[end].digit == nil,
            let date = CivilDate(year: year, month: month, day: 1)
        else { return nil }
        return (CapturedTime(time: CivilDateTime(startOf: date), precision: precision), end)
    }

    /// Where a date first stands, with what `read` gives for it.
    static func find(in text: Scalars) -> (time: CapturedTime, range: Range<Int>)? {
        var index = text.startIndex
        while index < text.endIndex {
            let scalar = text[index]
            let startsWord = index == text.startIndex || !text[index - 1].isLatinLetter
            if scalar.digit != nil || (scalar.isLatinLetter && startsWord), let (time, end) = read(text, at: index) {
                return (time, index..<end)
            }
            index += 1
            if scalar.digit != nil {  // Not from the middle of a number.
                while index < text.endIndex, text[index].digit != nil { index += 1 }
            }
        }
        return nil
    }

    private static func year(_ text: Scalars, at index: Int) -> (Int, Int)? {
        guard let (value, end) = text.prefix(upTo: min(text.endIndex, index + 4)).number(at: index),
            end - index == 4, years.contains(value)
        else { return nil }
        return (Int(value), end)
    }

    /// One or two digits.
    private static func shortNumber(_ text: Scalars, at index: Int) -> (Int, Int)? {
        guard index < text.endIndex,
            let (value, end) = text.prefix(upTo: min(text.endIndex, index + 2)).number(at: index)
        else { return nil }
        return (Int(value), end)
    }

    private static func numericDate(_ text: Scalars, at index: Int) -> (CivilDate, Int)? {
        guard let (year, afterYear) = year(text, at: index), afterYear < text.endIndex else { return nil }
        let separator = text[afterYear]
        guard "-/.年".unicodeScalars.contains(separator),
            let (month, afterMonth) = shortNumber(text, at: text.afterBlanks(afterYear + 1)),
            case let beforeDay = text.afterBlanks(afterMonth), beforeDay < text.endIndex,
            text[beforeDay] == (separator == "年" ? "月" : separator),
            let (day, afterDay) = shortNumber(text, at: text.afterBlanks(beforeDay + 1)),
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        guard separator == "年" else { return (date, afterDay) }
        guard afterDay < text.endIndex, text[afterDay] == "日" || text[afterDay] == "号" else { return nil }
        return (date, afterDay + 1)
    }

    private static func timeOfDay(
        _ text: Scalars, at index: Int, on date: CivilDate
    ) -> (CivilDateTime, Precision, Int)? {
        guard let (hour, afterHour) = shortNumber(text, at: index), afterHour < text.endIndex else { return nil }
        let isChinese = text[afterHour] == "时"
        guard isChinese || text[afterHour] == ":",
            let (minute, afterMinute) = shortNumber(text, at: afterHour + 1), afterMinute == afterHour + 3
        else { return nil }
        if isChinese {
            guard afterMinute < text.endIndex, text[afterMinute] == "分",
                let time = CivilDateTime(date: date, hour: hour, minute: minute)
            else { return nil }
            return (time, .minute, afterMinute + 1)
        }
        if afterMinute < text.endIndex, text[afterMinute] == ":",
            let (second, end) = shortNumber(text, at: afterMinute + 1), end == afterMinute + 3,
            let time = CivilDateTime(date: date, hour: hour, minute: minute, second: second)
        {
            return (time, .second, end)
        }
        return CivilDateTime(date: date, hour: hour, minute: minute).map { ($0, .minute, afterMinute) }
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// The month whose name, or its first three letters, stands at `index`.
    static func monthName(_ text: Scalars, at index: Int) -> (month: Int, end: Int)? {
        guard index < text.endIndex, ("A"..."S").contains(text[index]) else { return nil }
        for (number, name) in months.enumerated() {
            let end = text.end(of: name, at: index) ?? text.end(of: String(name.prefix(3)), at: index)
            guard var end else { continue }
            if end < text.endIndex, text[end] == "." { end += 1 }
            return end == text.endIndex || !text[end].isLatinLetter ? (number + 1, end) : nil
        }
        return nil
    }

    private static func englishDate(_ text: Scalars, at index: Int) -> (CivilDate, Int)? {
        guard index < text.endIndex else { return nil }
        if text[index].isLatinLetter {
            guard let (month, afterMonth) = monthName(text, at: index),
                let (day, afterDay) = shortNumber(text, at: text.afterBlanks(afterMonth)), afterDay < text.endIndex
            else { return nil }
            let comma = text[afterDay] == "," ? afterDay + 1 : afterDay
            guard let (year, end) = year(text, at: text.afterBlanks(comma)) else { return nil }
            return CivilDate(year: year, month: month, day: day).map { ($0, end) }
        }
        guard let (day, afterDay) = shortNumber(text, at: index), case let atMonth = text.afterBlanks(afterDay),
            atMonth > afterDay, let (month, afterMonth) = monthName(text, at: atMonth)
        else { return nil }
        let comma = afterMonth < text.endIndex && text[afterMonth] == "," ? afterMonth + 1 : afterMonth
        guard let (year, end) = year(text, at: text.afterBlanks(comma)) else { return nil }
        return CivilDate(year: year, month: month, day: day).map { ($0, end) }
    }
}
