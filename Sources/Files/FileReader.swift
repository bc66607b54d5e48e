#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A file read piece by piece, for files that are larger than memory should hold.
package final class FileReader: Sendable {
    private let file: Descriptor

    package init(_ path: String) throws(FileError) {
        file = try Descriptor(path, O_RDONLY, for: .open)
    }

    /// The next bytes, `count` of them unless the file ends first; empty: its end.
    package func read(upTo count: Int) throws(FileError) -> [UInt8] { try file.read(upTo: count) }

    /// Those from a place of the file, fewer if it ends first. What has no places, such as a pipe, is a failure.
    ///
    /// - Parameter count: at least 1.
    package func read(upTo count: Int, at offset: Int) throws(FileError) -> [UInt8] {
        try file.read(upTo: count, at: offset)
    }
}
