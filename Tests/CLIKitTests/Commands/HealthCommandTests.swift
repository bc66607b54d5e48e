import NewsClient
import NewsMessages
import Testing

@Suite("health") struct HealthCommandTests {
    private func answer(_ status: HealthCheckResponse.ServingStatus) -> HealthCheckResponse {
        var answer = HealthCheckResponse()
        answer.status = status
        return answer
    }

    private func run(server: HealthCheckResponse.ServingStatus = .serving) -> CLIRun {
        let run = CLIRun()
        let answers = ["": answer(server), "news.v1.NewsService": answer(.serving)]
        run.server.on("List") { (_: HealthListRequest) in
            var list = HealthListResponse()
            list.statuses = answers
            return list
        }
        run.server.on("Check") { (request: HealthCheckRequest) throws(RPCError) in
            guard let answer = answers[request.service] else {
                throw RPCError(.notFound, "no service \"\(request.service)\"", origin: .server)
            }
            return answer
        }
        return run
    }

    @Test("lists all services, the server first")
    func all() async {
        #expect(
            await run()("health")
                == .init(
                    output: "server               SERVING\nnews.v1.NewsService  SERVING\n", errors: "", code: 0))
        #expect(
            await run()("health", "-o", "tsv").output == "service\tstatus\n\tSERVING\nnews.v1.NewsService\tSERVING\n")
        #expect(
            await run()("health", "-o", "jsonl").output == """
                {"service":"","status":"SERVING"}
                {"service":"news.v1.NewsService","status":"SERVING"}

                """)
    }

    @Test("ends with 1 when what was asked for is not serving")
    func notServing() async {
        #expect(await run(server: .notServing)("health").code == 1)
        #expect(await run(server: .notServing)("health", "news.v1.NewsService").code == 0)
    }

    @Test("asks for one service")
    func one() async {
        #expect(
            await run()("health", "news.v1.NewsService", "-o", "json").output == """
                {
                  "service": "news.v1.NewsService",
                  "status": "SERVING"
                }

                """)
        #expect(
            await run()("health", "absent")
                == .init(
                    output: "", errors: "newsrpc-cli: health: NOT_FOUND: no service \"absent\"\n", code: 69))
    }

    @Test("asks for the server alone where there is no list")
    func older() async {
        let run = run()
        run.server.on("List") { (_: HealthListRequest) throws(RPCError) -> HealthListResponse in
            throw RPCError(.unimplemented, "", origin: .server)
        }
        #expect(await run("health") == .init(output: "server  SERVING\n", errors: "", code: 0))
    }
}
