internal import LMDB
internal import NewsModel
internal import Synchronization
internal import Threads

/// Deleted articles whose time has come.
extension StoreWriter {
    /// Articles that one round removes, at most.
    private static let purgeCountMax = 256
    /// How long the writer sleeps at most while there are deleted articles, in microseconds: clocks may be set.
    private static let purgeWaitMax: Int64 = 60_000_000
    /// How long a shard is left alone where something of this failed.
    static let maintenanceRetry = Duration.seconds(3600)

    /// When the writer has to look for what is due, deleted articles and old changes, on the monotonic clock; `nil`:
    /// there is neither.
    var nextDue: Int64? {
        let purge = writableShards.map { $0.nextPurge.load(ordering: .relaxed) }.min() ?? .max
        let next = min(purge, nextCompaction)
        guard next != .max else { return nil }
        let rest = max(0, next - context.purgeNow.microseconds)
        return MonotonicClock.now + 1000 * min(rest, Self.purgeWaitMax)
    }

    /// Removes some of the articles that are due, in a round of its own: so many that its transaction stays small.
    func purgeSlice() {
        let now = context.purgeNow
        guard let shard = writableShard(where: { $0.nextPurge.load(ordering: .relaxed) <= now.microseconds })
        else { return }
        var isLeft = false
        let isDone = maintain(shard) { (writer) throws(StoreError) in
            isLeft = try writer.purgeDue(until: now, limit: Self.purgeCountMax)
            writer.changesPurges = true
        }
        restShards()
        if isLeft || !isDone {
            shard.nextPurge.store((now + Self.maintenanceRetry).microseconds, ordering: .relaxed)
        }
    }

    /// The first shard that `isDue` and takes writes.
    func writableShard(where isDue: (Shard) -> Bool) -> Shard? {
        writableShards.first(where: isDue)
    }

    /// What is due in the others waits until they take writes again.
    var writableShards: [Shard] { context.shards.all.filter { !$0.isReadOnly.load(ordering: .relaxed) } }

    /// A transaction of the store's own, in a round of its own.
    ///
    /// - Returns: whether it was committed. If not, the shard is to be left alone for `maintenanceRetry`.
    func maintain(_ shard: Shard, _ body: (ShardWriter) throws(StoreError) -> Void) -> Bool {
        var round = WriteRound()
        do throws(StoreError) {
            try recovering(shard) { () throws(StoreError) in try transact(shard, &round, body) }
        } catch {
            finish(round)
            return false
        }
        finish(round)
        return true
    }

    private func transact(
        _ shard: Shard, _ round: inout WriteRound, _ body: (ShardWriter) throws(StoreError) -> Void
    ) throws(StoreError) {
        let writer = try makeWriter(shard, try context.shards.pin(shard))
        defer { release(writer) }
        do throws(StoreError) {
            try body(writer)
            try catalog.commit()
        } catch {
            skipRevisions(of: writer)
            writer.abort()
            throw error
        }
        try conclude(writer, &round)
    }

    /// - Parameters:
    ///   - now: the time that its changes have; `nil`: the time of day.
    ///   - beginning: the transaction, begun by a committer; `nil`: this thread begins one.
    func makeWriter(
        _ shard: Shard, _ environment: Environment, now: Instant? = nil, beginning: BeginningWrite? = nil
    ) throws(StoreError) -> ShardWriter {
        do throws(StoreError) {
            return try ShardWriter(
                shard, environment, context: context, catalog: catalog, requests: requests,
                nextRevision: nextRevision, now: now ?? context.options.clock(),
                beginning: beginning, settlement: { [unowned self] in settleCommits() })
        } catch {
            shard.file.unpin()
            throw error
        }
    }
}
