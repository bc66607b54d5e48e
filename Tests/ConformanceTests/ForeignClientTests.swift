import Foundation
import TestKit
import Testing

/// Clients that share no line with this package: grpcio with code generated from Protos/,
/// and the programs of nghttp2. The checks themselves are in Tests/Conformance.
@Suite(.serialized)
struct ForeignClientTests {
    @Test(
        "foreign clients get what the contract says",
        .timeLimit(.minutes(5 * Patience.factor)),
        arguments: [
            "reading", "listing", "creating", "changing", "engaging", "watching", "importing", "calling", "reflecting",
            "wire",
        ])
    func script(name: String) async throws { try await ForeignClient.run(name) }

    @Test("they get the same from a server that answers writes before the last flush", .timeLimit(.minutes(5)))
    func relaxed() async throws { try await ForeignClient.run("changing", ["--durability", "relaxed=5ms"]) }
}

/// A file of Tests/Conformance against a server of its own.
enum ForeignClient {
    /// - Parameters:
    ///   - options: further ones of the server.
    ///   - environment: further variables of the script.
    static func run(_ name: String, _ options: [String] = [], environment: [String: String] = [:]) async throws {
        let python = try await PythonEnvironment.python()
        let server = try await RunningServer.start(options)
        let checks = try await Subprocess.run(
            python, ["-B", "-m", "unittest", "--verbose", name],
            environment: [
                "NEWSRPC_SERVER": server.address,
                "NEWSRPC_SAMPLES": Places.samples.path,
                "NEWSRPC_GENERATED": Places.environment.appending(path: "generated").path,
            ].merging(environment) { $1 },
            folder: Places.scripts)
        let stopped = try await server.stop()
        #expect(checks.status == 0, "\(checks.output)")
        #expect(stopped.status == 0, "the server on SIGTERM: \(stopped.output)")
    }
}
