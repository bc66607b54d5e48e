internal import LMDB
internal import NewsModel

/// A copy of a shard that is made to take its place, while the shard is read and written.
///
/// The entries are copied table by table, in the order of their keys, so that they fill their pages; then those that
/// were written meanwhile, until the writer is held for the last of them. Each value's checksum is looked at on its
/// way, and at the end each table must have as many entries as the shard's, so no damage is carried over and nothing is
/// left behind.
final class ShardCopy: Sendable {
    private let shard: Shard
    private let shards: ShardSet
    private let fresh: FreshFile

    init(of shard: Shard, in shards: ShardSet, mapSize: Int) throws(StoreError) {
        self.shard = shard
        self.shards = shards
        fresh = try FreshFile(
            for: shard.file.path, work: shards.unfinishedPath(shard.period), ShardTable.names, mapSize: mapSize)
    }

    func copyAll(_ report: OperationReport) throws(StoreError) {
        for table in ShardTable.allCases {
            var last: [UInt8] = []
            while true {
                let entries = try shards.entries(of: table, in: shard, after: last)
                guard let end = entries.last else { break }
                try write { (transaction, environment) throws(LMDBError) in
                    for entry in entries {
                        try transaction.put(entry.key.span, entry.value.span, in: environment.table(table), .append)
                    }
                }
                last = end.key
                try report.did(count: entries.count)
            }
        }
    }

    /// Brings entries up to date.
    func follow(_ touched: Set<TouchedKey>) throws(StoreError) {
        if touched.isEmpty { return }
        var changes: [(table: ShardTable, key: [UInt8], value: [UInt8]?)] = []
        try shards.look(into: shard) { (transaction, tables) throws(LMDBError) in
            for entry in touched {
                changes.append((entry.table, entry.key, try transaction.copy(entry.key, in: tables[entry.table])))
            }
        }
        for (table, key, value) in changes {
            guard let value, !Sealed.isSound(value.span, key: key.span, seed: table.seed) else { continue }
            throw .damaged(shard.place(table, keyText(key.span)))
        }
        try write { (transaction, environment) throws(LMDBError) in
            for (table, key, value) in changes {
                if let value {
                    try transaction.put(key.span, value.span, in: environment.table(table))
                } else {
                    try transaction.remove(key.span, in: environment.table(table))
                }
            }
        }
    }

    /// Takes over what the shard says of itself, and holds the two against each other. Nobody writes the shard.
    func finish() throws(StoreError) {
        try follow([TouchedKey(table: .meta, key: Array(ShardMeta.key.utf8))])
        var counts: [Int] = []
        try shards.look(into: shard) { (transaction, tables) throws(LMDBError) in
            for table in ShardTable.allCases { counts.append(try transaction.count(tables[table])) }
        }
        do throws(LMDBError) {
            let copied = try fresh.environment.beginRead()
            for table in ShardTable.allCases
            where try copied.count(fresh.environment.table(table)) != counts[table.rawValue] {
                throw LMDBError.corrupted
            }
        } catch {
            throw error == .corrupted
                ? .damaged(shard.place(.meta, ShardMeta.key)) : StoreError(error, path: shard.file.path)
        }
    }

    /// Puts the copy in the shard's place.
    ///
    /// - Returns: `false` when somebody holds the shard's file open at this moment.
    func install(step: (String) -> Void) throws(StoreError) -> Bool {
        try shard.file.exchange { () throws(StoreError) in try fresh.replace(step: step) }
    }

    func discard() { fresh.discard() }

    private func write(
        _ body: (inout WriteTransaction, Environment) throws(LMDBError) -> Void
    ) throws(StoreError) {
        let environment = fresh.environment
        do throws(LMDBError) {
            var transaction = try environment.beginWrite()
            try body(&transaction, environment)
            try transaction.commit()
        } catch {
            throw StoreError(error, path: shard.file.path)
        }
    }
}
