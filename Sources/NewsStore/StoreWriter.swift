internal import LMDB
internal import NewsModel
internal import Synchronization
internal import Threads

/// The one that writes: a thread that works in rounds.
///
/// A round takes all jobs of the foreground, or a slice of the background; it goes through them shard by shard, one
/// transaction each, and commits them beside each other. What has been committed is published, and told to those who
/// wait. The round is over when all of it has.
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
    /// And in one of its transactions. Beside others few: somebody who comes has the transaction end early, and waits
    /// for its flush.
    static let transactionJobCounts = (quiet: 4096, shared: 96)
    /// Jobs that are worth another thread's wake-up when they are done.
    static let spentCountMin = 64
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
                serveRound(batch.foreground)
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

    private func serveRound(_ jobs: [WriteJob]) {
        serve(jobs)
        awaitCommits()
        if !moves.isEmpty {
            var round = WriteRound()
            // Each is five commits, for which the others wait.
            let served = moves.prefix(StoreWriter.moveCountMax)
            for job in served { serve(move: job, &round) }
            moves.removeFirst(served.count)
            finish(round)
        }
        endRound()
    }

    /// Applies jobs of the foreground shard by shard. Commits may be left under way.
    private func serve(_ jobs: [WriteJob]) {
        var groups: [Period: [WriteJob]] = [:]
        for job in jobs {
            if job.destination == nil { groups[job.period, default: []].append(job) } else { moves.append(job) }
        }
        // Those that are being committed have to wait for that.
        let isOpen = { [commits] (period: Period) in commits.index(of: period) == nil ? 0 : 1 }
        let periods = groups.keys.sorted { (isOpen($0), $0) < (isOpen($1), $1) }
        for (index, period) in periods.enumerated() {
            upcoming = index + 1 < periods.count ? periods[index + 1] : nil
            // One shard alone needs no other thread.
            _ = serve(groups[period] ?? [], of: period, periods.count == 1 ? .here : .elsewhere, .unlimited)
            endDone()
        }
        dropAhead()
        lastForeground = MonotonicClock.now
    }

    private func awaitCommits() { while !commits.isEmpty { awaitCommit() } }

    /// Waits for a commit, and lets those in who come while some of an import are under way.
    private func awaitCommit() {
        let jobs = queue.waitForCommit(letsIn: commits.isBackground)
        endDone()
        if !jobs.isEmpty { serve(jobs) }
    }

    /// Waits until a transaction of the shard can begin, and can be committed beside those that are under way.
    private func awaitRoom(_ period: Period, _ place: CommitPlace, _ time: WorkTime) {
        guard time.isLimited else { return makeRoomForCommit(of: period, place) }
        endDone()
        while commits.index(of: period) != nil || !commits.hasRoom { awaitCommit() }
    }

    /// Nothing of the round is under way any more.
    private func endRound() {
        requests.forget(before: context.options.clock() - context.options.requestMemory)
        letGo()
    }

    private func serveSlice() {
        let options = context.options
        let isQuiet = MonotonicClock.now - lastForeground >= options.quietTime.nanoseconds
        let length = isQuiet ? max(options.quietSlice, options.backgroundSlice) : options.backgroundSlice
        context.isQuiet.store(isQuiet, ordering: .relaxed)
        commits.pageCountMax = isQuiet ? OpenCommits.pageCounts.quiet : OpenCommits.pageCounts.shared
        let jobCounts = StoreWriter.transactionJobCounts
        let jobCountMax = isQuiet ? jobCounts.quiet : jobCounts.shared
        let time = WorkTime.slice(length.nanoseconds, queue)
        let place = isQuiet && background.lineCount == 1 ? CommitPlace.here : .elsewhere
        var room = StoreWriter.sliceJobCountMax
        repeat {
            let jobs = background.first(limit: min(room, jobCountMax))
            guard let period = jobs.first?.period else { break }
            if !commits.isEmpty {
                // That may take long, and somebody may have come.
                awaitRoom(period, place, time)
                if time.isOver { break }
            }
            let served = serve(jobs, of: period, place, time)
            background.drop(served, of: period)
            room -= served
            // What has just begun to be committed counts now, too.
            restShards()
        } while room > 0 && !time.isOver
        endDone()
        awaitCommits()
        endRound()
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
        awaitRoom(period, place, time)
        var group = WriteGroup(jobs: Array(jobs))
        do throws(StoreError) {
            let shard = try writable(period)
            try claim(&group, period)
            try attempt(&group, shard, place, time)
        } catch {
            dropAhead()
            group.note(error, of: period, context.options.onFault)
            context.publication.tell(group.completions)
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
        // Refusals change nothing: they need no commit to be true.
        let isToCommit = !group.successes.isEmpty && writer.hasChanges
        if writer.hasChanges || catalog.hasChanges { try catalog.commit() }
        guard isToCommit else {
            writer.abort()
            context.publication.tell(group.completions)
            return true
        }
        try begin(group, writer, isBackground: time.isLimited)
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

    /// Publishes what a round without commits beside each other has done, then tells those who wait.
    func finish(_ round: WriteRound) {
        publish(round.committed)
        context.publication.tell(round.completions)
    }

    /// Shows readers what has been committed; all with smaller revisions has been.
    func publish(_ committed: [CommittedShard]) {
        // What turned out to be on disk after a failed commit counts as well.
        let last = max(committed.map(\.meta.lastRevision).max() ?? 0, commits.isEmpty ? recoveredRevision : 0)
        let step = context.options.publicationStep
        for shard in committed { shard.announce() }
        step?(.announced)
        let isMoved = last > context.publication.position
        if isMoved { context.publication.publish(last) }
        step?(.positioned)
        for shard in committed { shard.publish() }
        step?(.published)
        context.publication.noteChange()
        context.publication.noteMoment()
        if isMoved || !committed.isEmpty { context.publication.tellObserver(committed.flatMap(\.counted)) }
    }
}
