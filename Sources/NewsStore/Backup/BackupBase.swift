internal import Files
internal import NewsModel

/// An earlier backup of the same store, whose files need not be copied again where the store's have not changed.
///
/// Every backup holds all its files, so none depends on another once it is made: there is no chain that could have a
/// gap. What can be missing is a file of the base, and then the base is refused.
struct BackupBase {
    let path: String
    let manifest: BackupManifest
    /// The parts that are shards.
    let shards: [Period: BackupManifest.Part]

    init(_ path: String, storeID: [UInt8], publishedRevision: UInt64) throws(StoreError) {
        self.path = path
        manifest = try BackupManifest(inFolder: path)
        guard manifest.storeID == storeID else {
            throw .backup(.unfitBase(path: path, reason: "it is of another store"))
        }
        guard manifest.position <= publishedRevision else {
            throw .backup(.unfitBase(path: path, reason: "it is ahead of the store, which has been put back since"))
        }
        try manifest.checkSizes(inFolder: path)
        shards = Dictionary(uniqueKeysWithValues: manifest.parts.compactMap { part in part.period.map { ($0, part) } })
    }

    func file(_ name: String) -> String { path + "/" + BackupManifest.file(name) }
}

extension BackupManifest {
    /// Of a backup in a folder.
    init(inFolder path: String) throws(StoreError) {
        let manifestPath = path + "/" + BackupManifest.fileName
        let (hasManifest, hasParts) = try mapped { () throws(FileError) in
            (
                try FileSystem.exists(manifestPath),
                try FileSystem.exists(path + "/" + BackupManifest.folderName)
            )
        }
        guard hasManifest else {
            guard hasParts else { throw .backup(.notABackup(path: path)) }
            throw .backup(
                .incomplete(path: path, reason: "it has no \(BackupManifest.fileName), which is written last"))
        }
        let limit = BackupManifest.byteCountMax
        try self.init(
            try mapped { () throws(FileError) in try FileSystem.read(manifestPath, limit: limit) }, path: manifestPath)
    }

    /// Looks whether every file is there and as long as it was.
    func checkSizes(inFolder path: String) throws(StoreError) {
        for part in parts {
            let file = path + "/" + BackupManifest.file(part.name)
            let size = try mapped { () throws(FileError) in
                try FileSystem.kind(file) == .file ? try FileSystem.size(file) : nil
            }
            guard let size else {
                throw .backup(.incomplete(path: path, reason: "\(BackupManifest.file(part.name)) is missing"))
            }
            guard size == part.byteCount else {
                throw .backup(.damaged(path: file, reason: "it has \(size) bytes in place of \(part.byteCount)"))
            }
        }
    }
}
