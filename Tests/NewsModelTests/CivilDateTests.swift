import NewsModel
import Testing

@Suite("Civil dates") struct CivilDateTests {
    @Test(
        "exist when the calendar has them",
        arguments: [
            (2026, 2, 28, true), (2026, 2, 29, false), (2024, 2, 29, true), (1900, 2, 29, false), (2000, 2, 29, true),
            (2026, 4, 31, false), (2026, 0, 1, false), (2026, 13, 1, false), (2026, 1, 0, false), (2026, 12, 31, true),
            (0, 1, 1, false), (1, 1, 1, true), (9999, 12, 31, true), (10_000, 1, 1, false),
        ])
    func existence(year: Int, month: Int, day: Int, exists: Bool) {
        #expect((CivilDate(year: year, month: month, day: day) != nil) == exists)
    }

    @Test(
        "are numbered from 1970-01-01",
        arguments: [
            ("1970-01-01", 0), ("1969-12-31", -1), ("2000-03-01", 11_017), ("2026-02-27", 20_511),
            ("0001-01-01", -719_162), ("9999-12-31", 2_932_896),
        ])
    func dayNumber(text: String, number: Int) throws {
        let date = try #require(CivilDate(parsing: text))
        #expect(date.daysSinceEpoch == number)
        #expect(CivilDate(daysSinceEpoch: number) == date)
        #expect(date.description == text)
    }

    @Test("come back from their number, day by day over four centuries and more")
    func everyDay() {
        var previous = CivilDate(daysSinceEpoch: -150_001)
        for number in -150_000...150_000 {
            let date = CivilDate(daysSinceEpoch: number)
            let isNext =
                date.day == previous.day + 1 && date.month == previous.month && date.year == previous.year
                || date == previous.startOfNextMonth
            #expect(date.daysSinceEpoch == number && isNext, "\(previous) is followed by \(date)")
            previous = date
        }
    }

    @Test(
        "are read from exactly ten characters",
        arguments: [
            "2026-2-27", "2026-02-027", "2026/02/27", "2026-02-30", " 2026-02-27", "2026-02-2x", "", "２026-02-27",
            "+026-02-27",
        ])
    func unreadable(text: String) {
        #expect(CivilDate(parsing: text) == nil)
    }

    @Test(
        "know their weekday", arguments: [("1970-01-01", 4), ("2026-02-27", 5), ("2026-03-01", 0), ("1969-12-27", 6)])
    func weekday(text: String, weekday: Int) throws {
        #expect(try #require(CivilDate(parsing: text)).weekday == weekday)
    }

    @Test("lead to the month and year that follow")
    func following() throws {
        let date = try #require(CivilDate(parsing: "2026-12-15"))
        #expect(date.startOfMonth.description == "2026-12-01")
        #expect(date.startOfNextMonth.description == "2027-01-01")
        #expect(date.startOfYear.description == "2026-01-01")
        #expect(date.startOfNextYear.description == "2027-01-01")
        #expect(date.adding(days: 17).description == "2027-01-01")
        #expect(date < date.adding(days: 1))
    }
}

@Suite("Civil times") struct CivilDateTimeTests {
    @Test(
        "have an hour, minute, second and microsecond within a day",
        arguments: [
            (23, 59, 59, 999_999, true), (24, 0, 0, 0, false), (0, 60, 0, 0, false), (0, 0, 60, 0, false),
            (-1, 0, 0, 0, false), (0, 0, 0, 1_000_000, false),
        ])
    func ranges(hour: Int, minute: Int, second: Int, microsecond: Int, exists: Bool) throws {
        let date = try #require(CivilDate(parsing: "2026-02-27"))
        let time = CivilDateTime(date: date, hour: hour, minute: minute, second: second, microsecond: microsecond)
        #expect((time != nil) == exists)
        guard let time else { return }
        #expect([time.hour, time.minute, time.second, time.microsecond] == [hour, minute, second, microsecond])
        #expect(CivilDateTime(microsecondsSinceEpoch: time.microsecondsSinceEpoch) == time)
    }

    @Test(
        "are written with as many digits of a second as they need",
        arguments: [
            (0, "1970-01-01T00:00:00"), (-1, "1969-12-31T23:59:59.999999"), (250_000, "1970-01-01T00:00:00.250"),
            (86_400_000_001, "1970-01-02T00:00:00.000001"),
        ] as [(Int64, String)])
    func text(microseconds: Int64, text: String) {
        #expect(CivilDateTime(microsecondsSinceEpoch: microseconds).description == text)
    }
}
