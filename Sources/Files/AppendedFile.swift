#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A file that is written at its end.
package final class AppendedFile: Sendable {
    private let file: Descriptor

    /// Opens the file, and makes it when it is absent.
    package init(_ path: String, mode: UInt32 = 0o600) throws(FileError) {
        file = try Descriptor(path, O_WRONLY | O_CREAT | O_APPEND, mode: mode, for: .create)
    }

    package func write(_ bytes: Span<UInt8>) throws(FileError) { try file.write(bytes) }

    package func sync() throws(FileError) { try file.sync() }
}
