internal import LMDB
internal import Synchronization
internal import Threads

extension StoreReader {
    /// Gives the receiver the wanted rows in their order, one by one.
    ///
    /// All rows are of one moment. Nothing is allocated per row.
    package func scan(_ scan: ListScan, _ receiver: any RowReceiver) throws(StoreError) -> ScanResult {
        guard let plan = ScanPlan(scan) else {
            return ScanResult(end: .finished, position: context.publication.position)
        }
        var attempts = 0
        while true {
            let wanted = plan.shards(currentViews()) { $0.shard }
            let position = prepare(wanted.prefix(preparedCount(wanted, plan)))
            if hasNewShards { continue }  // The position may count what is in one of them.
            var hasGiven = false
            let end = scanShards(wanted, plan, position, receiver, &hasGiven)
            attempts += 1
            if end != .cut || hasGiven || attempts > 100 { return ScanResult(end: end, position: position) }
        }
    }

    /// Rows that a page may have.
    private static let pageRowCountMax = 1024

    /// How many shards, from the first on, a page is likely to touch.
    private func preparedCount(_ wanted: [ShardView], _ plan: ScanPlan) -> Int {
        // More would close the first of them again before they are read.
        let limit = min(wanted.count, max(1, context.options.openShardsMax / 2))
        if plan.isFiltered { return limit }
        var rowCount = 0
        // In the first shard the scan may begin anywhere: its rows do not count.
        for (index, view) in wanted.prefix(limit).enumerated() {
            if rowCount > StoreReader.pageRowCountMax { return index }
            if index > 0 { rowCount += view.shard.articleCount.load(ordering: .relaxed) }
        }
        return limit
    }

    /// Takes views of the shards that all show the same published position.
    ///
    /// - Returns: that position. Shards that cannot be read are left to the scan, which reports them.
    private func prepare(_ views: ArraySlice<ShardView>) -> UInt64 {
        var attempt = 0
        var deadline = Int64.max
        while true {
            let position = context.publication.position
            var isWhole = true
            for view in views where !refresh(view) { isWhole = false }
            if isWhole, context.publication.position == position { return position }
            attempt += 1
            guard attempt.isMultiple(of: 3) else { continue }
            // Each commit is published by itself: between two rounds all are, and a round takes some milliseconds.
            let now = MonotonicClock.now
            if now > deadline { return position }
            deadline = min(deadline, now + StoreReader.wholeWaitMax)
            context.publication.waitForMoment()
        }
    }

    /// How long a page waits, in nanoseconds, for a moment in which no shard is ahead of the others, in case the disk
    /// hangs.
    private static let wholeWaitMax: Int64 = 2_000_000_000

    /// - Returns: `false` when the view shows changes that are not published.
    private func refresh(_ view: ShardView) -> Bool {
        touch(view)
        guard let number = try? view.refresh() else { return true }
        return number <= view.shard.publishedTransaction.load(ordering: .acquiring)
    }

    private func scanShards(
        _ wanted: [ShardView], _ plan: ScanPlan, _ position: UInt64, _ receiver: any RowReceiver,
        _ hasGiven: inout Bool
    ) -> ScanResult.End {
        let preparedCount = preparedCount(wanted, plan)
        for (index, view) in wanted.enumerated() {
            if index >= preparedCount {
                // What has been published since would show up in this shard and not in those before it.
                let isWhole = refresh(view)
                guard isWhole, view.shard.lastRevision.load(ordering: .acquiring) <= position else { return .cut }
            }
            var walk = ShardWalk(plan, scratch, receiver, overlay)
            do throws(StoreError) {
                let isLive = try view.readAgain { (transaction, tables) throws(LMDBError) in
                    try walk.run(transaction, tables)
                }
                if !isLive {  // Closed meanwhile, or it could not be opened at all.
                    _ = try view.refresh()
                    return .cut
                }
            } catch {
                if view.shard.isRetired.load(ordering: .acquiring) { return .cut }
                hasGiven = true
                if !receiver.takeUnavailable(view.shard.period) { return .stopped }
            }
            if trace != nil { trace?.add(walk, plan) }
            if walk.hasGiven { hasGiven = true }
            if walk.isStopped { return .stopped }
        }
        return .finished
    }
}
