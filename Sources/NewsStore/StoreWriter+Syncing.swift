internal import LMDB
internal import NewsModel
internal import Synchronization
internal import Threads

/// Commits whose last flush is deferred, with `Durability.relaxed`.
struct DeferredSyncs {
    private(set) var shards: [Period: Shard] = [:]
    /// When they are to be flushed, on the monotonic clock; `nil`: there are none.
    private(set) var deadline: Int64?

    mutating func add(_ shard: Shard, interval: Duration) {
        shards[shard.period] = shard
        if deadline == nil { deadline = MonotonicClock.now + interval.nanoseconds }
    }

    /// Leaves out shards that are no part of the store any more.
    mutating func forget(_ gone: [Shard]) { for shard in gone { shards[shard.period] = nil } }

    mutating func takeAll() -> [Shard] {
        defer { (shards, deadline) = ([:], nil) }
        return shards.values.sorted { $0.sortKey < $1.sortKey }
    }
}

extension StoreWriter {
    /// Flushes what is due, and settles moves that are left. To be called between rounds.
    ///
    /// - Parameter isLast: whether all flushes are, as the store is about to be closed.
    func syncDue(isLast: Bool = false) {
        if !isLast { settleLeft() }
        guard let deadline = deferred.deadline, isLast || MonotonicClock.now >= deadline else { return }
        // Nobody needs what is in a shard that is no part of the store any more.
        for shard in deferred.takeAll() where !shard.isRetired.load(ordering: .acquiring) {
            if sync(shard) { continue }
            // As after a failed commit: what the disk holds is what counts, and it must be shown to take writes.
            recover(shard)
            let isUncertain = context.shards.isLayoutUncertain.load(ordering: .relaxed)
            if isUncertain { shard.isReadOnly.store(true, ordering: .releasing) }
        }
    }

    private func sync(_ shard: Shard) -> Bool {
        guard let environment = try? context.shards.pin(shard) else { return false }
        defer { shard.file.unpin() }
        do throws(LMDBError) {
            if let error = context.options.commitFault?(.sync, shard.period) { throw error }
            try environment.sync()
            return true
        } catch {
            tell(StoreFault(.flushFailed, shard.period, error))
            return false
        }
    }
}
