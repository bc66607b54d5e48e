import Foundation
import TestKit
import Testing

/// grpcio, curl and openssl against a server with TLS.
@Suite("Foreign clients with TLS", .serialized)
struct SecureServerTests {
    private func options(_ certificates: TestCertificates, requiresClients: Bool) -> [String] {
        let own = ["--tls-cert", certificates.path("server.pem"), "--tls-key", certificates.path("server.key")]
        return requiresClients ? own + ["--tls-client-ca", certificates.path("ca.pem")] : own
    }

    @Test(
        "foreign clients are served with TLS, and know why if they are not", .timeLimit(.minutes(5 * Patience.factor)),
        arguments: ["off", "require"])
    func script(mode: String) async throws {
        let certificates = try await TestCertificates.shared
        let python = try await PythonEnvironment.python()
        let server = try await RunningServer.start(options(certificates, requiresClients: mode == "require"))
        let checks = try await Subprocess.run(
            python, ["-B", "-m", "unittest", "--verbose", "secure"],
            environment: [
                "NEWSRPC_SERVER": server.address,
                "NEWSRPC_SAMPLES": Places.samples.path,
                "NEWSRPC_GENERATED": Places.environment.appending(path: "generated").path,
                "NEWSRPC_CERTIFICATES": certificates.folder,
                "NEWSRPC_CLIENT_AUTH": mode,
            ],
            folder: Places.scripts)
        let stopped = try await server.stop()
        #expect(checks.status == 0, "\(checks.output)")
        #expect(stopped.status == 0, "the server on SIGTERM: \(stopped.output)")
    }

    @Test(
        "names in client certificates have scopes, others have none",
        .timeLimit(.minutes(5 * Patience.factor)))
    func certified() async throws {
        let certificates = try await TestCertificates.shared
        let folder = try TemporaryDirectory("certified")
        // SHA-256 of "token-of-token".
        let hash = "39be009594c80cc0c678621eefccc433cfb442c132170ef91b28014ebabf6dc6"
        let entries = [
            #""name":"importer","certificate":"spiffe://example.test/importer","scopes":["articles.write"]"#,
            #""name":"reader","certificate":"reader.test","scopes":["articles.read"]"#,
            #""name":"token","sha256":"\#(hash)","scopes":["articles.read"]"#,
        ]
        let lines = entries.map { "{\($0),\"created\":\"2026-01-01T00:00:00Z\"}\n" }.joined()
        let made = FileManager.default.createFile(
            atPath: folder.entry("tokens"), contents: Data(lines.utf8), attributes: [.posixPermissions: 0o600])
        try #require(made)
        let server = options(certificates, requiresClients: true) + ["--tokens", folder.entry("tokens")]
        try await ForeignClient.run(
            "certified", server,
            environment: ["NEWSRPC_CERTIFICATES": certificates.folder, "NEWSRPC_CLIENT_AUTH": "require"])
    }

    @Test("newsrpc-cli ping asks a server with TLS as the environment says, as health checks of containers do")
    func healthCheck() async throws {
        let certificates = try await TestCertificates.shared
        let server = try await RunningServer.start(options(certificates, requiresClients: true))
        let program = Places.programs.appending(path: "newsrpc-cli").path
        let environment = [
            "NEWSRPC_SERVER": server.address, "NEWSRPC_SERVER_NAME": "localhost",
            "NEWSRPC_CACERT": certificates.path("ca.pem"), "NEWSRPC_CERT": certificates.path("client.pem"),
            "NEWSRPC_KEY": certificates.path("client.key"), "NEWSRPC_TOKEN": "",
        ]
        let asked = try await Subprocess.run(program, ["ping"], environment: environment)
        #expect(asked.status == 0, "\(asked.output)")
        let plain = try await Subprocess.run(program, ["ping"], environment: ["NEWSRPC_SERVER": server.address])
        #expect(plain.status == 5 && plain.output.contains("TLS"), "\(plain.output)")
        #expect(try await server.stop().status == 0)
    }

    @Test(
        "SIGHUP reads the certificate again, and a broken one leaves the old", .timeLimit(.minutes(5 * Patience.factor))
    )
    func hangUp() async throws {
        let certificates = try await TestCertificates.shared
        let folder = try TemporaryDirectory("hup")
        func put(_ name: String, _ kind: String) throws {
            let target = URL(filePath: folder.entry("server.\(kind)"))
            try Data(contentsOf: URL(filePath: certificates.path("\(name).\(kind)"))).write(
                to: target, options: .atomic)
        }
        try put("server", "pem")
        try put("server", "key")
        let server = try await RunningServer.start([
            "--tls-cert", folder.entry("server.pem"), "--tls-key", folder.entry("server.key"),
        ])
        #expect(try await subject(of: server) == "CN = first.test")

        try put("replacement", "pem")
        server.signal(SIGHUP)
        try await server.wait(forLog: "certificate not replaced")
        #expect(try await subject(of: server) == "CN = first.test")

        try put("replacement", "key")
        server.signal(SIGHUP)
        try await server.wait(forLog: "certificate replaced")
        #expect(try await subject(of: server) == "CN = second.test")
        let stopped = try await server.stop()
        #expect(stopped.status == 0, "\(stopped.output)")
    }

    /// Of the certificate that the server shows.
    private func subject(of server: RunningServer) async throws -> String {
        let shown = try await Subprocess.run(
            "openssl", ["s_client", "-connect", server.address, "-alpn", "h2", "-servername", "localhost"])
        let line = shown.output.split(separator: "\n").first { $0.hasPrefix("subject=") }
        return line.map { String($0.dropFirst("subject=".count)) } ?? shown.output
    }

    @Test("newsrpc-cli calls with TLS, and says what is wrong", .timeLimit(.minutes(5 * Patience.factor)))
    func commandLine() async throws {
        let certificates = try await TestCertificates.shared
        let server = try await RunningServer.start(options(certificates, requiresClients: true))
        let program = Places.programs.appending(path: "newsrpc-cli").path
        func ping(_ options: [String]) async throws -> Subprocess.Outcome {
            try await Subprocess.run(program, ["ping", "--server", server.address, "--timeout", "20s"] + options)
        }
        let trust = ["--cacert", certificates.path("ca.pem")]
        let own = ["--cert", certificates.path("client.pem"), "--key", certificates.path("client.key")]
        let good = try await ping(trust + own)
        #expect(good.status == 0, "\(good.output)")
        for (options, text) in [
            (trust, "requires a certificate"), (own + ["--tls"], "unknown authority"), ([], "needs TLS"),
            (trust + own + ["--server-name", "elsewhere"], "not for \"elsewhere\""),
        ] {
            let outcome = try await ping(options)
            #expect(outcome.status == 5)
            #expect(outcome.output.contains(text), "\(options): \(outcome.output)")
        }
        _ = try await server.stop()
    }
}
