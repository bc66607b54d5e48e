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
    /// How long a shard that could not be purged is left alone.
    private static let purgeRetry = Duration.seconds(3600)

    /// What counts as the time of day where something would be removed for good. It does not run ahead of the time
    /// that has passed by more than `clockStepMax`, so that a wrong clock empties no store.
    var purgeNow: Instant {
        let passed = Duration.microseconds((MonotonicClock.now - start.monotonic) / 1000)
        return min(context.options.clock(), start.day + passed + context.options.clockStepMax)
    }

    /// When the writer has to look for what is due, deleted articles and old changes, on the monotonic clock; `nil`:
    /// there is neither.
    var nextDue: Int64? {
        let purge = context.shards.all.map { $0.nextPurge.load(ordering: .relaxed) }.min() ?? .max
        let next = min(purge, nextCompaction)
        guard next != .max else { return nil }
        let rest = max(0, next - purgeNow.microseconds)
        return MonotonicClock.now + 1000 * min(rest, Self.purgeWaitMax)
    }

    /// Removes some of the articles that are due, in a round of its own.
    func purgeSlice() {
        let now = purgeNow
        let due = context.shards.all.filter {
            $0.nextPurge.load(ordering: .relaxed) <= now.microseconds && !$0.isReadOnly.load(ordering: .relaxed)
        }
        guard let shard = due.first else { return }
        var round = WriteRound()
        var isLeft = false
        do throws(StoreError) {
            try transact(shard, &round) { (writer) throws(StoreError) in
                isLeft = try writer.purgeDue(until: now, limit: Self.purgeCountMax)
                writer.changesPurges = true
            }
        } catch {
            isLeft = true
        }
        finish(round)
        if isLeft { shard.nextPurge.store((now + Self.purgeRetry).microseconds, ordering: .relaxed) }
    }

    /// One transaction of the store's own.
    func transact(
        _ shard: Shard, _ round: inout WriteRound, _ body: (ShardWriter) throws(StoreError) -> Void
    ) throws(StoreError) {
        do throws(StoreError) {
            try attempt(shard, &round, body)
        } catch {
            // By now nothing holds the environment.
            if case .outcomeUnknown = error { recover(shard) }
            throw error
        }
    }

    private func attempt(
        _ shard: Shard, _ round: inout WriteRound, _ body: (ShardWriter) throws(StoreError) -> Void
    ) throws(StoreError) {
        let writer = try makeWriter(shard, try context.shards.pin(shard))
        defer { shard.file.unpin() }
        do throws(StoreError) {
            try body(writer)
            try catalog.commit()
            round.committed.append(try commitShard(writer))
            nextRevision = max(nextRevision, writer.meta.lastRevision + 1)
        } catch {
            nextRevision = max(nextRevision, writer.meta.lastRevision + 1)
            writer.abort()
            throw error
        }
    }

    /// - Parameter now: the time that its changes have; `nil`: the time of day.
    func makeWriter(
        _ shard: Shard, _ environment: Environment, now: Instant? = nil
    ) throws(StoreError) -> ShardWriter {
        do throws(StoreError) {
            return try ShardWriter(
                shard, environment, context: context, catalog: catalog, requests: requests,
                nextRevision: nextRevision, now: now ?? context.options.clock())
        } catch {
            shard.file.unpin()
            throw error
        }
    }
}
