import NewsModel
import Testing

@Suite("A span of the calendar") struct CalendarSpanTests {
    @Test(
        "leads back from a day, to the last of a month that has no such day",
        arguments: [
            ("24mo", "2026-02-27", "2024-02-27"), ("1mo", "2026-03-31", "2026-02-28"),
            ("13mo", "2025-03-31", "2024-02-29"),
            ("2y", "2026-02-27", "2024-02-27"), ("1y", "2024-02-29", "2023-02-28"), ("2w", "2026-01-05", "2025-12-22"),
            ("60d", "2026-03-01", "2025-12-31"), ("9000y", "2026-03-01", "0001-01-01"),
        ])
    func before(text: String, day: String, wanted: String) throws {
        let span = try #require(CalendarSpan(text))
        #expect(try span.before(#require(CivilDate(parsing: day))).description == wanted)
        #expect(span.description == text)
    }

    @Test(
        "is a number and a unit, and not nothing",
        arguments: ["", "mo", "24", "24m", "24h", "0d", "-1y", "1.5y", "24 mo", "99999999d", "٣d", "9999y"])
    func refused(text: String) { #expect(CalendarSpan(text) == nil) }
}
