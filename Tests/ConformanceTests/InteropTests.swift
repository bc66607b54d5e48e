import Foundation
import TestKit
import Testing

/// The published interop tests between the test programs of this package and grpcio, in both directions.
@Suite(.serialized)
struct InteropTests {
    @Test("every interop case passes with grpcio as server and as client", .timeLimit(.minutes(10 * Patience.factor)))
    func interop() async throws {
        _ = try await PythonEnvironment.python()
        let outcome = try await Subprocess.run(
            Places.scripts.appending(path: "interop.sh").path, [Places.programs.path, Places.environment.path])
        #expect(outcome.status == 0, "\(outcome.output)")
    }
}
