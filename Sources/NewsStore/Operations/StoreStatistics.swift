internal import LMDB
package import NewsModel
internal import Synchronization

/// What a store holds, and how it is.
package struct StoreStatistics: Sendable {
    package struct Shard: Sendable {
        package enum State: Sendable {
            case serving
            /// A commit failed and could not be made good: reads go on.
            case readOnly
            /// Its file cannot be used.
            case unavailable(StoreError)
        }

        package let period: Period
        package internal(set) var state = State.serving
        package internal(set) var articleCount = 0
        /// Of the articles: deleted and not purged yet.
        package internal(set) var deletedCount = 0
        /// Of its file.
        package internal(set) var byteCount = 0
        /// Of these: pages that hold nothing and will be used again.
        package internal(set) var freeByteCount = 0
    }

    /// Oldest first, undated before all.
    package internal(set) var shards: [Shard] = []
    /// Up to which revision every change can be seen.
    package internal(set) var position: UInt64 = 0
    /// Changes up to this revision are not all kept any more.
    package internal(set) var compactedPosition: UInt64 = 0
}

extension Store {
    /// Looks into every shard, without reading articles: some microseconds for each that is open.
    package func statistics() -> StoreStatistics {
        var statistics = StoreStatistics()
        statistics.position = publishedRevision
        statistics.compactedPosition = compactedRevision
        statistics.shards = context.shards.all.map { shard in
            var found = StoreStatistics.Shard(period: shard.period)
            if shard.isReadOnly.load(ordering: .acquiring) { found.state = .readOnly }
            do throws(StoreError) {
                try fill(&found, from: shard)
            } catch {
                found.state = .unavailable(unavailableShards[shard.period] ?? error)
            }
            return found
        }
        return statistics
    }

    private func fill(_ found: inout StoreStatistics.Shard, from shard: Shard) throws(StoreError) {
        found.byteCount = try shard.fileByteCount()
        found.articleCount = shard.articleCount.load(ordering: .relaxed)
        let (deletedCount, filledByteCount) = try context.shards.look(into: shard) {
            (transaction, tables) throws(LMDBError) in
            (try transaction.purgeCount(tables), try transaction.filledByteCount())
        }
        found.deletedCount = deletedCount
        found.freeByteCount = max(0, found.byteCount - filledByteCount)
    }
}

extension ReadTransaction {
    /// Deleted articles: what is in `meta` besides two entries with names of their own.
    fileprivate borrowing func purgeCount(_ tables: ShardTables) throws(LMDBError) -> Int {
        let table = tables[.meta]
        var count = try count(table)
        for name in [ShardMeta.key, Shard.compactedKey] {
            let key = Array(name.utf8)
            if try withValue(of: key.span, in: table, { _ in }) { count -= 1 }
        }
        return count
    }
}
