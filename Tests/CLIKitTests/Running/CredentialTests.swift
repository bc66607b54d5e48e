import NewsClient
import NewsMessages
import Testing

@Suite("The token of a command") struct CredentialTests {
    private func run(_ environment: [String: String] = [:], files: [String: String] = [:]) -> CLIRun {
        var run = CLIRun()
        run.environment.merge(environment) { $1 }
        run.files = files
        run.server.on("Check") { (_: HealthCheckRequest) in
            var answer = HealthCheckResponse()
            answer.status = .serving
            return answer
        }
        return run
    }

    @Test(
        "comes from an option, else from a file, else from the environment, and is sent with every call",
        arguments: [
            ([], [:], nil), (["--token", "a"], ["NEWSRPC_TOKEN": "c"], "a"),
            (["--token-file", "t"], ["NEWSRPC_TOKEN": "c"], "b"), ([], ["NEWSRPC_TOKEN": "c"], "c"),
            ([], ["NEWSRPC_TOKEN": ""], nil),
        ] as [([String], [String: String], String?)])
    func sources(options: [String], environment: [String: String], token: String?) async {
        let run = run(environment, files: ["t": "b\r\nsecond line"])
        #expect(await run.run(["ping", "--count", "2"] + options).code == 0)
        #expect(await run.run(options + ["ping"]).code == 0)
        let expected = token.map { [MetadataField("authorization", "Bearer \($0)")] } ?? []
        #expect(run.server.metadata == [expected, expected, expected])
    }

    @Test("that cannot be sent is refused without being shown", arguments: ["se cret", "sécret", "secret\u{1}"])
    func unsendable(token: String) async {
        for (options, source) in [(["--token", token], "--token"), (["--token-file", "t"], "--token-file t")] {
            let outcome = await run(files: ["t": token]).run(["ping"] + options)
            #expect(outcome.code == 2)
            #expect(
                outcome.errors
                    == "newsrpc-cli: \(source): a token is 1 to 512 characters of ASCII without blanks\n")
        }
        let outcome = await run(["NEWSRPC_TOKEN": token])("ping")
        #expect(outcome.code == 2 && !outcome.errors.contains("cret"))
    }

    @Test("in a file that is not there is a local failure; two options are one too many")
    func options() async {
        let outcome = await run()("ping", "--token-file", "none")
        #expect(outcome.code == 1)
        #expect(outcome.errors == "newsrpc-cli: --token-file: cannot open none: No such file or directory\n")
        let both = await run()("ping", "--token-file", "t", "--token", "a")
        #expect(both.code == 2 && both.errors.hasPrefix("newsrpc-cli: --token and --token-file: one of them"))
    }

    @Test(
        "leaves the machine only with TLS, or by a word of its own",
        arguments: [
            ("127.0.0.1:50051", true), ("127.8.8.8:1", true), ("[::1]:50051", true), ("unix:/run/a.sock", true),
            ("localhost:50051", true), ("dns:///LocalHost:50051", true), ("ipv4:127.0.0.1:1,127.0.0.2:2", true),
            ("news.example.com:50051", false), ("localhost.example.com:1", false), ("192.0.2.1:50051", false),
            ("ipv4:127.0.0.1:1,192.0.2.1:2", false), ("[fe80::1]:50051", false), ("0.0.0.0:50051", false),
        ])
    func inTheClear(server: String, isAllowed: Bool) async {
        let refusal =
            "newsrpc-cli: the token would travel in the clear to \(server): call with --tls, or say "
            + "--insecure-token\n"
        for options in [["--token", "a"], ["-H", "Authorization: Bearer a"]] {
            let outcome = await run().run(["ping", "--server", server] + options)
            #expect(outcome.code == (isAllowed ? 0 : 2))
            if !isAllowed { #expect(outcome.errors == refusal) }
            #expect(await run().run(["ping", "--server", server, "--insecure-token"] + options).code == 0)
            #expect(await run(["NEWSRPC_TLS": "1"]).run(["ping", "--server", server] + options).code == 0)
        }
        #expect(await run().run(["ping", "--server", server]).code == 0)
    }

    @Test("that the server does not take ends with the status's code", arguments: [(7, 71), (16, 80)])
    func refused(code: Int, exit: Int32) async {
        let run = CLIRun()
        run.server.onRaw("Check") { _ throws(RPCError) in
            throw RPCError(.init(rawValue: code), "no", origin: .server, reason: "TOKEN_UNKNOWN")
        }
        let outcome = await run("ping", "--token", "very-secret", "-v")
        #expect(outcome.code == exit)
        #expect(!outcome.errors.contains("very-secret") && !outcome.output.contains("very-secret"))
    }
}
