internal import LMDB
package import NewsModel
internal import Synchronization
internal import Threads

/// Views: counted in memory, shown to readers, written later.
///
///     1. inbox      loops count what callers bring, and answer
///     2. lines      the writer takes the counts, and looks up how many views each article has had: the line is a total
///     3. overlay    readers get the totals
///     4. shards     the writer writes the totals, in transactions of its own, and closes the lines
///
/// 2 and 3 come `viewPublication` after the first view of a time in which there were none, 4 `viewFlush` after it; 4
/// comes early when much waits, and when the store is closed. What is written is a total: a write whose outcome nobody
/// knows is repeated and changes nothing the second time.
extension StoreWriter {
    /// Articles that one transaction writes, at most.
    private static let viewCountMax = 1024

    /// Something has come into an inbox that was empty, or waits for room.
    func viewsArrived() {
        let now = MonotonicClock.now
        // Where nothing can be written now, trying again at once does not help.
        let isFailing = ledger.failure != nil || ledger.unreadable != nil
        let isPressing = !isFailing && context.views.inbox.isPressing
        let wait = isPressing ? 0 : context.options.viewPublication.nanoseconds
        ledger.nextTake = min(ledger.nextTake ?? .max, now + wait)
        let flush = isPressing ? 0 : context.options.viewFlush.nanoseconds
        ledger.nextFlush = min(ledger.nextFlush ?? .max, now + flush)
    }

    /// Does some of what is due, about as much as fits between two rounds.
    func viewSlice() {
        guard let deadline = ledger.deadline, deadline <= MonotonicClock.now else { return }
        let time = WorkTime.slice(context.options.backgroundSlice.nanoseconds, queue)
        if let take = ledger.nextTake, take <= MonotonicClock.now { takeViews() }
        if !ledger.arrivals.isEmpty { lookUpViews(time) }
        // What was taken belongs to the flush as well.
        if !ledger.isBusy, let flush = ledger.nextFlush, flush <= MonotonicClock.now { ledger.beginFlush() }
        if !ledger.due.isEmpty { writeViews(time) }
        if MonotonicClock.now >= ledger.nextShow { showViews() }
        letViewsIn()
        restShards()
    }

    /// Writes all views that have been recorded.
    ///
    /// - Throws: why some could not be written. They are kept.
    func writeAllViews() throws(StoreError) {
        takeViews()
        while !ledger.arrivals.isEmpty { lookUpViews(.unlimited) }
        showViews()
        ledger.beginFlush()
        while !ledger.due.isEmpty { writeViews(.unlimited) }
        showViews()
        letViewsIn()
        restShards()
        if let failure = ledger.failure ?? ledger.unreadable { throw failure }
    }

    /// The same for the last time: no more are taken.
    func endViews() {
        ledger.arrivals += context.views.inbox.close()
        do throws(StoreError) {
            try writeAllViews()
        } catch {
            let count = ledger.lines.count + context.views.inbox.arrivalCount
            guard count > 0 else { return }
            tell(StoreFault(.flushFailed, "views", "views of \(count) articles were not written: \(error)"))
        }
    }

    private func takeViews() {
        ledger.nextTake = nil
        ledger.unreadable = nil
        ledger.arrivals += context.views.inbox.takeAll(heldCount: ledger.heldCount)
        guard ledger.nextFlush == nil, !ledger.arrivals.isEmpty else { return }
        // The flush that they were first to belong to has begun without them.
        let rest = context.options.viewFlush - context.options.viewPublication
        ledger.nextFlush = MonotonicClock.now + max(0, rest.nanoseconds)
    }

    // MARK: Lines and overlay

    /// Enters arrivals into the lines.
    private func lookUpViews(_ time: WorkTime) {
        var kept: [ViewInbox.Arrival] = []
        var isFirst = true
        while isFirst || !time.isOver, let arrival = ledger.arrivals.popLast() {
            isFirst = false
            if ledger.add(arrival) { continue }
            do throws(StoreError) {
                // One that is nowhere was purged meanwhile, and its views are of no use to anybody.
                // The same goes for one that was purged and has a successor of its id.
                guard let place = try place(of: arrival.id, first: arrival.period),
                    place.createTime == arrival.createTime
                else { continue }
                ledger.open(arrival, in: place.period, written: place.events.views)
            } catch {
                if case .damaged = error { continue }  // Nobody can say what it was added to.
                ledger.unreadable = error
                kept.append(arrival)
            }
        }
        if !kept.isEmpty { retryLater(kept) }
    }

    /// Arrivals of shards that cannot be looked into at this moment.
    private func retryLater(_ arrivals: [ViewInbox.Arrival]) {
        for arrival in arrivals { context.views.inbox.putBack(arrival) }
        let later = MonotonicClock.now + context.options.viewFlush.nanoseconds
        ledger.nextTake = min(ledger.nextTake ?? .max, later)
    }

    private struct Place {
        let period: Period
        let createTime: Instant
        let events: Counters
    }

    /// Where an article is, and what has been counted there.
    private func place(of id: ArticleID, first hint: Period) throws(StoreError) -> Place? {
        if let place = try place(of: id, in: hint) { return place }
        for other in [id.namedPeriod(context.layout), try catalog.located(id)] {
            guard let other, other != hint, let place = try place(of: id, in: other) else { continue }
            return place
        }
        return nil
    }

    private func place(of id: ArticleID, in period: Period) throws(StoreError) -> Place? {
        guard let shard = context.shards.shard(period) else { return nil }
        let key = Array(id.text.utf8)
        var result = RecordResult.absent
        var stats: StatsValue?
        try context.shards.look(into: shard) { (transaction, tables) throws(LMDBError) in
            result = try transaction.header(key.span, in: .articles, tables)
            guard case .found(let header) = result else { return }
            let rowKey = header.order.newestFirstKey(id)
            stats = try transaction.stats(rowKey.span, tables)
        }
        switch result {
        case .absent: return nil
        case .damaged: throw .damaged(shard.place(.articles, id.text))
        case .found(let header):
            guard let stats else { throw .damaged(shard.place(.stats, id.text)) }
            return Place(period: period, createTime: header.createTime, events: stats.events)
        }
    }

    /// Lets readers know, if there is news and all that was taken has been looked up.
    private func showViews() {
        guard ledger.isChanged, ledger.arrivals.isEmpty, !ledger.untold.isEmpty || ledger.due.isEmpty else { return }
        let (overlay, news) = ledger.publication()
        context.views.publish(overlay)
        context.publication.noteChange()
        if !news.isEmpty { context.publication.tellObserver(news) }
        ledger.nextShow = MonotonicClock.now + context.options.viewPublication.nanoseconds
    }

    /// Lets those in who wait for room, if there is. They are refused when there will be none soon.
    private func letViewsIn() {
        var told: StoreError?
        if let obstacle = ledger.obstacle { told = refusal(of: obstacle) }
        if context.views.inbox.admit(heldCount: ledger.heldCount, refusal: told) { viewsArrived() }
    }

    /// What those are told: nothing of a shard that may be none of theirs.
    private func refusal(of error: StoreError) -> StoreError {
        if case .full = error { return error }
        return error.isDescriptorShortage ? error : .notWritable(path: context.directory)
    }

    // MARK: Writing

    /// Writes the views of some articles of one shard.
    private func writeViews(_ time: WorkTime) {
        guard let period = ledger.due.keys.min(), let all = ledger.due[period] else { return }
        let ids = Array(all.suffix(Self.viewCountMax))
        guard context.shards.shard(period) != nil else {
            ledger.due[period] = nil
            for id in all { rehouseViews(id, from: period) }
            return
        }
        var (taken, missing): (Int, [ArticleID]) = (0, [])
        do throws(StoreError) {
            try transact(views: ids, try writable(period), time, &taken, &missing)
        } catch {
            return keepViews(of: period, error)
        }
        let left = Array(all.dropLast(taken))
        ledger.due[period] = left.isEmpty ? nil : left
        let gone = Set(missing)
        for id in ids.suffix(taken) where !gone.contains(id) && ledger.lines[id]?.period == period { ledger.close(id) }
        for id in missing { rehouseViews(id, from: period) }
        ledger.failing.remove(period)
    }

    /// One transaction, in a round of its own.
    ///
    /// - Parameters:
    ///   - taken: how many have been dealt with, from the last on.
    ///   - missing: those of them that the shard does not have.
    private func transact(
        views ids: [ArticleID], _ shard: Shard, _ time: WorkTime, _ taken: inout Int, _ missing: inout [ArticleID]
    ) throws(StoreError) {
        var round = WriteRound()
        defer { finish(round) }
        try recovering(shard) { () throws(StoreError) in
            let writer = try makeWriter(shard, try context.shards.pin(shard, isNoted: false))
            defer { release(writer) }
            for id in ids.reversed() {
                if taken > 0, time.isOver { break }
                taken += 1
                // It may have become one of another shard meanwhile, which a later flush writes.
                guard let line = ledger.lines[id], line.period == shard.period else { continue }
                do throws(StoreError) {
                    if try !writer.setViews(id, line) { missing.append(id) }
                } catch {
                    // What can be damaged is read before anything is written; there is no number to add to.
                    guard case .damaged = error else {
                        writer.abort()
                        throw error
                    }
                }
            }
            guard writer.hasChanges else { return writer.abort() }
            try conclude(writer, &round)
        }
    }

    /// Leaves what cannot be written now to the next flush.
    private func keepViews(of period: Period, _ error: StoreError) {
        ledger.due[period] = nil
        // Once, as it is tried again and again.
        if let fault = StoreFault(error, period), ledger.failing.insert(period).inserted { tell(fault) }
        postponeFlush(error)
    }

    private func postponeFlush(_ error: StoreError) {
        ledger.failure = error
        let later = MonotonicClock.now + context.options.viewFlush.nanoseconds
        ledger.nextFlush = min(ledger.nextFlush ?? .max, later)
    }

    /// Looks for an article that is not where it was: it went to another shard, or is gone.
    private func rehouseViews(_ id: ArticleID, from period: Period) {
        guard let line = ledger.lines[id], line.period == period else { return }
        do throws(StoreError) {
            guard let place = try place(of: id, first: line.period), place.createTime == line.createTime,
                place.period != line.period
            else { return ledger.close(id) }
            ledger.move(id, to: place.period)
            ledger.due[place.period, default: []].append(id)
        } catch {
            postponeFlush(error)
        }
    }
}

extension ShardWriter {
    /// Writes how many views an article has had here.
    ///
    /// - Returns: `false` when the shard has no such article.
    func setViews(_ id: ArticleID, _ line: ViewLedger.Line) throws(StoreError) -> Bool {
        guard let header = try header(of: id), header.createTime == line.createTime else { return false }
        let rowKey = Key(newest: header.order, id)
        let stored = try storedStats(rowKey)
        if line.total > stored.events.views { try putStats(rowKey, stored.raised(to: line.total)) }
        return true
    }
}

extension Store {
    /// Counts views. They are in memory when that is said; see `StoreWriter.viewSlice` for what follows.
    ///
    /// - Parameter completion: is called if nothing is returned: as much is counted already as there is room for, and
    ///   the views are when some of it has been written. It is called once, on any thread, and must not block.
    package func record(
        _ report: ViewReport, completion: @escaping @Sendable (ViewOutcome) -> Void
    ) -> ViewOutcome? {
        let (outcome, wakes) = context.views.inbox.record(report, completion)
        if wakes { _ = queue.submit { writer in writer.viewsArrived() } }
        return outcome
    }

    /// What came of a report whose request is known; `nil`: it is not, or the report waits for room.
    package func outcome(of request: ViewReport.Request) -> ViewOutcome? { context.views.inbox.outcome(of: request) }

    /// Whether views of a shard's articles are to be recorded: not while it takes no writes for good.
    package func takesViews(_ period: Period) -> Bool {
        guard let shard = context.shards.shard(period) else { return true }
        return !shard.isReadOnly.load(ordering: .relaxed) || shard.isStarved.load(ordering: .relaxed)
    }

    /// Writes all views that have been recorded, and waits for it.
    package func writeViews() throws(StoreError) {
        try onWriter { (writer) throws(StoreError) in try writer.writeAllViews() }
    }
}
