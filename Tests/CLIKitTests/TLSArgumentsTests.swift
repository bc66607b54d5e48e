import CLIKit
import NewsClient
import Testing

@Suite("Options of TLS") struct TLSArgumentsTests {
    /// What the program would speak with its server after these arguments.
    private func called(
        _ arguments: [String], _ variables: [String: String] = [:], server: String = "localhost:1"
    ) async -> ClientTLS? {
        var cli = CLIRun()
        cli.environment.merge(variables) { $1 }
        let outcome = await cli.run(["ping", "--server", server] + arguments)
        #expect(outcome.code != 2, "\(outcome.errors)")  // The server of these tests knows no ping.
        #expect(cli.places.last?.address == server)
        return cli.places.last?.tls
    }

    @Test("without an option or a variable there is no TLS")
    func off() async {
        #expect(await called([]) == nil)
        #expect(await called([], ["NEWSRPC_TLS": "0"]) == nil)
        #expect(await called([], ["NEWSRPC_CACERT": ""]) == nil)
    }

    @Test(
        "each option turns TLS on",
        arguments: [["--tls"], ["--cacert", "a"], ["--cert", "a", "--key", "b"], ["--server-name", "a"]])
    func on(arguments: [String]) async {
        #expect(await called(arguments) != nil)
    }

    @Test("options of TLS may stand before the command")
    func order() async {
        let cli = CLIRun()
        let outcome = await cli.run(["--tls", "--cacert", "a", "--server-name=b", "ping"])
        #expect(outcome.code != 2, "\(outcome.errors)")  // The server of these tests knows no ping.
        #expect(cli.places.last?.tls?.authoritiesFile == "a")
        #expect(cli.places.last?.tls?.serverName == "b")
    }

    @Test("options stand before variables, and variables before nothing")
    func precedence() async throws {
        let variables = [
            "NEWSRPC_CACERT": "ca.env", "NEWSRPC_CERT": "cert.env", "NEWSRPC_KEY": "key.env",
            "NEWSRPC_SERVER_NAME": "name.env",
        ]
        let tls = try #require(await called(["--cacert", "ca.option", "--server-name", "name.option"], variables))
        #expect(tls.authoritiesFile == "ca.option")
        #expect(tls.certificateFile == "cert.env")
        #expect(tls.keyFile == "key.env")
        #expect(tls.serverName == "name.option")
        #expect(await called([], ["NEWSRPC_TLS": "1"]) == ClientTLS())
    }

    @Test("variables do not count for a unix socket, options do")
    func unixSocket() async {
        #expect(await called([], ["NEWSRPC_TLS": "1"], server: "unix:/run/newsrpc.sock") == nil)
        #expect(await called(["--tls"], server: "unix:/run/newsrpc.sock") != nil)
    }

    @Test("a certificate without its key is wrong usage, and so is a key alone", arguments: ["--cert", "--key"])
    func alone(option: String) async {
        let outcome = await CLIRun().run(["ping", option, "file"])
        #expect(outcome.code == 2)
        #expect(outcome.errors == "newsrpc-cli: --cert and --key go together\n")
    }
}
