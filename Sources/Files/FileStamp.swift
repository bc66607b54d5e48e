#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// What tells one state of a file from another without reading it.
package struct FileStamp: Hashable, Sendable {
    private let device: UInt64
    package let inode: UInt64
    private let byteCount: Int64
    /// Nanoseconds since 1970, as the file system keeps them.
    private let modified: Int64
    /// Permission bits, such as 0o600.
    package let mode: UInt32

    /// Of the file at `path`, links followed.
    package init(of path: String) throws(FileError) {
        guard !path.utf8.contains(0), !path.isEmpty else { throw FileError(.examine, path, code: 0) }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .last(.examine, path) }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        byteCount = Int64(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        mode = UInt32(status.st_mode) & 0o7777
    }

    /// All of it but device and permissions, which may change while the file stays the same: "1837-4096-1763800000".
    package var text: String { "\(inode)-\(byteCount)-\(modified)" }

    /// Whether others than the file's owner may write it.
    package var isWritableByOthers: Bool { mode & 0o022 != 0 }
}
