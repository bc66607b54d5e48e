internal import Files
internal import LMDB
package import NewsModel
internal import Synchronization
internal import Threads

/// What a retention has dropped, or would drop.
package struct RetentionSummary: Hashable, Sendable {
    package struct DroppedShard: Hashable, Sendable {
        package let period: Period
        /// 0 when the shard could not be read.
        package let articleCount: Int
        /// Of its file.
        package let byteCount: Int
    }

    /// Shards that end before this day are dropped.
    package let since: CivilDate
    package internal(set) var dropped: [DroppedShard] = []
    /// Shards that should have been, and are as they were.
    package internal(set) var skipped: [SkippedShard] = []

    package var articleCount: Int { dropped.reduce(0) { $0 + $1.articleCount } }
    package var byteCount: Int { dropped.reduce(0) { $0 + $1.byteCount } }
}

extension Store {
    /// From which day on shards are kept: so long before today. See `StoreContext.retentionNow` for what today is.
    package func retentionLimit(_ span: CalendarSpan) -> CivilDate {
        span.before(zone.civil(at: context.retentionNow.clampedToTimestamp).date)
    }

    /// Drops the shards whose periods lie before a day, with all that is in them, while the store is read and written.
    /// The undated shard stays.
    ///
    /// Positions of the change feed from before it are no longer known (`compacted`): nobody is told of each article
    /// that is gone, so all have to list again. A crash leaves each shard there or gone. Cancelled, it leaves the
    /// shards that it has not come to. Its progress is in shards.
    ///
    /// - Parameter isDryRun: whether it only says what it would drop.
    package func retain(
        since day: CivilDate, isDryRun: Bool = false, observer: (any OperationObserver)? = nil
    ) throws(StoreError) -> RetentionSummary {
        try operations.enter(observer)
        defer { operations.leave() }
        let report = OperationReport(observer, operations)
        let due = context.shards.all.filter { shard in shard.period.endDay.map { $0 <= day } ?? false }
        report.expect(count: due.count, bytes: due.reduce(0) { $0 + ((try? $1.fileByteCount()) ?? 0) })
        var summary = RetentionSummary(since: day)
        for shard in due {
            let bytes = (try? shard.fileByteCount()) ?? 0
            let dropped = RetentionSummary.DroppedShard(
                period: shard.period, articleCount: shard.articleCount.load(ordering: .relaxed), byteCount: bytes)
            do throws(StoreError) {
                if !isDryRun { try drop(shard) }
                summary.dropped.append(dropped)
            } catch {
                if case .closed = error { throw error }
                summary.skipped.append(SkippedShard(period: shard.period, reason: error))
            }
            try report.did(count: 1, bytes: bytes, isStep: true)
        }
        return summary
    }

    private func drop(_ shard: Shard) throws(StoreError) {
        let step = context.options.operationStep ?? { _ in }
        let old = context.shards.removedPath(shard.period)
        try mapped { () throws(FileError) in try FileSystem.removeTree(old) }
        try StopRecord.forget([shard.period], context.directory)
        step("forgotten")
        try onWriter { (writer) throws(StoreError) in try writer.drop(shard, to: old, step) }
        try mapped { () throws(FileError) in try FileSystem.removeTree(old) }
        releaseClaims(of: shard.period)
        step("removed")
    }

    /// Removes what leads to a shard that is gone. What is left of it after a failure leads nowhere, and `check`
    /// sweeps it.
    private func releaseClaims(of period: Period) {
        var last: [UInt8] = []
        while let slice = try? context.catalog.claims(after: last, layout), let end = slice.end {
            let ids = slice.claims.filter { $0.period == period }.map(\.id)
            if !ids.isEmpty { _ = try? onWriter { (writer) throws(StoreError) in try writer.sweep(ids, of: period) } }
            last = end
        }
    }
}

extension StoreWriter {
    /// Takes a shard out of the store: first from its readers' sight, then from its place.
    fileprivate func drop(_ shard: Shard, to path: String, _ step: (String) -> Void) throws(StoreError) {
        context.shards.remove(shard)
        do throws(StoreError) {
            try forgetPositions(but: shard)
            step("positions are forgotten")
            guard shard.file.close(failure: .unavailable(shard.period)) else { throw .unavailable(shard.period) }
            try mapped { () throws(FileError) in
                try FileSystem.rename(shard.file.path, to: path)
                try FileSystem.syncDirectory(context.shards.directory)
            }
        } catch {
            if (try? FileSystem.exists(shard.file.path)) == true { context.shards.putBack(shard) }
            throw error
        }
        requests.replace(shard.period, by: [])
        step("renamed")
    }

    /// Whoever has seen the store before has to list again. It is noted in a shard that stays, and durable before
    /// anything is gone.
    private func forgetPositions(but dropped: Shard) throws(StoreError) {
        let others = context.shards.all.filter { !$0.isReadOnly.load(ordering: .relaxed) && $0.file.isUsable }
        let keeper: Shard
        if let last = others.last { keeper = last } else { keeper = try writable(.undated) }
        let isDone = maintain(keeper) { (writer) throws(StoreError) in
            let revision = writer.takeRevision()
            try writer.put(Array(Shard.compactedKey.utf8), in: .meta) { $0.append(revision) }
            context.publication.compact(upTo: revision)
        }
        syncDue(isLast: true)
        guard isDone else { throw .outcomeUnknown(keeper.period) }
    }

    /// Removes entries of `located` that lead to no article.
    fileprivate func sweep(_ ids: [ArticleID], of period: Period) throws(StoreError) {
        for id in ids {
            guard try catalog.located(id) == period, try !context.holds(id, in: period) else { continue }
            catalog.release(id)
        }
        try catalog.commit(isForced: true)
    }
}

extension Catalog {
    /// Some entries of `located`, in the order of their ids.
    ///
    /// - Returns: with the key of the last one that was looked at; `nil`: there are no more.
    func claims(
        after last: [UInt8], _ layout: ShardLayout
    ) throws(StoreError) -> (claims: [(id: ArticleID, period: Period)], end: [UInt8]?) {
        let environment = try file.pin()
        defer { file.unpin() }
        var claims: [(id: ArticleID, period: Period)] = []
        var (end, count): ([UInt8]?, Int) = (nil, 0)
        do throws(LMDBError) {
            let transaction = try environment.beginRead()
            try transaction.withCursor(in: environment.table(CatalogTable.located)) { (cursor) throws(LMDBError) in
                if last.isEmpty { _ = try cursor.move(.first) } else { _ = try cursor.seek(last.span) }
                while cursor.isOnEntry, count < 4096 {
                    let key = Array(cursor.key)
                    if key != last {
                        count += 1
                        end = key
                        if let id = ArticleID(key.span), let period = locatedPeriod(cursor.value, id: key.span, layout)
                        {
                            claims.append((id, period))
                        }
                    }
                    _ = try cursor.move(.next)
                }
            }
        } catch {
            throw StoreError(error, path: file.path)
        }
        return (claims, end)
    }
}
