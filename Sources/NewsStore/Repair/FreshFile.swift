internal import Files
internal import LMDB

/// An environment that is being made to replace another one: under a name of its own, which the next start removes if
/// it is never finished, until it is whole and on disk.
final class FreshFile {
    /// The folder that it is for.
    let path: String
    private let work: String
    private var made: Environment?

    init(for path: String, work: String, _ tables: [String], mapSize: Int) throws(StoreError) {
        self.path = path
        self.work = work
        try mapped { () throws(FileError) in
            try FileSystem.removeTree(work)
            try FileSystem.makeDirectory(work)
        }
        var options = EnvironmentOptions(tables: tables)
        options.create = true
        options.mapSize = mapSize
        do throws(LMDBError) { made = try Environment(work, options) } catch { throw StoreError(error, path: work) }
    }

    var environment: Environment {
        guard let made else { preconditionFailure("a file that has been put in its place") }
        return made
    }

    /// Puts the file in its place, in one step: after a crash there is the old file or the new one.
    ///
    /// - Parameter log: keeps the old one.
    /// - Returns: where the old one is; `nil` when there was none.
    func install(_ log: QuarantineLog, as name: String) throws(StoreError) -> String? {
        made = nil
        let (old, new) = (path + "/data.mdb", work + "/data.mdb")
        try log.sync()
        var kept: String?
        if try mapped({ () throws(FileError) in try FileSystem.exists(old) }) { kept = try log.keep(old, as: name) }
        try mapped { () throws(FileError) in
            try FileSystem.syncDirectory(work)
            try FileSystem.makeDirectory(path)
            try FileSystem.rename(new, to: old)
            try FileSystem.syncDirectory(path)
            try FileSystem.remove(path + "/lock.mdb")
            try FileSystem.syncDirectory(FileSystem.parent(of: path))
            try FileSystem.removeTree(work)
        }
        return kept
    }
}
