#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// What the operating system refused: which call, on which path, and why.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done, as it reads after "cannot".
    package enum Operation: String, Sendable {
        case open, read, write, sync, rename, remove, list, lock, create, examine, start, link
    }

    /// The causes that callers tell apart.
    package enum Reason: Hashable, Sendable {
        case notFound, alreadyExists, permissionDenied, readOnly, noSpace, notDirectory, isDirectory, notEmpty
        case tooManyOpenFiles, wouldBlock, brokenPipe, tooLarge
        /// The path holds a NUL, which the system would take for its end, or a part that leads elsewhere.
        case badPath
        case other
    }

    package let operation: Operation
    package let path: String
    /// The system's errno; 0 for `badPath`, which never reached the system.
    package let code: Int32

    package init(_ operation: Operation, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    package var reason: Reason {
        switch code {
        case 0: .badPath
        case ENOENT: .notFound
        case EEXIST: .alreadyExists
        case EACCES, EPERM: .permissionDenied
        case EROFS: .readOnly
        case ENOSPC, EDQUOT: .noSpace
        case ENOTDIR: .notDirectory
        case EISDIR: .isDirectory
        case ENOTEMPTY: .notEmpty
        case EMFILE, ENFILE: .tooManyOpenFiles
        case EWOULDBLOCK: .wouldBlock
        case EPIPE: .brokenPipe
        // Of a write it is the largest size of files that the process may make: room that it does not have.
        case EFBIG: operation == .read ? .tooLarge : .noSpace
        default: .other
        }
    }

    /// "cannot open /data/STORE: No such file or directory".
    package var description: String { "cannot \(operation.rawValue) \(path): \(FileError.text(of: code))" }

    /// The system's words for an errno.
    package static func text(of code: Int32) -> String {
        guard code != 0 else { return "not a usable path" }
        var buffer = [CChar](repeating: 0, count: 256)
        // The buffer outlives the call; strerror_r ends what it writes with a NUL, and needs no lock.
        return unsafe buffer.withUnsafeMutableBufferPointer { room in
            guard let start = room.baseAddress, unsafe strerror_r(code, start, room.count) == 0 else {
                return "error \(code)"
            }
            return unsafe String(cString: start)
        }
    }
}

extension FileError {
    /// The error of the call that has just failed.
    static func last(_ operation: Operation, _ path: String) -> FileError {
        FileError(operation, path, code: errno)
    }
}
