internal import Foundation

/// Certificates of an authority that only tests trust, made by the `openssl` program: see
/// Tests/Fixtures/tls/certificates.sh for what each is good for.
package struct TestCertificates: Sendable {
    package let folder: String

    /// Made when a test first asks for them.
    package static var shared: TestCertificates {
        get async throws { try await made.value }
    }

    /// The path of a file, such as "server.pem".
    package func path(_ name: String) -> String { folder + "/" + name }

    private static let made = Task {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appending(path: ".build/certificates").path
        let script = root.appending(path: "Tests/Fixtures/tls/certificates.sh").path
        // Waiting for a program would hold up other tests.
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try make(folder, by: script) }) }
        }
    }

    private static func make(_ folder: String, by script: String) throws -> TestCertificates {
        let process = Process()
        process.executableURL = URL(filePath: script)
        process.arguments = [folder]
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw NotMade(script: script) }
        return TestCertificates(folder: folder)
    }

    private struct NotMade: Error, CustomStringConvertible {
        let script: String
        var description: String { "\(script) made no certificates; what it says stands above" }
    }
}
