internal import Files
internal import LMDB
internal import NewsModel

/// What the shards were when the store was last closed: the file CLEAN, which is named STARTED while a process serves
/// the store. So one that finds STARTED knows that the last end was no clean one, and which shards were written since.
///
///     newsrpc stop
///     revision 4711
///     shard 2026-01 17
///     shard 2026-02 93
///     crc32c 0a1b2c3d
///
/// The number of a shard is that of its file's last transaction. The checksum is over all lines before its own.
struct StopRecord: Equatable {
    static let cleanName = "CLEAN"
    static let startedName = "STARTED"
    private static let title = "newsrpc stop"

    var lastRevision: UInt64 = 0
    var transactions: [Period: UInt64] = [:]

    init() {}

    /// - Returns: `nil` when the bytes are no such record.
    init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
        guard lines.count >= 3, lines[0].joined(separator: " ") == StopRecord.title, let last = lines.last,
            last.count == 2, last[0] == "crc32c"
        else { return nil }
        for line in lines[1..<(lines.count - 1)] {
            if line.count == 2, line[0] == "revision", let revision = UInt64(line[1]) {
                lastRevision = revision
            } else if line.count == 3, line[0] == "shard", let period = Period(String(line[1])),
                let transaction = UInt64(line[2])
            {
                transactions[period] = transaction
            } else {
                return nil
            }
        }
        // Written anew it must be the same, to the last byte of its checksum.
        guard self.bytes == bytes else { return nil }
    }

    var bytes: [UInt8] {
        var text = "\(StopRecord.title)\nrevision \(lastRevision)\n"
        for (period, transaction) in transactions.sorted(by: { $0.key < $1.key }) {
            text += "shard \(period) \(transaction)\n"
        }
        let body = Array(text.utf8)
        return body + Array("crc32c \(StoreFile.checksum(body))\n".utf8)
    }

    /// What is known of the last end of a store, without a change to it.
    static func read(_ directory: String) throws(StoreError) -> (record: StopRecord?, wasClean: Bool) {
        for (name, isClean) in [(cleanName, true), (startedName, false)] {
            let path = directory + "/" + name
            guard try mapped({ () throws(FileError) in try FileSystem.exists(path) }) else { continue }
            let record = StopRecord(
                try mapped { () throws(FileError) in try FileSystem.read(path, limit: 1 << 24) })
            // One that is damaged says nothing, so that all shards are looked at.
            return (record, isClean && record != nil)
        }
        return (nil, false)
    }

    /// Notes that a process has begun to serve the store.
    static func begin(_ directory: String) throws(StoreError) {
        try mapped { () throws(FileError) in
            guard try FileSystem.exists(directory + "/" + cleanName) else { return }
            try FileSystem.rename(directory + "/" + cleanName, to: directory + "/" + startedName)
            try FileSystem.syncDirectory(directory)
        }
    }

    /// Notes that all is closed. A failure is none: the next start looks at more than it needs to.
    func end(_ directory: String) {
        try? FileSystem.writeAtomically(directory + "/" + StopRecord.cleanName, bytes)
        try? FileSystem.remove(directory + "/" + StopRecord.startedName)
    }

    /// Forgets what some shards were, before they are replaced or removed: the next start would take a transaction with
    /// a lower number for a lost one, and an absent folder for a lost shard.
    static func forget(_ periods: Set<Period>, _ directory: String) throws(StoreError) {
        for name in [cleanName, startedName] {
            let path = directory + "/" + name
            try mapped { () throws(FileError) in
                guard try FileSystem.exists(path) else { return }
                guard var record = StopRecord(try FileSystem.read(path, limit: 1 << 24)) else { return }
                let count = record.transactions.count
                record.transactions = record.transactions.filter { !periods.contains($0.key) }
                if record.transactions.count < count { try FileSystem.writeAtomically(path, record.bytes) }
            }
        }
    }

    /// Forgets how the shards were at the last end, so that the next start looks at each of them. The last revision is
    /// kept: a shard that is lost may have had it, and a restored store begins far behind those of its shards.
    static func forgetShards(_ directory: String, lastRevision: UInt64) throws(StoreError) {
        var record = StopRecord()
        record.lastRevision = lastRevision
        try mapped { () throws(FileError) in
            try FileSystem.writeAtomically(directory + "/" + startedName, record.bytes)
            try FileSystem.remove(directory + "/" + cleanName)
            try FileSystem.syncDirectory(directory)
        }
    }
}
