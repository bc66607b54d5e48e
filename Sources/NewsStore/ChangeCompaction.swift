internal import Bytes
internal import LMDB
internal import NewsModel
internal import Synchronization
internal import Threads

/// Changes that are old enough to be forgotten.
///
/// The revision up to which a shard has forgotten changes is in its `meta` under "compacted"; readers compare what they
/// ask for with the largest of them (`Publication.compacted`).
extension StoreWriter {
    /// Changes that one round forgets, at most.
    private static let forgottenMax = 4096

    /// When the first change of any shard is old enough, in microseconds.
    var nextCompaction: Int64 {
        let first = writableShards.map { $0.firstChange.load(ordering: .relaxed) }.min() ?? .max
        guard first != .max else { return .max }
        return (Instant(microseconds: first) + context.options.changeMemory).microseconds
    }

    /// Forgets some of the changes that are old enough, in a round of its own.
    func compactSlice(now: Instant) {
        let limit = now - context.options.changeMemory
        guard let shard = writableShard(where: { $0.firstChange.load(ordering: .relaxed) <= limit.microseconds })
        else { return }
        let isDone = maintain(shard) { (writer) throws(StoreError) in
            try writer.forgetChanges(before: limit, limit: Self.forgottenMax)
        }
        if !isDone {
            let later = context.options.clock() + Self.maintenanceRetry - context.options.changeMemory
            shard.firstChange.store(later.microseconds, ordering: .relaxed)
        }
    }
}

extension ShardWriter {
    /// Removes the first changes of the shard while they are older than `time`.
    func forgetChanges(before time: Instant, limit: Int) throws(StoreError) {
        let table = tables[.changes]
        var old: [[UInt8]] = []
        var next: Instant?
        try read { (transaction) throws(LMDBError) in
            try transaction.withCursor(in: table) { (cursor) throws(LMDBError) in
                _ = try cursor.move(.first)
                while cursor.isOnEntry {
                    // What cannot be read is as old as what follows it, and no use to anybody.
                    let change = ChangeValue(cursor.value)
                    if let change, change.time >= time || old.count >= limit {
                        next = change.time
                        return
                    }
                    old.append(Array(cursor.key))
                    _ = try cursor.move(.next)
                }
            }
        }
        changedFirstChange = next?.microseconds ?? .max
        guard let last = old.last.flatMap({ Key.revision($0.span) }) else { return }
        // Readers know before it happens: who takes a view of the time afterwards asks for it then.
        context.publication.compact(upTo: last)
        for key in old { try remove(key, in: .changes) }
        try put(Array(Shard.compactedKey.utf8), in: .meta) { $0.append(last) }
    }
}

extension Shard {
    static let compactedKey = "compacted"
}

extension TableReading where Self: ~Copyable {
    /// Up to which revision the shard has forgotten changes, and when the first happened that it knows.
    borrowing func changeBounds(
        in environment: Environment
    ) throws(LMDBError) -> (compacted: UInt64, first: Instant?) {
        var compacted: UInt64 = 0
        var first: Instant?
        let key = Array(Shard.compactedKey.utf8)
        _ = try withValue(of: key.span, in: environment.table(ShardTable.meta)) { value in
            guard Sealed.isSound(value, key: key.span, seed: ShardTable.meta.seed) else { return }
            compacted = IndexValue(value)?.revision ?? 0
        }
        try withCursor(in: environment.table(ShardTable.changes)) { (cursor) throws(LMDBError) in
            if try cursor.move(.first) { first = ChangeValue(cursor.value)?.time }
        }
        return (compacted, first)
    }
}
