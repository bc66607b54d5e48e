import Foundation

/// The library with which calls on files fail, made once; see Tests/Faults/faults.c.
enum FaultShim {
    private static let making = Task {
        let path = Places.environment.appending(path: "faults.so").path
        try FileManager.default.createDirectory(at: Places.environment, withIntermediateDirectories: true)
        let source = Places.root.appending(path: "Tests/Faults/faults.c").path
        let outcome = try await Subprocess.run(
            "cc", ["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", path, source, "-ldl"])
        guard outcome.status == 0 else { throw Subprocess.Failure(description: outcome.output) }
        return path
    }

    static func path() async throws -> String { try await making.value }
}
