internal import Files

/// A folder beside a target, where that is made until it is whole: NAME.partial. It has what an interrupted backup or
/// restore left until the next one to the same target removes it.
final class PartialFolder {
    let path: String
    private let lock: DirectoryLock

    static let suffix = ".partial"

    /// - Parameter leftovers: names that an interrupted one may have left. A folder with others is somebody's own.
    /// - Throws: `busy` while another process makes the same target.
    init(beside target: String, leftovers: Set<String>) throws(StoreError) {
        let name = PartialFolder.trimmed(target)
        guard !name.hasSuffix(PartialFolder.suffix) else { throw .backup(.reservedName(path: target)) }
        let path = name + PartialFolder.suffix
        self.path = path
        try mapped { () throws(FileError) in
            try FileSystem.makeDirectory(FileSystem.parent(of: path), intermediates: true)
            try FileSystem.makeDirectory(path, mode: 0o700)
        }
        lock = try PartialFolder.lock(path)
        try FreePlace.check(path, ignoring: leftovers)
        try mapped { () throws(FileError) in
            for name in try FileSystem.list(path) { try FileSystem.removeTree(path + "/" + name) }
        }
    }

    static func lock(_ path: String) throws(StoreError) -> DirectoryLock {
        do throws(FileError) {
            return try DirectoryLock(itself: path)
        } catch {
            throw error.reason == .wouldBlock ? .backup(.busy(path: path)) : StoreError(error)
        }
    }

    static func trimmed(_ path: String) -> String {
        var path = Substring(path)
        while path.count > 1, path.last == "/" { path.removeLast() }
        return String(path)
    }

    /// Removes it with all it holds. A failure leaves it for the next one.
    func discard() { try? FileSystem.removeTree(path) }
}

/// Whether something can be put at the path.
enum FreePlace {
    /// - Parameter ignored: names that may lie in the folder.
    static func check(_ path: String, ignoring ignored: Set<String> = []) throws(StoreError) {
        let isFree = try mapped { () throws(FileError) in
            switch try FileSystem.kind(path) {
            case nil: true
            case .directory: try FileSystem.list(path).allSatisfy { ignored.contains($0) }
            case .file, .other: false
            }
        }
        guard isFree else { throw .backup(.exists(path: path)) }
    }
}
