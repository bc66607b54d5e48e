internal import Files
internal import ProtoJSON

/// Something that a repair takes out of a table, or misses there. The value is empty where nothing was left.
typealias Outcast = (table: String, key: [UInt8], value: [UInt8], reason: String)

/// What a repair takes out of a store, so that nothing goes silently: a file of JSON lines in the folder "quarantine",
/// and beside it the files that were replaced.
///
///     {"shard":"2026-02","table":"rows","key":"...","reason":"its checksum does not fit","value":"AAEC..."}
///
/// `key` is written as messages write it, `value` in base64; it is "" where nothing was left.
final class QuarantineLog {
    private let folder: String
    private let name: String
    private var file: AppendedFile?
    private(set) var count = 0

    /// - Parameter time: what tells its file from those of other repairs.
    init(_ directory: String, time: String) {
        folder = directory + "/" + Quarantine.folderName
        name = "repair-\(time).jsonl"
    }

    /// Where the lines are; `nil`: there are none.
    var path: String? { file == nil ? nil : folder + "/" + name }

    func take(
        _ shard: String, _ table: String, _ key: [UInt8], _ value: [UInt8], _ reason: String
    ) throws(StoreError) {
        let node = JSONNode.object([
            "shard": .string(shard), "table": .string(table), "key": .string(keyText(key.span)),
            "reason": .string(reason), "value": .string(Base64.encode(value)),
        ])
        let line = JSONWriter.text(of: node) + [UInt8(ascii: "\n")]
        let file = try opened()
        try mapped { () throws(FileError) in try file.write(line.span) }
        count += 1
    }

    /// Comes before what was taken is removed.
    func sync() throws(StoreError) {
        guard let file else { return }
        try mapped { () throws(FileError) in
            try file.sync()
            try FileSystem.syncDirectory(folder)
        }
    }

    /// Gives a file that is to be replaced a second name here.
    ///
    /// - Returns: that name.
    func keep(_ path: String, as name: String) throws(StoreError) -> String {
        try mapped { () throws(FileError) in
            try FileSystem.makeDirectory(folder)
            for number in 1...1000 {
                let kept = folder + "/" + name + (number == 1 ? "" : "-\(number)") + ".mdb"
                if try FileSystem.exists(kept) { continue }
                try FileSystem.link(path, as: kept)
                try FileSystem.syncDirectory(folder)
                return kept
            }
            throw FileError(.link, path, code: 17)
        }
    }

    private func opened() throws(StoreError) -> AppendedFile {
        if let file { return file }
        let made = try mapped { () throws(FileError) in
            try FileSystem.makeDirectory(folder)
            return try AppendedFile(folder + "/" + name)
        }
        file = made
        return made
    }
}
