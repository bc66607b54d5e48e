internal import LMDB
internal import NewsModel
internal import Synchronization

/// Where a transaction of the writer begins and ends.
enum CommitPlace {
    /// On the writer's thread, which waits for its flushes.
    case here
    /// On a committer, while the writer goes on with the next shard.
    case elsewhere
}

/// The threads of transactions that are committed beside each other, see ARCHITECTURE.md section 4.
final class Committers {
    /// How many. Flushes of nine shards by one thread, two, three, four and nine took 7.6, 5.9, 4.4, 4.4 and 3.9 ms.
    static let count = 4

    private var threads: [CommitThread] = []
    private var turn = 0

    /// One that has nothing to do, if there is one; of several each in its turn. They are made when they are needed.
    func next() -> CommitThread {
        if threads.count < Committers.count {
            threads.append(CommitThread(name: "committer\(threads.count)"))
            return threads[threads.count - 1]
        }
        let inTurn = threads.indices.map { (turn + $0) % threads.count }
        let index = inTurn.min { threads[$0].pendingCount < threads[$1].pendingCount } ?? 0
        turn = (index + 1) % threads.count
        return threads[index]
    }
}

/// The transactions of a round that are not published yet: those that are being committed, and those that have ended
/// before one with smaller revisions.
struct OpenCommits {
    struct Open {
        var group: WriteGroup
        /// `nil` once it has ended: a shard is opened anew when nobody has the old environment.
        var writer: ShardWriter?
        let committed: CommittedShard
        let pageCount: Int
        /// Whether it is of an import, beside which others are let in.
        let isBackground: Bool
        /// What came of it; `nil` while it is under way.
        var outcome: Outcome?

        init(_ group: WriteGroup, _ writer: ShardWriter, _ committed: CommittedShard, isBackground: Bool) {
            self.group = group
            self.writer = writer
            self.committed = committed
            self.isBackground = isBackground
            pageCount = writer.changedPageCount
        }

        var isUnderWay: Bool { outcome == nil }
    }

    enum Outcome {
        case committed
        /// The shard holds what it holds.
        case failed
    }

    /// Pages that transactions under way have changed, at most, when one more of an import begins: LMDB has them in
    /// memory until they are committed. Beside others it is fewer, since their flushes wait for those.
    static let pageCounts = (quiet: 1024, shared: 256)

    /// In the order of their revisions.
    private var open: [Open] = []
    var pageCountMax = OpenCommits.pageCounts.quiet

    var isEmpty: Bool { open.isEmpty }
    var pageCount: Int { open.reduce(0) { $0 + ($1.isUnderWay ? $1.pageCount : 0) } }
    var isBackground: Bool { open.contains { $0.isUnderWay && $0.isBackground } }
    /// The one that began first.
    var first: Int? { open.firstIndex(where: \.isUnderWay) }
    /// The first whose end has come, though nobody has taken note of it.
    var firstEnded: Int? { open.firstIndex { $0.isUnderWay && $0.writer?.hasEndedCommit == true } }
    var hasCommitter: Bool { open.count(where: \.isUnderWay) < Committers.count }
    /// Whether one more of an import may begin.
    var hasRoom: Bool { hasCommitter && pageCount <= pageCountMax }

    /// Of the commit of a shard that is under way. There may be an earlier one that has ended and is not published.
    func index(of period: Period) -> Int? { open.firstIndex { $0.isUnderWay && $0.committed.shard.period == period } }

    subscript(index: Int) -> Open {
        get { open[index] }
        _modify { yield &open[index] }
    }

    mutating func append(_ commit: Open) { open.append(commit) }

    /// Takes those out that have ended and have none before them that is under way.
    mutating func takeEnded() -> ArraySlice<Open> {
        let ended = open.prefix { !$0.isUnderWay }
        open.removeFirst(ended.count)
        return ended
    }
}

/// Jobs on their way to the thread that frees them.
///
/// Whoever hands a closure on may let go of it after it has run, and with it of what it holds: so it holds a place that
/// is empty by then.
final class SpentJobs: Sendable {
    private let jobs: Mutex<[WriteJob]?>

    init(_ jobs: [WriteJob]) { self.jobs = Mutex(jobs) }

    func letGo() { _ = jobs.withLock { $0.take() } }
}

/// A shard whose transaction begins on a committer while the writer is busy with the one before.
struct ShardAhead {
    let shard: Shard
    let environment: Environment
    let transaction: BeginningWrite

    /// Pinned.
    init(_ shard: Shard, _ environment: Environment, on committer: CommitThread) {
        self.shard = shard
        self.environment = environment
        transaction = environment.beginningWrite(on: committer)
    }
}

extension StoreWriter {
    /// Begins a transaction of a shard, and then the one after it.
    func makeWriter(_ shard: Shard, _ place: CommitPlace) throws(StoreError) -> ShardWriter {
        defer { beginAhead() }
        if let ahead, ahead.shard === shard {
            self.ahead = nil
            return try makeWriter(shard, ahead.environment, beginning: ahead.transaction)
        }
        dropAhead()
        let environment = try context.shards.pin(shard, isNoted: false)
        let beginning = place == .elsewhere ? environment.beginningWrite(on: committers.next()) : nil
        return try makeWriter(shard, environment, beginning: beginning)
    }

    private func beginAhead() {
        guard let period = upcoming.take(), commits.index(of: period) == nil, let shard = context.shards.shard(period),
            !shard.isReadOnly.load(ordering: .relaxed),
            let environment = try? context.shards.pin(shard, isNoted: false)
        else { return }
        ahead = ShardAhead(shard, environment, on: committers.next())
    }

    /// Ends what has begun and is not needed.
    func dropAhead() {
        upcoming = nil
        guard let shard = ahead?.shard else { return }
        // Whether it began does not matter any more.
        if let transaction = ahead.take()?.transaction { try? undo(transaction) }
        shard.file.unpin()
    }

    private func undo(_ beginning: BeginningWrite) throws(LMDBError) { _ = try beginning.take() }

    /// Begins the commit of a group, which `end` ends.
    func begin(_ group: WriteGroup, _ writer: ShardWriter, isBackground: Bool) throws(StoreError) {
        // Whatever comes of it, they are not given again.
        defer { skipRevisions(of: writer) }
        do throws(StoreError) {
            let committed = try beginShard(writer)
            requests.noteUndecided(writer.newRequests)
            commits.append(OpenCommits.Open(group, writer, committed, isBackground: isBackground))
        } catch {
            writer.abort()
            throw error
        }
    }

    /// Waits for commits until a transaction of the shard can begin, and one more commit can be under way, unless it
    /// is made by this thread. What an import has in memory does not count: nobody waits for its flush but for that.
    func makeRoomForCommit(of period: Period, _ place: CommitPlace) {
        endDone()
        if let index = commits.index(of: period) { end(index) }
        while place == .elsewhere, !commits.hasCommitter, let first = commits.firstEnded ?? commits.first { end(first) }
    }

    /// Takes note of the commits that have ended.
    func endDone() { while let index = commits.firstEnded { end(index) } }

    /// Waits for all commits that are under way.
    func settleCommits() { while let first = commits.first { end(first) } }

    /// Waits for a commit, publishes what can be published, and tells those who wait for it.
    private func end(_ index: Int) {
        let committed = commits[index].committed
        let records = commits[index].writer?.newRequests ?? []
        do throws(StoreError) {
            try recovering(committed.shard) { () throws(StoreError) in try endWriter(index) }
            commits[index].outcome = .committed
        } catch {
            commits[index].group.note(error, of: committed.shard.period, context.options.onFault)
            commits[index].outcome = .failed
        }
        requests.decided(records)
        let group = commits[index].group
        spent += group.jobs
        let isEarly = commits[index].outcome == .committed && commits.first.map { $0 < index } == true
        publishEnded()
        if isEarly { context.publication.noteTold(committed.meta.lastRevision) }
        context.publication.tell(group.completions)
        // Before the next transaction takes as much memory again.
        restShards()
    }

    private func publishEnded() {
        let ended = commits.takeEnded()
        if !ended.isEmpty { publish(ended.filter { $0.outcome == .committed }.map(\.committed)) }
    }

    /// Has another thread give back the memory of many jobs, each of which is a dozen pieces that were made elsewhere.
    func letGo() {
        let isWorthIt = spent.count >= StoreWriter.spentCountMin
        let jobs = SpentJobs(spent)
        spent = []
        if isWorthIt { committers.next().start { jobs.letGo() } }
    }

    private func endWriter(_ index: Int) throws(StoreError) {
        guard let writer = commits[index].writer.take() else { preconditionFailure("a commit ends once") }
        defer { release(writer) }
        try endShard(writer)
        keep(writer)
    }

    /// A transaction has ended: nothing of the writer's holds the environment any more.
    func release(_ writer: ShardWriter) {
        written.add(writer.period, pageCount: writer.changedPageCount)
        writer.shard.file.unpin()
    }

    // MARK: One commit

    /// - Parameter isDurable: whether the commit must be flushed whatever is deferred otherwise, because a commit of
    ///   another environment relies on it.
    func commitShard(_ writer: ShardWriter, isDurable: Bool = false) throws(StoreError) -> CommittedShard {
        let committed = try beginShard(writer)
        try endShard(writer, isDurable: isDurable)
        return committed
    }

    private func beginShard(_ writer: ShardWriter) throws(StoreError) -> CommittedShard {
        do throws(LMDBError) {
            if let error = context.options.commitFault?(.before, writer.period) { throw error }
            return try writer.beginCommit(steps(of: writer.period))
        } catch {
            throw failure(of: writer, error)
        }
    }

    private func steps(of period: Period) -> CommitSteps {
        let before = context.options.commitStep.map { step in { @Sendable in step(period) } }
        return CommitSteps(before: before, after: { [queue] in queue.noteEndedCommit() })
    }

    private func endShard(_ writer: ShardWriter, isDurable: Bool = false) throws(StoreError) {
        do throws(LMDBError) { try writer.endCommit() } catch { throw failure(of: writer, error) }
        do throws(LMDBError) {
            if let interval = context.options.durability.interval {
                deferred.add(writer.shard, interval: interval)
            } else {
                // While the purge could still be undone, the entries are needed. One too many is harmless; `check`
                // sweeps.
                for id in writer.released { catalog.release(id) }
            }
            if let error = context.options.commitFault?(.after, writer.period) { throw error }
            guard isDurable, context.options.durability.interval != nil else { return }
            if let error = context.options.commitFault?(.sync, writer.period) { throw error }
            try writer.environment.sync()
        } catch {
            throw uncertain(writer, error)
        }
    }

    /// What a commit that failed is called. A flush that finds no room undoes nothing, so only that of the commit
    /// itself is known to have done nothing.
    private func failure(of writer: ShardWriter, _ error: LMDBError) -> StoreError {
        if error == .mapFull || error == .diskFull { return .full(path: writer.shard.file.path) }
        return uncertain(writer, error)
    }

    private func uncertain(_ writer: ShardWriter, _ error: LMDBError) -> StoreError {
        tell(StoreFault(.commitFailed, writer.period, error))
        return .outcomeUnknown(writer.period)
    }
}
