internal import Files

/// Where a store is put together, and how it comes under its name when it is whole.
///
/// A folder that is absent is made by one rename. One that is there and empty may be the root of a file system, which
/// no rename can replace: its parts are moved into it, STORE last, without which a folder with shards is no store.
final class RestorePlace {
    /// The folder for the work.
    let path: String
    private let directory: String
    private let partial: PartialFolder?
    private let lock: DirectoryLock?

    private static let workName = ".restoring"
    /// The roots of ext4 file systems have the first; the second is what an interrupted restore left.
    private static let ignoredNames: Set<String> = ["lost+found", workName]

    private static let leftovers = StoreDirectory.unfinishedNames.union([
        StoreFile.name, StopRecord.cleanName + ".new",
    ])

    init(_ directory: String) throws(StoreError) {
        self.directory = directory
        guard try mapped({ () throws(FileError) in try FileSystem.exists(directory) }) else {
            let partial = try PartialFolder(beside: directory, leftovers: RestorePlace.leftovers)
            self.partial = partial
            path = partial.path
            lock = nil
            return
        }
        try FreePlace.check(directory, ignoring: RestorePlace.ignoredNames)
        lock = try PartialFolder.lock(directory)
        partial = nil
        path = directory + "/" + RestorePlace.workName
        let path = path
        try mapped { () throws(FileError) in
            try FileSystem.removeTree(path)
            try FileSystem.makeDirectory(path)
        }
    }

    func install() throws(StoreError) {
        let (path, directory) = (path, directory)
        guard partial == nil else {
            try FreePlace.check(directory)
            return try mapped { () throws(FileError) in
                try FileSystem.setMode(path, 0o755)
                try FileSystem.syncDirectory(path)
                try FileSystem.rename(path, to: directory)
                try FileSystem.syncDirectory(FileSystem.parent(of: PartialFolder.trimmed(directory)))
            }
        }
        try mapped { () throws(FileError) in
            for name in try FileSystem.list(path) where name != StoreFile.name {
                try FileSystem.rename(path + "/" + name, to: directory + "/" + name)
            }
            try FileSystem.syncDirectory(directory)
            try FileSystem.rename(path + "/" + StoreFile.name, to: directory + "/" + StoreFile.name)
            try FileSystem.removeTree(path)
            try FileSystem.syncDirectory(directory)
        }
    }

    func discard() { try? FileSystem.removeTree(path) }
}
