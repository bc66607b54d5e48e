import CLIKit
import NewsClient
import NewsMessages
import Testing

@Suite("The program") struct ProgramTests {
    /// For each command, arguments that call the server.
    static let calls = [
        ["list"], ["get", "x"], ["get", "x", "y"], ["import", "a"], ["ping"], ["health"], ["health", "x"],
    ]

    /// A server all of whose methods fail.
    private func failing(_ error: RPCError) -> CLIRun {
        var run = CLIRun()
        run.files = ["a": "x"]
        for method in ["ListArticles", "GetArticle", "BatchGetArticles", "ImportArticles", "Check", "List"] {
            run.server.onRaw(method) { _ throws(RPCError) in throw error }
        }
        return run
    }

    @Test("ends with 64 and the status's number, and tells it in one form", arguments: calls)
    func statuses(call: [String]) async {
        for code in call == ["list"] ? Array(1...16) : [3, 12, 16] {
            let error = RPCError(.init(rawValue: code), "why", origin: .server, reason: "REASON")
            let outcome = await failing(error).run(call)
            guard call != ["health"] || code != 12 else { continue }  // Then it asks in another way.
            #expect(outcome.code == 64 + Int32(code))
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors == "newsrpc-cli: \(call[0]): \(error.code.name) (REASON): why\n")
        }
    }

    @Test("ends with 5 when the server is not reached", arguments: calls)
    func noServer(call: [String]) async {
        var run = failing(RPCError(.unavailable, "connection refused", origin: .notConnected))
        let text = "newsrpc-cli: \(call[0]): UNAVAILABLE: connection refused\n"
        #expect(await run.run(call + ["--server", "unix:/x"]) == .init(output: "", errors: text, code: 5))
        run.connectionError = RPCError(.unavailable, "connection refused", origin: .notConnected)
        #expect(await run.run(call + ["--server", "unix:/x"]) == .init(output: "", errors: text, code: 5))
    }

    @Test("prints the server's google.rpc.Status on the errors with -o json", arguments: calls)
    func jsonErrors(call: [String]) async throws {
        var info = ErrorInfo()
        info.reason = "TIME_INVALID"
        info.domain = "news.v1"
        var any = AnyMessage()
        any.typeUrl = "type.googleapis.com/google.rpc.ErrorInfo"
        any.value = info.encoded()
        var status = RPCStatus()
        status.code = 3
        status.message = "since \"2026-13\": month must be 01 to 12"
        status.details = [any]
        let error = RPCError(
            .invalidArgument, status.message, origin: .server, reason: "TIME_INVALID", details: status.encoded())
        #expect(
            await failing(error).run(call + ["-o", "jsonl"])
                == .init(
                    output: "",
                    errors: """
                        {"code":3,"message":"since \\"2026-13\\": month must be 01 to 12","details":[\
                        {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"TIME_INVALID",\
                        "domain":"news.v1"}]}

                        """, code: 67))
        #expect(
            await failing(error).run(call).errors
                == "newsrpc-cli: \(call[0]): INVALID_ARGUMENT (TIME_INVALID): \(status.message)\n"
        )
        #expect(
            await failing(RPCError(.unavailable, "gone", origin: .server)).run(call + ["-o", "json"]).errors == """
                {
                  "code": 14,
                  "message": "gone"
                }

                """)
    }

    @Test("tells the other fields at fault and when to come back")
    func details() async {
        var badRequest = BadRequest()
        badRequest.fieldViolations = [("since", "no month"), ("until", "no day")].map { field, description in
            var violation = BadRequest.FieldViolation()
            violation.field = field
            violation.description = description
            return violation
        }
        var retry = RetryInfo()
        var delay = ProtoDuration()
        delay.seconds = 1
        delay.nanos = 500_000_000
        retry.retryDelay = delay
        var status = RPCStatus()
        status.details = [
            ("google.rpc.BadRequest", badRequest.encoded()), ("google.rpc.RetryInfo", retry.encoded()),
        ].map { name, bytes in
            var any = AnyMessage()
            any.typeUrl = "type.googleapis.com/\(name)"
            any.value = bytes
            return any
        }
        let error = RPCError(.invalidArgument, "no month", origin: .server, details: status.encoded())
        #expect(
            await failing(error).run(["list"]).errors == """
                newsrpc-cli: list: INVALID_ARGUMENT: no month
                  until: no day
                  try again in 1.5 seconds

                """)
    }

    @Test("tells what happens to the connection when it is asked to", arguments: [["-v"], [], ["-q", "-v"]])
    func connectionLog(flags: [String]) async {
        var run = failing(RPCError(.unknown, "", origin: .server))
        run.connectionLog = "connected to 127.0.0.1:1"
        let errors = await run.run(["list"] + flags).errors
        #expect(errors.contains("connected to 127.0.0.1:1\n") == (flags == ["-v"]))
    }

    @Test("passes fields, waiting and tries on to every call", arguments: calls)
    func callOptions(call: [String]) async {
        let run = failing(RPCError(.unknown, "", origin: .server))
        let arguments = ["-H", "X-Who: me", "-Hx-raw-bin: /w", "--timeout", "2s", "--wait", "3s", "--retries", "0"]
        _ = await run.run(call + arguments)
        #expect(!run.server.options.isEmpty)
        for options in run.server.options {
            #expect(options.metadata == [MetadataField("x-who", "me"), MetadataField("x-raw-bin", bytes: [0xFF])])
            #expect(options.timeout == .seconds(5))
            #expect(options.waitForReady)
            #expect(options.maxAttempts == 1)
        }
        let plain = failing(RPCError(.unknown, "", origin: .server))
        _ = await plain.run(call)
        for options in plain.server.options {
            #expect(options.metadata.isEmpty && !options.waitForReady && options.maxAttempts == nil)
        }
    }

    @Test(
        "ends with 2 when the command line is wrong, and says what is",
        arguments: [
            (["list", "--nothing"], "newsrpc-cli: Unknown option '--nothing'"),
            (["nothing"], "newsrpc-cli: Unexpected argument 'nothing'"),
            (["list", "--limit=-1"], "newsrpc-cli: --limit must be 0 or more"),
            (["list", "--limit", "x"], "newsrpc-cli: The value 'x' is invalid for '--limit <count>'"),
            (
                ["list", "-o", "text"],
                "newsrpc-cli: no format \"text\" here; one of table, wide, json, jsonl, csv, tsv, name\n"
            ),
            (["list", "-o", "xml"], "newsrpc-cli: The value 'xml' is invalid for '-o <format>'"),
            (["get"], "newsrpc-cli: Missing expected argument '<name> ...'"),
            (["import"], "newsrpc-cli: Missing expected argument '<file> ...'"),
            (["ping", "--count", "0"], "newsrpc-cli: --count must be 1 to 1000000"),
            (["list", "--timeout", "30"], "newsrpc-cli: The value '30' is invalid for '--timeout <time>'"),
            (["list", "--retries", "5"], "newsrpc-cli: --retries must be 0 to 4"),
            (["list", "-H", "nothing"], "newsrpc-cli: The value 'nothing' is invalid for '-H <field>'"),
            (["list", "-H", "x-bin: ?"], "newsrpc-cli: The value 'x-bin: ?' is invalid for '-H <field>'"),
            (["list", "--width", "3"], "newsrpc-cli: --width must be 20 or more"),
            (["list", "--ambiguous-width", "3"], "newsrpc-cli: --ambiguous-width must be 1 or 2"),
            (["--server"], "newsrpc-cli: "), (["--since", "2026", "list"], "newsrpc-cli: "),
        ])
    func usage(arguments: [String], expected: String) async {
        let outcome = await CLIRun().run(arguments)
        #expect(outcome.code == 2 && outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix(expected), "\(outcome.errors)")
    }

    @Test(
        "takes the options of every command before the command too",
        arguments: [
            ["-o", "jsonl", "--server", "x:1", "ping"], ["-ojsonl", "--server=x:1", "-v", "ping", "-q"],
            ["ping", "-o", "jsonl", "--server", "x:1"],
        ])
    func order(arguments: [String]) async {
        let run = CLIRun()
        run.server.on("Check") { (_: HealthCheckRequest) in HealthCheckResponse() }
        #expect(await run.run(arguments).output.hasPrefix("{\"server\":\"x:1\""))
    }

    @Test(
        "takes server and format from the environment, after the options",
        arguments: [
            ([], ["NEWSRPC_SERVER": "env:1"], "env:1: "),
            (["--server", "opt:1"], ["NEWSRPC_SERVER": "env:1"], "opt:1: "),
            ([], ["NEWSRPC_SERVER": ""], "127.0.0.1:50051: "), ([], ["NEWSRPC_OUTPUT": "jsonl"], "{\"server\""),
            (["-o", "text"], ["NEWSRPC_OUTPUT": "json"], "127.0.0.1"),
            ([], ["NEWSRPC_OUTPUT": "name"], "127.0.0.1"),  // Not of this command: passed over.
        ] as [([String], [String: String], String)])
    func environment(options: [String], environment: [String: String], expected: String) async {
        var run = CLIRun()
        run.environment = environment
        run.server.on("Check") { (_: HealthCheckRequest) in HealthCheckResponse() }
        #expect(await run.run(["ping"] + options).output.hasPrefix(expected))
    }

    @Test("says that a format in the environment is none")
    func badEnvironment() async {
        var run = CLIRun()
        run.environment = ["NEWSRPC_OUTPUT": "xml"]
        let outcome = await run("version")
        #expect(outcome.code == 2)
        #expect(outcome.errors == "newsrpc-cli: NEWSRPC_OUTPUT is \"xml\", which is no format; see 'help formats'\n")
    }

    @Test(
        "ends with 141 and not a word when the reader of its output goes away",
        arguments: [
            ["version"], ["list"], ["list", "-o", "json"], ["get", "a"], ["help", "list"], ["ping"],
        ])
    func brokenPipe(arguments: [String]) async {
        var run = CLIRun()
        run.outputCapacity = 3
        run.server.on("ListArticles") { (_: ListArticlesRequest) in
            var page = ListArticlesResponse()
            page.articles = [SampleArticles.full()]
            return page
        }
        run.server.on("GetArticle") { (_: GetArticleRequest) in SampleArticles.full() }
        run.server.on("Check") { (_: HealthCheckRequest) in HealthCheckResponse() }
        let outcome = await run.run(arguments)
        #expect(outcome.code == 141 && outcome.errors.isEmpty)
    }

    @Test(
        "stops at a signal and prints what there is",
        arguments: [(Termination.interrupted, 130), (.terminated, 143)] as [(Termination, Int32)])
    func signals(signal: Termination, code: Int32) async {
        let gate = Gate()
        var run = CLIRun()
        run.interrupt = { body in gate.onOpen { body(signal) } }
        run.server.onRaw("ListArticles") { message throws(RPCError) in
            let request = try? ListArticlesRequest(decoding: message)
            if request?.pageToken == "" {
                var page = ListArticlesResponse()
                page.articles = [SampleArticles.listed()]
                page.nextPageToken = "more"
                return page.encoded()
            }
            gate.open()
            await withTaskCancellationHandler {
                await withCheckedContinuation { gate.keep($0) }
            } onCancel: {
                gate.release()
            }
            throw RPCError(.cancelled, "cancelled", origin: .local)
        }
        let outcome = await run("list", "-o", "table", "--limit", "0")
        #expect(outcome.code == code && outcome.errors.isEmpty)
        #expect(outcome.output.contains("国家药监局召开挂职干部座谈会"))
    }

    @Test("ends soon after a signal although the command does not")
    func stubborn() async {
        let gate = Gate()
        var run = CLIRun()
        run.interrupt = { body in gate.onOpen { body(.interrupted) } }
        run.server.onRaw("GetArticle") { _ throws(RPCError) in
            gate.open()
            await withCheckedContinuation { gate.keep($0) }
            return []
        }
        #expect(await run("get", "x") == .init(output: "", errors: "", code: 130))
        gate.release()
    }

    @Test("leaves the server it has called, whatever came of it", arguments: calls)
    func leaves(call: [String]) async {
        let run = failing(RPCError(.unknown, "", origin: .server))
        _ = await run.run(call)
        #expect(run.server.closeCount == 1)
        _ = await run.run(["version"])
        #expect(run.server.closeCount == 1)
    }

    @Test("sends a deadline with every call")
    func deadlines() async {
        let run = failing(RPCError(.unknown, "", origin: .server))
        for call in Self.calls { _ = await run.run(call) }
        #expect(run.server.timeouts.allSatisfy { $0 != nil })
        #expect(run.server.timeouts.first == .seconds(30))
        _ = await run("list", "--timeout", "1.5s")
        #expect(run.server.timeouts.last == .milliseconds(1500))
    }
}
