import Foundation

/// A mount namespace with a file system of its own, for as long as it is held: a small disk, or one without writing.
/// Programs that are put behind `prefix` see it; nobody else does.
final class MountNamespace: Sendable {
    /// Whether this process may make one: not in every container.
    static let isPossible: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["unshare", "--mount", "--map-root-user", "true"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// Where the file system is mounted. For others than those behind `prefix` it is an empty folder.
    let folder: String
    private let holder: Process
    private let input: Pipe

    /// - Parameter byteCount: size of the file system, which is in memory.
    init(_ folder: String, byteCount: Int) throws {
        self.folder = folder
        (holder, input) = (Process(), Pipe())
        let output = Pipe()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let script = "mount -t tmpfs -o size=\(byteCount) tmpfs \"$0\" && echo mounted && exec cat"
        holder.executableURL = URL(filePath: "/usr/bin/env")
        holder.arguments = ["unshare", "--mount", "--map-root-user", "sh", "-c", script, folder]
        holder.standardInput = input
        holder.standardOutput = output
        try holder.run()
        guard !output.fileHandleForReading.availableData.isEmpty else {
            throw Subprocess.Failure(description: "\(folder) could not be mounted")
        }
    }

    /// What is put before a program and its arguments.
    var prefix: [String] {
        ["nsenter", "--target", "\(holder.processIdentifier)", "--user", "--mount", "--preserve-credentials"]
    }

    /// Runs a program in it to its end.
    func run(_ program: String, _ arguments: [String]) async throws -> Subprocess.Outcome {
        try await Subprocess.run(prefix[0], prefix.dropFirst() + [program] + arguments)
    }

    /// Unmounts it once the last program in it has ended.
    func end() throws {
        try input.fileHandleForWriting.close()
        holder.waitUntilExit()
    }
}
