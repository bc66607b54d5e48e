package import Files
internal import Synchronization

/// A directory of its own for one test, removed with all it holds when the value is freed.
package final class TemporaryDirectory: Sendable {
    package let path: String

    private static let count = Atomic<Int>(0)
    private static let run = UInt64.random(in: 0 ... .max)

    /// - Parameter label: part of the name, so that what a killed run leaves can be told.
    package init(_ label: String = "test") throws(FileError) {
        let number = TemporaryDirectory.count.add(1, ordering: .relaxed).newValue
        let base = ProcessEnvironment.value(of: "TMPDIR") ?? "/tmp"
        path = "\(base)/newsrpc-\(label)-\(String(TemporaryDirectory.run, radix: 36))-\(number)"
        try FileSystem.makeDirectory(path, mode: 0o700)
    }

    deinit { try? FileSystem.removeTree(path) }

    /// The path of an entry, which need not exist.
    package func entry(_ name: String) -> String { path + "/" + name }
}
