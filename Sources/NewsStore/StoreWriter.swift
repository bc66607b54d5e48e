internal import LMDB
internal import NewsModel
internal import Synchronization
internal import Threads

/// The one that writes: a thread that works in rounds.
///
/// A round takes all jobs of the foreground, or a slice of the background; it goes through them shard by shard, one
/// transaction each; commits each; then publishes all of them, and then tells those who wait.
final class StoreWriter {
    let context: StoreContext
    let queue: WriteQueue
    let catalog: CatalogChanges
    let requests: RequestMemory
    private var background = BackgroundJobs()
    /// Jobs that may move an article to another shard.
    private var moves: [WriteJob] = []
    var nextRevision: UInt64
    var deferred = DeferredSyncs()
    var ledger = ViewLedger()
    var written = WrittenPages()
    let committers = Committers()
    /// Of the round.
    var commits = OpenCommits()
    /// Jobs of the round that are done.
    var spent: [WriteJob] = []
    /// The shard of the round that comes after the one that is being written.
    var upcoming: Period?
    /// The same, once its transaction begins.
    var ahead: ShardAhead?
    /// When the foreground was served last, in nanoseconds of the monotonic clock.
    private var lastForeground = MonotonicClock.now
    /// When the background was, which keeps memory lent to it for a while.
    private var lastBackground = MonotonicClock.now

    /// Moves in one round, at most.
    static let moveCountMax = 4
    /// Jobs of the background in one slice, at most.
    static let sliceJobCountMax = 8192
    /// And in one of its transactions.
    static let transactionJobCountMax = 4096
    /// Jobs that are worth another thread's wake-up when they are done.
    static let spentCountMin = 64
    /// Nanoseconds for which rounds follow each other before the writer looks at what else there is to do.
    static let followingMax: Int64 = 50_000_000
    /// Pages that a transaction may change before it is committed; LMDB's own limit is 131,071.
    static let transactionPageCountMax = 32_768

    init(_ context: StoreContext, _ queue: WriteQueue, requests: RequestMemory, lastRevision: UInt64) {
        self.context = context
        self.queue = queue
        self.requests = requests
        catalog = CatalogChanges(context)
        nextRevision = lastRevision + 1
    }

    /// Works until the queue is closed and empty.
    func run() {
        while true {
            let isBusy = !background.isEmpty || !moves.isEmpty
            var batch = queue.take(deadline: isBusy ? 0 : nextDeadline)
            if !batch.background.isEmpty { lendImports() }
            background.append(batch.background)
            let hasBackground = !batch.background.isEmpty
            batch.background = []
            settleLeft()
            for errand in batch.errands { errand(self) }
            if !batch.foreground.isEmpty || !moves.isEmpty {
                serve(batch.foreground)
                serveFollowing()
                lastForeground = MonotonicClock.now
            }
            if !background.isEmpty {
                serveSlice()
                lastBackground = MonotonicClock.now
            } else if written.isLent, MonotonicClock.now - lastBackground > context.options.quietTime.nanoseconds {
                written.isLent = false
            }
            purgeSlice()
            compactSlice(now: context.purgeNow)
            viewSlice()
            syncDue()
            let isIdle = batch.foreground.isEmpty && !hasBackground && background.isEmpty
            if batch.isClosed, isIdle, moves.isEmpty { break }
        }
        endViews()
        syncDue(isLast: true)
    }

    /// When the writer has to work although nobody asks it, on the monotonic clock; `nil`: never.
    private var nextDeadline: Int64? {
        [deferred.deadline, ledger.deadline, nextDue].compactMap(\.self).min()
    }

    private var recoveredRevision: UInt64 = 0

    /// Goes on behind a revision that turned out to be on disk.
    func takeRevisions(after revision: UInt64) {
        nextRevision = max(nextRevision, revision + 1)
        recoveredRevision = max(recoveredRevision, revision)
    }

    /// Serves the rounds that come while the last commits of the one before are under way.
    private func serveFollowing() {
        let end = MonotonicClock.now + StoreWriter.followingMax
        while commits.isServed, background.isEmpty, MonotonicClock.now < end {
            let jobs = queue.takeForeground()
            if jobs.isEmpty { break }
            serve(jobs)
        }
        finishServed()
    }

    /// A round of the foreground. Its last commits may be left under way, for `finishServed` to end it.
    private func serve(_ jobs: [WriteJob]) {
        var groups: [Period: [WriteJob]] = [:]
        for job in jobs {
            if job.destination == nil { groups[job.period, default: []].append(job) } else { moves.append(job) }
        }
        // Those that the round before is still committing have to wait for it.
        let periods = groups.keys.sorted { (commits.isOpen($0) ? 1 : 0, $0) < (commits.isOpen($1) ? 1 : 0, $1) }
        for (index, period) in periods.enumerated() {
            // The last one, which is often the only one, is committed here when there is nothing else to do. Of one
            // shard the next round is likely to be, too, and has to wait.
            let isLast = index + 1 == periods.count && (index == 0 || !queue.hasForeground)
            upcoming = index + 1 < periods.count ? periods[index + 1] : nil
            _ = serve(groups[period] ?? [], of: period, isLast ? .here : .elsewhere, .unlimited)
        }
        dropAhead()
        if moves.isEmpty, commits.isOpen {
            commits.isServed = true
            return
        }
        finishServed()
        var round = takeCommits()
        // Each is five commits, for which the others of the round wait.
        let served = moves.prefix(StoreWriter.moveCountMax)
        for job in served { serve(move: job, &round) }
        moves.removeFirst(served.count)
        finish(round)
    }

    /// Ends the round before, when it has been served.
    func finishServed() {
        if commits.isServed { finish(takeCommits()) }
    }

    private func serveSlice() {
        let options = context.options
        let isQuiet = MonotonicClock.now - lastForeground >= options.quietTime.nanoseconds
        let length = isQuiet ? max(options.quietSlice, options.backgroundSlice) : options.backgroundSlice
        let time = WorkTime.slice(length.nanoseconds, queue)
        var room = StoreWriter.sliceJobCountMax
        repeat {
            let jobs = background.first(limit: min(room, StoreWriter.transactionJobCountMax))
            guard let period = jobs.first?.period else { break }
            if commits.isOpen {
                // That may take long, and somebody may have come.
                makeRoomForCommit(of: period)
                if time.isOver { break }
            }
            let place = background.lineCount > 1 ? CommitPlace.elsewhere : .here
            let served = serve(jobs, of: period, place, time)
            background.drop(served, of: period)
            room -= served
            // What has just begun to be committed counts now, too.
            restShards()
        } while room > 0 && !time.isOver
        finish(takeCommits())
    }

    /// Gives imports the memory that shards keep while there are none.
    private func lendImports() {
        if written.isLent { return }
        written.isLent = true
        restShards()
        ProcessMemory.giveBackFree()
    }

    /// Closes shards that would keep too much memory.
    func restShards() {
        // What is still to be flushed stays open.
        for period in written.takeExcess(beside: commits.pageCount) where deferred.shards[period] == nil {
            if let shard = context.shards.shard(period) { context.shards.rest(shard) }
        }
    }

    /// Applies jobs of one shard and begins to commit them.
    ///
    /// - Parameter time: no job is begun when it is over, but the first.
    /// - Returns: how many were served; the rest is to be served later.
    private func serve(_ jobs: [WriteJob], of period: Period, _ place: CommitPlace, _ time: WorkTime) -> Int {
        var served = 0
        while served < jobs.count, served == 0 || !time.isOver {
            served += transact(jobs[served...], of: period, place, time)
        }
        return served
    }

    /// One transaction.
    ///
    /// - Returns: how many jobs it was the end of.
    private func transact(
        _ jobs: ArraySlice<WriteJob>, of period: Period, _ place: CommitPlace, _ time: WorkTime
    ) -> Int {
        makeRoomForCommit(of: period)
        var group = WriteGroup(jobs: Array(jobs))
        do throws(StoreError) {
            let shard = try writable(period)
            try claim(&group, period)
            try attempt(&group, shard, place, time)
        } catch {
            dropAhead()
            finishServed()
            tellFailure(of: &group, period, error)
        }
        return group.taken
    }

    /// The shard of a period, made when absent.
    func writable(_ period: Period) throws(StoreError) -> Shard {
        guard period.layout ?? context.layout == context.layout else { throw .periodsChanged }
        let shard: Shard
        if let known = context.shards.shard(period) {
            shard = known
        } else {
            shard = try context.shards.make(period)
        }
        try refuseUnsettled(shard)
        guard shard.isReadOnly.load(ordering: .relaxed) else { return shard }
        guard shard.isStarved.load(ordering: .relaxed), !context.shards.isLayoutUncertain.load(ordering: .relaxed)
        else { throw .readOnly(period) }
        if MonotonicClock.now >= shard.nextRecovery.load(ordering: .relaxed) { recover(shard) }
        guard !shard.isReadOnly.load(ordering: .relaxed) else { throw .full(path: shard.file.path) }
        return shard
    }

    /// Enters the ids that do not name their shard. A claim that fails is its job's failure alone.
    private func claim(_ group: inout WriteGroup, _ period: Period) throws(StoreError) {
        for (index, job) in group.jobs.enumerated() {
            guard let id = job.claim else { continue }
            let known = try catalog.located(id)
            if known == period { continue }
            for other in [known, id.namedPeriod(context.layout)].compactMap(\.self) where other != period {
                settleCommits()
                if try context.holds(id, in: other) { group.failures[index] = .locatedElsewhere(other) }
            }
            if group.failures[index] == nil { catalog.claim(id, in: period) }
        }
    }

    /// Applies the group's jobs until all that are left can be applied together, then begins to commit.
    private func attempt(
        _ group: inout WriteGroup, _ shard: Shard, _ place: CommitPlace, _ time: WorkTime
    ) throws(StoreError) {
        var isDone = false
        while !isDone {
            try recovering(shard) { () throws(StoreError) in
                isDone = try attemptOnce(&group, shard, place, time)
            }
        }
    }

    /// - Returns: `false` when a job failed after it had changed something: the others are to be applied again.
    private func attemptOnce(
        _ group: inout WriteGroup, _ shard: Shard, _ place: CommitPlace, _ time: WorkTime
    ) throws(StoreError) -> Bool {
        let writer = try makeWriter(shard, place)
        var isCommitting = false
        defer { if !isCommitting { release(writer) } }
        guard group.apply(to: writer, time) else {
            writer.abort()
            return false
        }
        // Nothing of this round is committed before that one is shown: readers of several shards wait for a moment in
        // which none of them is ahead of the others.
        finishServed()
        // Refusals change nothing: they need no commit to be true.
        let isToCommit = !group.successes.isEmpty && writer.hasChanges
        if writer.hasChanges || catalog.hasChanges { try catalog.commit() }
        guard isToCommit else {
            writer.abort()
            commits.completions += group.completions
            return true
        }
        try begin(group, writer)
        isCommitting = true
        return true
    }

    /// Commits what a transaction has changed, and keeps in mind what came of it.
    func conclude(_ writer: ShardWriter, _ round: inout WriteRound) throws(StoreError) {
        do throws(StoreError) {
            round.committed.append(try commitShard(writer))
            keep(writer)
        } catch {
            skipRevisions(of: writer)
            writer.abort()
            throw error
        }
    }

    /// Runs what commits to a shard. When nobody knows what came of that, what is on disk counts: by then nothing holds
    /// the environment.
    func recovering(_ shard: Shard, _ body: () throws(StoreError) -> Void) throws(StoreError) {
        do throws(StoreError) {
            try body()
        } catch {
            if case .outcomeUnknown = error { recover(shard) }
            throw error
        }
    }

    /// Revisions that a transaction has given are not given again, whatever came of it.
    func skipRevisions(of writer: ShardWriter) { nextRevision = max(nextRevision, writer.meta.lastRevision + 1) }

    /// The transaction has been committed.
    func keep(_ writer: ShardWriter) {
        skipRevisions(of: writer)
        for request in writer.newRequests { requests.insert(request) }
        for id in writer.purged { ledger.close(id) }
    }

    /// Publishes what the round committed, then tells those who wait.
    func finish(_ round: WriteRound) {
        // What turned out to be on disk after a failed commit counts as well.
        let last = max(round.committed.map(\.meta.lastRevision).max() ?? 0, recoveredRevision)
        let step = context.options.publicationStep
        for committed in round.committed { committed.announce() }
        step?(.announced)
        if last > context.publication.position { context.publication.publish(last) }
        step?(.positioned)
        for committed in round.committed { committed.publish() }
        step?(.published)
        context.publication.noteChange()
        context.publication.roundEnded()
        if !round.committed.isEmpty { context.publication.tellObserver(round.committed.flatMap(\.counted)) }
        requests.forget(before: context.options.clock() - context.options.requestMemory)
        context.publication.tell(round.completions)
        letGo()
    }
}
