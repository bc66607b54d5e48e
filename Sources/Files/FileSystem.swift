#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// Files and directories by path. Every failure says what was being done to which path.
package enum FileSystem {
    package enum Kind: Hashable, Sendable { case file, directory, other }

    /// The whole file.
    ///
    /// - Parameter limit: a larger file is refused as `.tooLarge` once this much has been read.
    package static func read(_ path: String, limit: Int = 1 << 30) throws(FileError) -> [UInt8] {
        let file = try Descriptor(path, O_RDONLY, for: .open)
        let bytes = try file.read(upTo: limit + 1)
        guard bytes.count <= limit else { throw FileError(.read, path, code: EFBIG) }
        return bytes
    }

    /// The first bytes of a file, at most `count`.
    package static func readPrefix(_ path: String, count: Int) throws(FileError) -> [UInt8] {
        let file = try Descriptor(path, O_RDONLY, for: .open)
        return try file.read(upTo: count)
    }

    /// Makes or replaces the file in one step: after a crash it is there whole, with the old or the new content.
    ///
    /// Writes `path` + ".new", syncs it, renames it and syncs the directory.
    package static func writeAtomically(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o644) throws(FileError) {
        let temporary = path + ".new"
        do {
            let file = try Descriptor(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: mode, for: .create)
            try file.write(bytes.span)
            try file.sync()
        } catch {
            _ = unsafe unlink(temporary)
            throw error
        }
        try rename(temporary, to: path)
        try syncDirectory(parent(of: path))
    }

    /// Makes a directory and, with `intermediates`, those above it. One that is there already is no error.
    package static func makeDirectory(
        _ path: String, mode: UInt32 = 0o755, intermediates: Bool = false
    ) throws(FileError) {
        guard !path.utf8.contains(0), !path.isEmpty else { throw FileError(.create, path, code: 0) }
        if unsafe mkdir(path, mode) == 0 { return }
        let code = errno
        if code == ENOENT, intermediates {
            let above = parent(of: path)
            guard above != path else { throw FileError(.create, path, code: code) }
            try makeDirectory(above, mode: mode, intermediates: true)
            return try makeDirectory(path, mode: mode)
        }
        if code == EEXIST {
            guard try kind(path) == .directory else { throw FileError(.create, path, code: ENOTDIR) }
            return
        }
        throw FileError(.create, path, code: code)
    }

    /// Makes the names in a directory durable: those that were created, renamed or removed.
    package static func syncDirectory(_ path: String) throws(FileError) {
        let directory = try Descriptor(path, O_RDONLY | O_DIRECTORY, for: .sync)
        try directory.sync()
    }

    /// The names in a directory, without "." and "..", in order of their bytes.
    package static func list(_ path: String) throws(FileError) -> [String] {
        guard !path.utf8.contains(0), !path.isEmpty else { throw FileError(.list, path, code: 0) }
        guard let stream = unsafe opendir(path) else { throw .last(.list, path) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                guard errno == 0 else { throw .last(.list, path) }
                break
            }
            // The entry is valid until the next readdir, and its name ends with a NUL within it.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// What is at the path, links followed; `nil` when nothing is.
    package static func kind(_ path: String) throws(FileError) -> Kind? {
        guard let status = try status(path) else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    package static func exists(_ path: String) throws(FileError) -> Bool { try status(path) != nil }

    /// Bytes in a file.
    package static func size(_ path: String) throws(FileError) -> Int {
        guard let status = try status(path) else { throw FileError(.examine, path, code: ENOENT) }
        return Int(status.st_size)
    }

    /// When the file was last written, in microseconds since 1970.
    package static func modificationTime(_ path: String) throws(FileError) -> Int64 {
        guard let status = try status(path) else { throw FileError(.examine, path, code: ENOENT) }
        return Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1000
    }

    /// Sets who may read and write the file, such as 0o600.
    package static func setMode(_ path: String, _ mode: UInt32) throws(FileError) {
        guard !path.utf8.contains(0), !path.isEmpty else { throw FileError(.create, path, code: 0) }
        guard unsafe chmod(path, mode) == 0 else { throw .last(.create, path) }
    }

    /// Removes a file. One that is absent is no error.
    package static func remove(_ path: String) throws(FileError) {
        guard !path.utf8.contains(0), !path.isEmpty else { throw FileError(.remove, path, code: 0) }
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .last(.remove, path) }
    }

    /// Removes a directory with all it holds; links in it are removed and not followed. An absent one is no error.
    package static func removeTree(_ path: String) throws(FileError) {
        guard !path.utf8.contains(0), !path.isEmpty else { throw FileError(.remove, path, code: 0) }
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw .last(.remove, path)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return try remove(path) }
        for name in try list(path) { try removeTree(path + "/" + name) }
        guard unsafe rmdir(path) == 0 else { throw .last(.remove, path) }
    }

    /// Renames, replacing what has the new name. Durable after `syncDirectory` of the directory.
    package static func rename(_ path: String, to newPath: String) throws(FileError) {
        guard !path.utf8.contains(0), !newPath.utf8.contains(0) else { throw FileError(.rename, path, code: 0) }
        #if canImport(Glibc)
        let result = unsafe Glibc.rename(path, newPath)
        #else
        let result = unsafe Musl.rename(path, newPath)
        #endif
        guard result == 0 else { throw .last(.rename, path) }
    }

    /// Gives a file a second name on the same file system. The name must be free. Durable after `syncDirectory`.
    package static func link(_ path: String, as newPath: String) throws(FileError) {
        guard !path.utf8.contains(0), !newPath.utf8.contains(0) else { throw FileError(.link, path, code: 0) }
        #if canImport(Glibc)
        let result = unsafe Glibc.link(path, newPath)
        #else
        let result = unsafe Musl.link(path, newPath)
        #endif
        guard result == 0 else { throw .last(.link, path) }
    }

    /// The directory that holds the path: "/a" for "/a/b", "." for "b".
    package static func parent(of path: String) -> String {
        var trimmed = Substring(path)
        while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    private static func status(_ path: String) throws(FileError) -> stat? {
        guard !path.utf8.contains(0), !path.isEmpty else { throw FileError(.examine, path, code: 0) }
        var status = stat()
        if unsafe stat(path, &status) == 0 { return status }
        guard errno == ENOENT || errno == ENOTDIR else { throw .last(.examine, path) }
        return nil
    }
}
