import Access
import NewsModel
import Testing

@Suite("When a token ends") struct ExpiryTests {
    private static let now = "2026-03-01T08:00:00Z"

    @Test(
        "is told by a length of time, a day or a moment",
        arguments: [
            ("1d", "2026-03-02T08:00:00Z"), ("36h", "2026-03-02T20:00:00Z"), ("2027-03-01", "2027-03-01T00:00:00Z"),
            ("2027-03-01T08:00:00+08:00", "2027-03-01T00:00:00Z"), ("999999h", "2140-03-29T23:00:00Z"),
        ])
    func forms(text: String, expected: String) throws {
        let now = try RFC3339.parse(Self.now)
        #expect(Expiry.parse(text, now: now).map { RFC3339.text($0) } == expected)
    }

    @Test(
        "is no text else, and never in the past",
        arguments: ["", "d", "-1d", "1", "1w", "0d", "1234567d", "tomorrow", "2026-03-01", "2026-03-01T08:00:00Z"])
    func others(text: String) throws {
        #expect(Expiry.parse(text, now: try RFC3339.parse(Self.now)) == nil)
    }
}
