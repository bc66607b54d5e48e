internal import NewsModel

/// Why a backup was refused or could not be made.
package enum BackupFault: Error, Hashable, Sendable {
    /// There is nothing at the path that a backup could be.
    case notABackup(path: String)
    /// It was interrupted while it was written, or some of it is gone.
    case incomplete(path: String, reason: String)
    /// A file is not what was written there.
    case damaged(path: String, reason: String)
    /// A later version made it.
    case newerVersion(path: String, found: Int, supported: Int)
    /// It cannot be the base of a backup of this store.
    case unfitBase(path: String, reason: String)
    /// Something is there already.
    case exists(path: String)
    /// The name is kept for what is not whole yet.
    case reservedName(path: String)
    /// Another backup or restore is written there just now.
    case busy(path: String)
    /// A commit to the shard, or to the catalog, failed while it was copied.
    case interrupted(shard: String)
    /// All files are as they were written, and the store that they make is not sound.
    case unsound(path: String, findingCount: Int)
}

extension BackupFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notABackup(let path): "\(path) is no backup: it has no \(BackupManifest.fileName)"
        case .incomplete(let path, let reason): "\(path) is incomplete: \(reason); use another backup"
        case .damaged(let path, let reason): "\(path) is damaged: \(reason); use another backup"
        case .newerVersion(let path, let found, let supported):
            "\(path) has version \(found), and this program knows up to \(supported); use a newer one"
        case .unfitBase(let path, let reason): "\(path) cannot be the base: \(reason)"
        case .exists(let path): "\(path) is there already and not empty; give another name"
        case .reservedName(let path):
            "\(path) is a name for what is not whole yet; give one that does not end with \(PartialFolder.suffix)"
        case .busy(let path): "\(path) is being written by another process"
        case .interrupted(let shard): "\(shard) was opened anew while it was copied, since a commit failed; begin again"
        case .unsound(let path, let count):
            "\(path) makes no sound store: \(CountText.text(count, "thing is", many: "things are")) wrong; "
                + "use another backup"
        }
    }
}
