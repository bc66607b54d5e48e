internal import Files
internal import LMDB
internal import Synchronization

/// An environment that is being made to replace another one: under a name of its own, which the next start removes if
/// it is never finished, until it is whole and on disk.
final class FreshFile: Sendable {
    /// The folder that it is for.
    let path: String
    private let work: String
    private let made: Mutex<Environment?>

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
        do throws(LMDBError) { made = Mutex(try Environment(work, options)) } catch {
            throw StoreError(error, path: work)
        }
    }

    var environment: Environment {
        guard let made = made.withLock({ $0 }) else { preconditionFailure("a file that has been put in its place") }
        return made
    }

    /// Puts the file in its place, in one step: after a crash there is the old file or the new one.
    ///
    /// - Parameter log: keeps the old one.
    /// - Returns: where the old one is; `nil` when there was none.
    func install(_ log: QuarantineLog, as name: String) throws(StoreError) -> String? {
        close()
        let old = path + "/data.mdb"
        try log.sync()
        var kept: String?
        if try mapped({ () throws(FileError) in try FileSystem.exists(old) }) { kept = try log.keep(old, as: name) }
        try replace(step: { _ in })
        return kept
    }

    /// The same, keeping nothing of the old file. Nobody has it open.
    ///
    /// - Parameter step: hears of each step.
    func replace(step: (String) -> Void) throws(StoreError) {
        close()
        let (old, new) = (path + "/data.mdb", work + "/data.mdb")
        try mapped { () throws(FileError) in
            try FileSystem.syncDirectory(work)
            try FileSystem.makeDirectory(path)
            step("copy is whole")
            try FileSystem.rename(new, to: old)
            step("copy has its name")
            try FileSystem.syncDirectory(path)
            try FileSystem.remove(path + "/lock.mdb")
            try FileSystem.syncDirectory(FileSystem.parent(of: path))
            step("copy is in its place")
            try FileSystem.removeTree(work)
        }
    }

    private func close() {
        made.withLock { made in
            made?.close()
            made = nil
        }
    }

    /// Gives the work up.
    func discard() {
        close()
        try? FileSystem.removeTree(work)
    }
}
