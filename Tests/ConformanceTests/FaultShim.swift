import Files
import Foundation

/// The library with which calls on files fail, made once; see Tests/Faults/faults.c.
enum FaultShim {
    private static let making = Task {
        let path = Places.environment.appending(path: "faults.so").path
        // Under a name of its own at first: another run of the tests may be loading it.
        let made = path + ".\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(at: Places.environment, withIntermediateDirectories: true)
        let source = Places.root.appending(path: "Tests/Faults/faults.c").path
        let outcome = try await Subprocess.run(
            "cc", ["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", made, source, "-ldl"])
        guard outcome.status == 0 else { throw Subprocess.Failure(description: outcome.output) }
        try FileSystem.writeAtomically(path, try FileSystem.read(made))
        try FileSystem.remove(made)
        return path
    }

    static func path() async throws -> String { try await making.value }
}
