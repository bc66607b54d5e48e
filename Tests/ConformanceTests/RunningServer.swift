import Foundation
import TestKit

/// A `newsrpc-server` on a free port and a store of its own. Stopped and swept away by `stop`.
struct RunningServer: Sendable {
    let address: String
    private let process: Process
    private let folder: URL

    /// - Parameter options: further ones of `newsrpc-server`.
    static func start(_ options: [String] = []) async throws -> RunningServer {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try launch(options) }) }
        }
    }

    private static func launch(_ options: [String]) throws -> RunningServer {
        let folder = FileManager.default.temporaryDirectory.appending(path: "newsrpc-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let log = folder.appending(path: "log")
        try Data().write(to: log)

        let process = Process()
        process.executableURL = Places.programs.appending(path: "newsrpc-server")
        process.arguments =
            [
                "--data", folder.appending(path: "store").path, "--listen", "127.0.0.1:0", "--time-zone",
                "Asia/Shanghai",
            ] + options
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()

        let ready = firstLine(of: output.fileHandleForReading)
        guard let address = address(in: ready) else {
            process.terminate()
            process.waitUntilExit()
            let said = try String(contentsOf: log, encoding: .utf8)
            try FileManager.default.removeItem(at: folder)
            throw Subprocess.Failure(description: "the server did not start: \(ready) \(said)")
        }
        return RunningServer(address: address, process: process, folder: folder)
    }

    /// "newsrpc-server 0.1.0 listening on 127.0.0.1:40001, 0 articles in 0 shards, ready in 4 ms"
    private static func address(in line: String) -> String? {
        let parts = line.components(separatedBy: " listening on ")
        return parts.count == 2 ? parts[1].split(separator: ",").first.map(String.init) : nil
    }

    private static func firstLine(of handle: FileHandle) -> String {
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let more = handle.availableData
            if more.isEmpty { break }
            line += more
        }
        return String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// What it has written to the standard error so far.
    func log() -> String { (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Returns once a line of the standard error holds `text`.
    func wait(forLog text: String) async throws {
        let log = folder.appending(path: "log").path
        // `tail` waits for the file to grow, and ends when `grep` has seen the line.
        let script = "timeout \"$2\" grep -m 1 -F -e \"$1\" < <(exec tail --pid=$$ -n +1 -f \"$0\" 2>&-)"
        let found = try await Subprocess.run("bash", ["-c", script, log, text, "\(60 * Patience.factor)"])
        guard found.status == 0 else { throw Subprocess.Failure(description: "the log never said: \(text)") }
    }

    /// What it wrote to the standard error, and the status that it ended with after SIGTERM.
    func stop() async throws -> Subprocess.Outcome {
        process.terminate()
        let status = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                process.waitUntilExit()
                continuation.resume(returning: process.terminationStatus)
            }
        }
        let log = try String(contentsOf: folder.appending(path: "log"), encoding: .utf8)
        try FileManager.default.removeItem(at: folder)
        return Subprocess.Outcome(status: status, output: log)
    }
}
