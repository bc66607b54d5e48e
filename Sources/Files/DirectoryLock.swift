#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// The sole right to a directory, among processes and within this one.
///
/// Held by flock(2) on a file in it, so it ends with the process however that ends: a lock file left behind locks
/// nothing. Or on the directory itself, for a moment's work that leaves no file behind; network file systems may not
/// know that.
package final class DirectoryLock: Sendable {
    private let file: Descriptor

    /// Takes the lock, or fails with `.wouldBlock` when another holds it and keeps it for half a second.
    ///
    /// - Parameter name: of the lock file in `directory`, made when absent. It is never removed: between removal and
    ///   creation two holders would lock two files.
    package init(_ directory: String, name: String = "LOCK") throws(FileError) {
        let path = directory + "/" + name
        file = try Descriptor(path, O_RDWR | O_CREAT, mode: 0o644, for: .lock)
        try Self.lock(file.number, path)
    }

    /// Takes the lock of the directory itself, or fails with `.wouldBlock`.
    package init(itself directory: String) throws(FileError) {
        file = try Descriptor(directory, O_RDONLY | O_DIRECTORY, for: .lock)
        try Self.lock(file.number, directory)
    }

    /// A child process has the locks of its parent from fork to exec, and a process that was stopped may be about to
    /// end: neither is worth a refusal.
    private static func lock(_ number: Int32, _ path: String) throws(FileError) {
        for attempt in 0... {
            if retryingOnInterrupt({ Int(flock(number, LOCK_EX | LOCK_NB)) }) == 0 { return }
            let error = FileError.last(.lock, path)
            guard error.reason == .wouldBlock, attempt < 50 else { throw error }
            _ = poll(nil, 0, 10)  // Waits for 10 ms; there are no descriptors to look at.
        }
    }
}
