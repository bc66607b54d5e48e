import Foundation
import TestKit
import Testing

/// Peers that speak HTTP/2 by hand, and servers with options of their own: attacks, care of connections, drains, kills.
/// The checks are in Tests/Conformance; each starts the servers that it needs and bounds itself in time.
@Suite(.serialized)
struct HardPeerTests {
    @Test(
        "hard peers find a server that looks after itself and everybody else",
        .timeLimit(.minutes(6 * Patience.factor)),
        arguments: ["care", "abuse", "memory", "killing", "losing"])
    func script(name: String) async throws {
        let python = try await PythonEnvironment.python()
        let checks = try await Subprocess.run(
            python, ["-B", "-m", "unittest", "--verbose", name],
            environment: [
                "NEWSRPC_PROGRAM": Places.programs.appending(path: "newsrpc-server").path,
                "NEWSRPC_SAMPLES": Places.samples.path,
                "NEWSRPC_GENERATED": Places.environment.appending(path: "generated").path,
            ],
            folder: Places.scripts)
        #expect(checks.status == 0, "\(checks.output)")
    }
}
