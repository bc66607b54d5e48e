import Foundation

/// Runs a program to its end.
enum Subprocess {
    struct Outcome: Sendable {
        let status: Int32
        /// What it wrote to both streams, in the order of arrival.
        let output: String
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// On a thread of its own: waiting for a program would hold up other tests.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], folder: URL? = nil
    ) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        try wait(for: program, arguments, environment: environment, folder: folder)
                    })
            }
        }
    }

    private static func wait(
        for program: String, _ arguments: [String], environment: [String: String], folder: URL?
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = folder
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
    }
}
