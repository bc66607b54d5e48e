internal import Files

/// Where the files of a backup are written, one after the other. Nothing is there under the target's name before
/// `finish` has returned.
protocol BackupSink: AnyObject {
    /// - Parameter byteCount: that follow, exactly.
    func begin(_ file: String, byteCount: Int) throws(StoreError)
    func write(_ bytes: [UInt8]) throws(StoreError)
    func end() throws(StoreError)

    /// Takes over a file of another backup without copying it.
    ///
    /// - Returns: `false` when that cannot be done here.
    func link(_ path: String, as file: String) throws(StoreError) -> Bool

    func finish() throws(StoreError)

    /// Removes what was written.
    func discard()
}

/// A backup in a folder.
final class FolderSink: BackupSink {
    private let target: String
    private let partial: PartialFolder
    private var current: AppendedFile?

    init(_ target: String) throws(StoreError) {
        self.target = PartialFolder.trimmed(target)
        try FreePlace.check(target)
        partial = try PartialFolder(
            beside: target, leftovers: [BackupManifest.folderName, BackupManifest.fileName])
        let folder = partial.path + "/" + BackupManifest.folderName
        try mapped { () throws(FileError) in try FileSystem.makeDirectory(folder, mode: 0o700) }
    }

    func begin(_ file: String, byteCount: Int) throws(StoreError) {
        let path = partial.path + "/" + file
        // STORE holds the key of the page tokens, and articles are nobody else's business either.
        current = try mapped { () throws(FileError) in try AppendedFile(path, mode: 0o600) }
    }

    func write(_ bytes: [UInt8]) throws(StoreError) {
        try mapped { () throws(FileError) in try current?.write(bytes.span) }
    }

    func end() throws(StoreError) {
        try mapped { () throws(FileError) in try current?.sync() }
        current = nil
    }

    func link(_ path: String, as file: String) throws(StoreError) -> Bool {
        do throws(FileError) {
            try FileSystem.link(path, as: partial.path + "/" + file)
            return true
        } catch {
            // Another file system, one without links, too many names, another owner: a copy does as well.
            guard error.reason == .noSpace else { return false }
            throw StoreError(error)
        }
    }

    func finish() throws(StoreError) {
        let (path, target) = (partial.path, target)
        try FreePlace.check(target)
        try mapped { () throws(FileError) in
            try FileSystem.syncDirectory(path + "/" + BackupManifest.folderName)
            try FileSystem.syncDirectory(path)
            try FileSystem.rename(path, to: target)
            try FileSystem.syncDirectory(FileSystem.parent(of: target))
        }
    }

    func discard() {
        current = nil
        partial.discard()
    }
}
