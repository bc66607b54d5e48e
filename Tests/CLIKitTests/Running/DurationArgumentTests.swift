import NewsClient
import NewsMessages
import Testing

@Suite("Lengths of time") struct DurationArgumentTests {
    private func timeout(_ text: String) async -> Duration?? {
        let run = CLIRun()
        run.server.on("Check") { (_: HealthCheckRequest) in HealthCheckResponse() }
        _ = await run("ping", "--timeout", text)
        return run.server.timeouts.first
    }

    @Test(
        "have a number and a unit",
        arguments: [
            ("1s", .seconds(1)), ("250ms", .milliseconds(250)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
            ("1.5s", .milliseconds(1500)),
            ("0.25s", .milliseconds(250)), ("10us", .microseconds(10)), ("8784h", .seconds(8784 * 3600)),
        ] as [(String, Duration)])
    func valid(text: String, expected: Duration) async {
        #expect(await timeout(text) == .some(expected))
    }

    @Test(
        "are refused without one",
        arguments: ["", "s", "5", "-1s", "1,5s", "1.s", ".5s", "1w", "1 s", "1e3s", "99999h", "99999999999999999999s"])
    func invalid(text: String) async {
        #expect(await timeout(text) == nil)
    }
}
