internal import Files
internal import NewsModel

/// Shards that are not to be opened: their files are damaged in a way that checksums of values do not catch.
///
/// The mark is a file in the shard's folder, QUARANTINE, with the reason. It goes where the shard goes, depends on
/// nothing else, and is lifted by `repair`.
enum Quarantine {
    static let markName = "QUARANTINE"
    /// Where a repair puts what it takes out.
    static let folderName = "quarantine"

    /// Why a shard is not to be opened; `nil`: it may be.
    ///
    /// - Parameter path: of the shard's folder.
    static func reason(of path: String) -> String? {
        let mark = path + "/" + markName
        guard let isMarked = try? FileSystem.exists(mark), isMarked else { return nil }
        let text = (try? FileSystem.read(mark, limit: 4096)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let line = text.split(separator: "\n").first.map(String.init) ?? ""
        return line.isEmpty ? "it is marked as damaged" : line
    }

    static func mark(_ path: String, _ reason: String) throws(StoreError) {
        let line = reason.split(separator: "\n").joined(separator: " ") + "\n"
        try mapped { () throws(FileError) in
            try FileSystem.writeAtomically(path + "/" + markName, Array(line.utf8))
        }
    }

    static func lift(_ path: String) throws(StoreError) {
        try mapped { () throws(FileError) in
            try FileSystem.remove(path + "/" + markName)
            try FileSystem.syncDirectory(path)
        }
    }
}

/// What a fault that ended the process was about: the file FAULT. It is made at the start, and while nothing happens it
/// stays empty.
enum FaultFile {
    static let name = "FAULT"

    /// The shards, or the catalog, that it names.
    static func read(_ directory: String) -> [String] {
        guard let bytes = try? FileSystem.read(directory + "/" + name, limit: 1 << 16) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "/")
            return (parts.last == "data.mdb" ? parts.dropLast().last : parts.last).map(String.init)
        }
    }

    static func remove(_ directory: String) throws(StoreError) {
        try mapped { () throws(FileError) in try FileSystem.remove(directory + "/" + name) }
    }
}
