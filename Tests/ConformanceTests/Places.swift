import Foundation

/// Where things lie.
enum Places {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let scripts = root.appending(path: "Tests/Conformance")
    static let samples = root.appending(path: "Samples")
    /// Python and the code generated for it; kept from one run to the next.
    static let environment = root.appending(path: ".build/conformance")
    /// The programs lie beside the tests.
    static let programs = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
}

/// A Python with grpcio and the generated code, made once.
enum PythonEnvironment {
    private static let preparation = Task {
        let outcome = try await Subprocess.run(
            Places.scripts.appending(path: "prepare.sh").path, [Places.environment.path])
        guard outcome.status == 0 else { throw Subprocess.Failure(description: outcome.output) }
    }

    static func python() async throws -> String {
        try await preparation.value
        return Places.environment.appending(path: "venv/bin/python").path
    }
}
