import NewsClient
import NewsMessages
import Testing

@Suite("ping") struct PingCommandTests {
    private func run(_ status: HealthCheckResponse.ServingStatus = .serving) -> CLIRun {
        let run = CLIRun()
        run.server.on("Check") { (_: HealthCheckRequest) in
            var answer = HealthCheckResponse()
            answer.status = status
            return answer
        }
        return run
    }

    @Test("prints how long one answer took")
    func once() async {
        #expect(await run()("ping") == .init(output: "127.0.0.1:50051: SERVING in 1.500 ms\n", errors: "", code: 0))
    }

    @Test("prints the least, the mean and the 99th percentile of several")
    func several() async throws {
        let run = run()
        let outcome = await run("ping", "--count", "3", "--interval", "1h", "--server", "unix:/run/news")
        #expect(outcome.output == "unix:/run/news: SERVING, 3 answers, rtt min 1.500 avg 1.500 p99 1.500 ms\n")
        #expect(try run.server.requests("Check", HealthCheckRequest.self).count == 3)
    }

    @Test("prints numbers in JSON")
    func json() async {
        #expect(
            await run()("ping", "-o", "jsonl").output == """
                {"server":"127.0.0.1:50051","status":"SERVING","count":1,\
                "rttMinMs":1.500,"rttAvgMs":1.500,"rttP99Ms":1.500}

                """)
    }

    @Test("ends with 1 when the server is not serving")
    func notServing() async {
        #expect(
            await run(.notServing)("ping")
                == .init(
                    output: "127.0.0.1:50051: NOT_SERVING in 1.500 ms\n", errors: "", code: 1))
    }

    @Test("tells each answer with -v")
    func verbose() async {
        #expect(await run()("ping", "-v", "--count", "2").errors == "1: SERVING in 1.500 ms\n2: SERVING in 1.500 ms\n")
    }
}
