import Foundation

/// A server of grpcio on a free port. Ends with the value, or with this process.
final class ForeignServer: Sendable {
    let port: String
    private let process: Process
    private let input: Pipe

    /// - Parameters:
    ///   - options: of its channel, such as "grpc.max_concurrent_streams=2".
    ///   - port: where it listens; a free one unless given.
    static func start(_ options: [String] = [], port: String = "0") async throws -> ForeignServer {
        let python = try await PythonEnvironment.python()
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try ForeignServer(python, [port] + options) })
            }
        }
    }

    var address: String { "127.0.0.1:\(port)" }

    /// Ends it at once, with all its calls. By SIGKILL: it has inherited a mask that holds other signals back.
    func end() async {
        kill(process.processIdentifier, SIGKILL)
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                self.process.waitUntilExit()
                continuation.resume()
            }
        }
    }

    private init(_ python: String, _ arguments: [String]) throws {
        process = Process()
        input = Pipe()
        process.executableURL = URL(filePath: python)
        process.arguments = ["-B", Places.scripts.appending(path: "serving.py").path] + arguments
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            line += more
        }
        let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines)
        let parts = text.components(separatedBy: "listening on ")
        guard parts.count == 2 else { throw Subprocess.Failure(description: "grpcio did not start: \(text)") }
        port = parts[1]
    }

    deinit {
        try? input.fileHandleForWriting.close()
    }
}
