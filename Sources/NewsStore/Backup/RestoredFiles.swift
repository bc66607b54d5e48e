internal import Bytes
internal import Files
internal import NewsModel

/// The files of a backup on their way into a store's folder, with what they turned out to be.
final class RestoredFiles {
    private let directory: String
    private var found: [String: (byteCount: Int, checksum: UInt32)] = [:]
    private var current: (name: String, file: AppendedFile?)?
    /// The bytes of STORE, which is not written as it is.
    private(set) var storeFile: [UInt8] = []

    private static let storeFileMax = 1 << 16

    /// - Parameter directory: a folder that is empty.
    init(_ directory: String) throws(StoreError) {
        self.directory = directory
        try mapped { () throws(FileError) in try FileSystem.makeDirectory(directory + "/shards") }
    }

    /// Where a part lies in a store.
    private func folder(_ name: String) -> String {
        name == Catalog.shardName ? directory + "/" + name : directory + "/shards/" + name
    }

    func begin(_ name: String) throws(StoreError) {
        guard found[name] == nil else {
            throw .backup(.damaged(path: BackupManifest.file(name), reason: "it is there twice"))
        }
        found[name] = (0, 0)
        guard name != StoreFile.name else {
            current = (name, nil)
            return
        }
        let folder = folder(name)
        current = (
            name,
            try mapped { () throws(FileError) in
                try FileSystem.makeDirectory(folder)
                return try AppendedFile(folder + "/data.mdb", mode: 0o644)
            }
        )
    }

    func write(_ bytes: [UInt8]) throws(StoreError) {
        guard let current, let known = found[current.name] else { preconditionFailure("no file has begun") }
        found[current.name] = (
            known.byteCount + bytes.count, CRC32C.checksum(of: bytes.span, continuing: known.checksum)
        )
        if let file = current.file {
            try mapped { () throws(FileError) in try file.write(bytes.span) }
        } else if storeFile.count + bytes.count <= RestoredFiles.storeFileMax {
            storeFile += bytes
        }
    }

    func end() throws(StoreError) {
        guard let current else { return }
        self.current = nil
        guard let file = current.file else { return }
        let folder = folder(current.name)
        try mapped { () throws(FileError) in
            try file.sync()
            try FileSystem.syncDirectory(folder)
        }
    }

    /// Compares what was read with what was written.
    ///
    /// - Parameter path: of the backup, for the errors.
    func compare(_ part: BackupManifest.Part, in path: String) throws(StoreError) {
        let file = BackupManifest.file(part.name)
        guard let known = found[part.name] else {
            throw .backup(.incomplete(path: path, reason: "\(file) is missing"))
        }
        guard known.byteCount == part.byteCount else {
            throw .backup(
                .damaged(
                    path: path + "/" + file, reason: "it has \(known.byteCount) bytes in place of \(part.byteCount)"))
        }
        guard known.checksum == part.checksum else {
            throw .backup(
                .damaged(
                    path: path + "/" + file,
                    reason:
                        "its checksum is \(Checksum.text(known.checksum)) in place of \(Checksum.text(part.checksum))"
                ))
        }
    }

    /// Compares all, and looks for what should not be there.
    func compare(_ manifest: BackupManifest, in path: String) throws(StoreError) {
        for part in manifest.parts { try compare(part, in: path) }
        let names = Set(manifest.parts.map(\.name))
        if let other = found.keys.filter({ !names.contains($0) }).min() {
            let file = BackupManifest.file(other)
            throw .backup(.damaged(path: path + "/" + file, reason: "\(BackupManifest.fileName) does not name it"))
        }
    }
}
