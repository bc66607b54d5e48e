import NewsModel
import Testing

@Suite("Lengths of time as text") struct DurationTextTests {
    @Test(
        "are a number and a unit",
        arguments: [
            ("1s", .seconds(1)), ("0s", .zero), ("250ms", .milliseconds(250)), ("1.5h", .seconds(5400)),
            ("10us", .microseconds(10)), ("8784h", .seconds(8784 * 3600)),
        ] as [(String, Duration)])
    func valid(text: String, expected: Duration) {
        #expect(DurationText.parse(text) == expected)
    }

    @Test(
        "are refused in any other form", arguments: ["", "s", "5", "-1s", "1,5s", "1.s", ".5s", "1w", "1 s", "99999h"])
    func invalid(text: String) {
        #expect(DurationText.parse(text) == nil)
    }
}
