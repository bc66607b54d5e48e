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

    /// Each in its turn, so that it is the one whose commit began longest ago. They are made when they are needed.
    func next() -> CommitThread {
        defer { turn = (turn + 1) % Committers.count }
        if turn == threads.count { threads.append(CommitThread(name: "committer\(turn)")) }
        return threads[turn]
    }
}

/// The transactions of a round: those that are being committed, and what came of the others.
struct OpenCommits {
    fileprivate struct Open {
        var group: WriteGroup
        /// `nil` once it has ended: a shard is opened anew when nobody has the old environment.
        var writer: ShardWriter?
        let pageCount: Int
        let committed: CommittedShard

        init(_ group: WriteGroup, _ writer: ShardWriter, _ committed: CommittedShard) {
            self.group = group
            self.writer = writer
            self.committed = committed
            pageCount = writer.changedPageCount
        }
    }

    /// Pages that transactions under way have changed, at most, when one more begins: LMDB has them in memory until
    /// they are committed.
    fileprivate static let pageCountMax = 1024

    fileprivate var open: [Open] = []
    var pageCount: Int { open.reduce(0) { $0 + $1.pageCount } }
    /// Whether commits are under way.
    var isOpen: Bool { !open.isEmpty }
    func isOpen(_ period: Period) -> Bool { open.contains { $0.committed.shard.period == period } }
    /// Whether the round needs nothing more but that these end.
    var isServed = false
    fileprivate var committed: [CommittedShard] = []
    var completions: [@Sendable () -> Void] = []
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
        guard let period = upcoming.take(), !commits.isOpen(period), let shard = context.shards.shard(period),
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

    /// Begins the commit of a group, which `settleCommits` ends.
    func begin(_ group: WriteGroup, _ writer: ShardWriter) throws(StoreError) {
        // Whatever comes of it, they are not given again.
        defer { skipRevisions(of: writer) }
        do throws(StoreError) {
            let committed = try beginShard(writer)
            requests.noteUndecided(writer.newRequests)
            commits.open.append(OpenCommits.Open(group, writer, committed))
        } catch {
            writer.abort()
            throw error
        }
    }

    /// Waits for commits until a transaction of the shard can begin, and one more commit can be under way.
    func makeRoomForCommit(of period: Period) {
        if commits.isOpen(period) { return settleCommits() }
        while commits.open.count >= Committers.count || commits.pageCount > OpenCommits.pageCountMax {
            end(commits.open.removeFirst())
        }
    }

    /// Waits for all commits that are under way.
    func settleCommits() {
        while !commits.open.isEmpty { end(commits.open.removeFirst()) }
        requests.decided()
    }

    /// What the round has done, when nothing of it is under way any more.
    func takeCommits() -> WriteRound {
        settleCommits()
        defer { commits = OpenCommits() }
        return WriteRound(committed: commits.committed, completions: commits.completions)
    }

    private func end(_ open: consuming OpenCommits.Open) {
        let shard = open.committed.shard
        do throws(StoreError) {
            try recovering(shard) { () throws(StoreError) in try endWriter(&open) }
            commits.committed.append(open.committed)
            commits.completions += open.group.completions
        } catch {
            tellFailure(of: &open.group, shard.period, error)
        }
        spent += open.group.jobs
        // Before the next transaction takes as much memory again.
        restShards()
    }

    /// Has another thread give back the memory of many jobs, each of which is a dozen pieces that were made elsewhere.
    func letGo() {
        let jobs = spent
        spent = []
        if jobs.count >= StoreWriter.spentCountMin { committers.next().start { withExtendedLifetime(jobs) {} } }
    }

    private func endWriter(_ open: inout OpenCommits.Open) throws(StoreError) {
        guard let writer = open.writer.take() else { preconditionFailure("a commit ends once") }
        defer { release(writer) }
        try endShard(writer)
        keep(writer)
    }

    /// A transaction has ended: nothing of the writer's holds the environment any more.
    func release(_ writer: ShardWriter) {
        written.add(writer.period, pageCount: writer.changedPageCount)
        writer.shard.file.unpin()
    }

    /// All of a group that had not failed before has failed.
    func tellFailure(of group: inout WriteGroup, _ period: Period, _ error: StoreError) {
        if let fault = StoreFault(error, period) { tell(fault) }
        group.fail(error)
        commits.completions += group.completions
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
            return try writer.beginCommit()
        } catch {
            throw failure(of: writer, error)
        }
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
