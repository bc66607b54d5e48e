import Foundation
import TestKit
import Testing

/// Who may call, seen from outside: the programs as they are run, and grpcio.
@Suite("Tokens and addresses, as an operator meets them")
struct TokenTests {
    private let server = Places.programs.appending(path: "newsrpc-server").path
    private let client = Places.programs.appending(path: "newsrpc-cli").path

    private func write(_ text: String, to path: String) throws {
        let made = FileManager.default.createFile(
            atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        try #require(made)
    }

    @Test("grpcio may do what its token's scopes say", .timeLimit(.minutes(5 * Patience.factor)))
    func foreign() async throws {
        let folder = try TemporaryDirectory("tokens")
        // SHA-256 of "token-of-reader" and so on.
        let entries = [
            ("reader", "f9e36f90379bbb3c10c8874dde93c9c078b38316c1d9d076ea507844b76d2278", "articles.read", ""),
            ("writer", "e79323b5f8f14b0c255aecdba137fef1ceca8bd46d378871117f61a01de2f132", "articles.write", ""),
            (
                "late", "6f49367663df9148ba7a25e2bb2ebe280d14ead0c539d813f7cf4072ff9daef0", "articles.read",
                #","expires":"2026-01-02T00:00:00Z""#
            ),
            (
                "slow", "05afc16b0252854573a69f8695de229881608b81d176205ae63a7bcb00ecd132", "articles.read",
                #","limits":{"callsPerSecond":1}"#
            ),
        ]
        let lines = entries.map { name, hash, scope, more in
            #"{"name":"\#(name)","sha256":"\#(hash)","scopes":["\#(scope)"],"created":"2026-01-01T00:00:00Z"\#(more)}"#
        }
        try write(lines.joined(separator: "\n"), to: folder.entry("tokens"))
        try await ForeignClient.run("tokens", ["--tokens", folder.entry("tokens")])
    }

    @Test("a token is made, serves, and is revoked while the server runs", .timeLimit(.minutes(5 * Patience.factor)))
    func life() async throws {
        let folder = try TemporaryDirectory("tokens")
        let option = ["--tokens", folder.entry("tokens")]
        func make(_ name: String, _ scope: String) async throws -> String {
            let made = try await Subprocess.run(
                server, ["token", "create", "--name", name, "--scope", scope] + option)
            try #require(made.status == 0, "\(made.output)")
            return try #require(made.output.split(separator: "\n").first { $0.hasPrefix("nrpc_") }).description
        }
        let token = try await make("reader", "articles.read")
        #expect(token.utf8.count == 48)
        let kept = try String(contentsOfFile: folder.entry("tokens"), encoding: .utf8)
        #expect(!kept.contains(token) && kept.contains(#""name":"reader""#))

        let running = try await RunningServer.start(option + ["--reload-interval", "0.1"])
        func run(_ arguments: [String], _ token: String) async throws -> Subprocess.Outcome {
            try await Subprocess.run(
                client, arguments + ["--server", running.address], environment: ["NEWSRPC_TOKEN": token])
        }
        #expect(try await run(["list"], token).status == 0)
        let missing = try await run(["list"], "")
        #expect(missing.status == 80 && missing.output.contains("UNAUTHENTICATED (TOKEN_MISSING)"))
        let denied = try await run(["import", Places.samples.path + "/003_59471dc68994d382.txt"], token)
        #expect(denied.status == 71 && denied.output.contains("articles.write"))
        #expect(!denied.output.contains(token))

        // A second token comes in, and the first one goes, without a restart.
        let second = try await make("other", "articles.read")
        #expect(try await eventually { try await run(["list"], second).status == 0 })
        let revoked = try await Subprocess.run(server, ["token", "revoke", "reader"] + option)
        #expect(revoked.status == 0)
        #expect(try await eventually { try await run(["list"], token).status == 80 })
        #expect(try await run(["list"], second).status == 0)
        let listed = try await Subprocess.run(server, ["token", "list"] + option)
        #expect(listed.output.contains("other\tarticles.read\t") && !listed.output.contains("reader"))

        // A broken file changes nothing.
        try write("{", to: folder.entry("tokens"))
        #expect(try await eventually { running.log().contains("tokens not read") })
        #expect(try await run(["list"], second).status == 0)
        #expect(try await running.stop().status == 0)
    }

    @Test(
        "a command line that is wrong is refused with 2, by name",
        arguments: [
            (["--data", "x", "--listen", "0.0.0.0:0"], "0.0.0.0:0 is not on loopback"),
            (["--data", "x", "--listen", "127.0.0.1:0", "--listen", "[::]:0"], "[::]:0 is not on loopback"),
            (["--data", "x", "--listen", "0.0.0.0:0", "--tokens", "t"], "tokens would travel in the clear"),
            (["--data", "x", "--no-anonymous"], "--no-anonymous needs --tokens"),
            (["--data", "x", "--limit-calls-in-flight", "0"], "--limit-calls-in-flight 0: must be 1 or more"),
            (["--data", "x", "--limit-call-burst", "3"], "--limit-call-burst needs --limit-calls-per-second"),
            (["--data", "x", "--limit-bytes-in-flight", "1MB"], "--limit-bytes-in-flight"),
            (["--data", "x", "--unread-replies-max", "1000KiB"], "1000KiB: must be 8MiB or more"),
            (["--data", "x", "--requests-in-memory-max", "1MiB"], "1MiB: must be 8MiB or more"),
            (["--data", "x", "--window-stall-timeout", "0s"], "times must be more than nothing"),
            (["token", "create", "--name", "a b", "--scope", "admin", "--tokens", "t"], "--name a b"),
            (["token", "create", "--name", "a", "--scope", "root", "--tokens", "t"], "articles.read"),
            (["token", "create", "--name", "a", "--scope", "admin", "--expires", "yesterday", "--tokens", "t"], "90d"),
        ])
    func usage(arguments: [String], message: String) async throws {
        let folder = try TemporaryDirectory("usage")
        let outcome = try await Subprocess.run(server, arguments, folder: URL(filePath: folder.path))
        #expect(outcome.status == 2 && outcome.output.contains(message), "\(outcome.output)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("a token file that is not there, or that others may write, keeps the server from starting")
    func badFile() async throws {
        let folder = try TemporaryDirectory("tokens")
        let arguments = ["--data", folder.entry("store"), "--listen", "127.0.0.1:0", "--tokens", folder.entry("t")]
        let absent = try await Subprocess.run(server, arguments)
        #expect(absent.status == 1 && absent.output.contains("\(folder.entry("t")): No such file"), "\(absent.output)")
        try write("", to: folder.entry("t"))
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: folder.entry("t"))
        let open = try await Subprocess.run(server, arguments)
        #expect(open.status == 1 && open.output.contains("may be written by others"), "\(open.output)")
    }

    /// Asks until it is so, at most for a while.
    private func eventually(_ body: () async throws -> Bool) async throws -> Bool {
        let deadline = Date.now + 30
        while Date.now < deadline {
            if try await body() { return true }
            await Task.yield()
        }
        return false
    }
}
