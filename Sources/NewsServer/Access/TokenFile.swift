package import Access
package import Files

/// Why the token file could not be read or changed.
package enum TokenFileError: Error, Hashable, Sendable, CustomStringConvertible {
    case file(FileError)
    case fault(path: String, AccessFile.Fault)
    /// Whoever may write it may do everything.
    case writableByOthers(path: String, mode: UInt32)
    case nameTaken(String, path: String)
    case nameUnknown(String, path: String)
    /// Another process changes it at this moment.
    case busy(path: String)

    package var description: String {
        switch self {
        case .file(let error): error.description
        case .fault(let path, let fault): "\(path), \(fault)"
        case .writableByOthers(let path, let mode):
            "\(path) may be written by others than its owner (mode \(String(mode, radix: 8))): chmod 600"
        case .nameTaken(let name, let path): "\(path) has a \"\(name)\" already; revoke it, or choose another name"
        case .nameUnknown(let name, let path): "\(path) has no \"\(name)\""
        case .busy(let path): "\(path) is being changed by another process; try again"
        }
    }
}

/// The file of who may call; see `AccessFile` for what is in it.
package struct TokenFile: Sendable {
    package let path: String

    package init(_ path: String) { self.path = path }

    /// A file of 10,000 entries is far below it.
    private static let byteCountMax = 16 << 20

    package func read() throws(TokenFileError) -> [AccessEntry] { try parse(try bytes()) }

    /// Adds an entry; makes the file when there is none.
    package func add(_ entry: AccessEntry) throws(TokenFileError) {
        try changing { bytes throws(TokenFileError) in
            guard try !parse(bytes).contains(where: { $0.name == entry.name }) else {
                throw .nameTaken(entry.name, path: path)
            }
            let grown = AccessFile.appending(entry, to: bytes)
            _ = try parse(grown)  // What the server would refuse is not written.
            return grown
        }
    }

    /// Takes the entry of this name out.
    package func remove(_ name: String) throws(TokenFileError) {
        try changing { bytes throws(TokenFileError) in
            do throws(AccessFile.Fault) {
                if let rest = try AccessFile.removing(name, from: bytes) { return rest }
            } catch {
                throw .fault(path: path, error)
            }
            throw .nameUnknown(name, path: path)
        }
    }

    /// Replaces the file in one step, so that a server reads the old one or the new one. Two changes would lose one
    /// another: each holds the directory's lock. Not the file's, which is another file after each change; nor a file's
    /// beside it, which would have to stay for good, for people to wonder at.
    private func changing(_ body: ([UInt8]) throws(TokenFileError) -> [UInt8]) throws(TokenFileError) {
        let lock = try files { () throws(FileError) in
            try DirectoryLock(itself: FileSystem.parent(of: path))
        }
        defer { withExtendedLifetime(lock) {} }
        let isThere = try files { () throws(FileError) in try FileSystem.exists(path) }
        let bytes = try body(isThere ? try bytes() : [])
        try files { () throws(FileError) in
            // What an interrupted change left may have another mode, which would stay.
            try FileSystem.remove(path + ".new")
            try FileSystem.writeAtomically(path, bytes, mode: 0o600)
        }
    }

    private func bytes() throws(TokenFileError) -> [UInt8] {
        let stamp = try files { () throws(FileError) in try FileStamp(of: path) }
        guard !stamp.isWritableByOthers else { throw .writableByOthers(path: path, mode: stamp.mode) }
        return try files { () throws(FileError) in try FileSystem.read(path, limit: Self.byteCountMax) }
    }

    private func parse(_ bytes: [UInt8]) throws(TokenFileError) -> [AccessEntry] {
        do throws(AccessFile.Fault) { return try AccessFile.read(bytes) } catch { throw .fault(path: path, error) }
    }

    private func files<Value>(_ body: () throws(FileError) -> Value) throws(TokenFileError) -> Value {
        do throws(FileError) { return try body() } catch {
            throw error.operation == .lock && error.reason == .wouldBlock ? .busy(path: path) : .file(error)
        }
    }
}
