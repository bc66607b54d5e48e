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
    private let queue: WriteQueue
    private let catalog: CatalogChanges
    let requests: RequestMemory
    private var background = BackgroundJobs()
    private var nextRevision: UInt64

    /// Jobs of the background in one slice, at most.
    static let sliceJobCountMax = 8192
    /// And in one of its transactions: about what the time of a slice is enough for.
    static let transactionJobCountMax = 1024
    /// Pages that a transaction may change before it is committed; LMDB's own limit is 131,071.
    static let transactionPageCountMax = 32_768

    init(_ context: StoreContext, _ queue: WriteQueue, requests: RequestMemory, lastRevision: UInt64) {
        self.context = context
        self.queue = queue
        self.requests = requests
        catalog = CatalogChanges(context.catalog)
        nextRevision = lastRevision + 1
    }

    /// Works until the queue is closed and empty.
    func run() {
        while true {
            let batch = queue.take(mayWait: background.isEmpty)
            background.append(batch.background)
            if !batch.foreground.isEmpty { serve(batch.foreground) }
            if !background.isEmpty { serveSlice() }
            let isIdle = batch.foreground.isEmpty && batch.background.isEmpty && background.isEmpty
            if batch.isClosed, isIdle { return }
        }
    }

    /// Goes on behind a revision that turned out to be on disk.
    func takeRevisions(after revision: UInt64) { nextRevision = max(nextRevision, revision + 1) }

    private func serve(_ jobs: [WriteJob]) {
        var round = WriteRound()
        var groups: [Period: [WriteJob]] = [:]
        for job in jobs { groups[job.period, default: []].append(job) }
        for period in groups.keys.sorted() {
            _ = serve(groups[period] ?? [], of: period, &round, deadline: .max)
        }
        finish(round)
    }

    private func serveSlice() {
        var round = WriteRound()
        let deadline = MonotonicClock.now + context.options.backgroundSlice.nanoseconds
        var room = StoreWriter.sliceJobCountMax
        repeat {
            let jobs = background.first(limit: min(room, StoreWriter.transactionJobCountMax))
            guard let period = jobs.first?.period else { break }
            let served = serve(jobs, of: period, &round, deadline: deadline)
            background.drop(served, of: period)
            room -= served
        } while room > 0 && MonotonicClock.now < deadline
        finish(round)
    }

    /// Applies and commits jobs of one shard.
    ///
    /// - Parameter deadline: no job is begun after it, but the first.
    /// - Returns: how many were served; the rest is to be served later.
    private func serve(_ jobs: [WriteJob], of period: Period, _ round: inout WriteRound, deadline: Int64) -> Int {
        var served = 0
        while served < jobs.count, served == 0 || MonotonicClock.now < deadline {
            served += transact(jobs[served...], of: period, &round, deadline: deadline)
        }
        return served
    }

    /// One transaction.
    ///
    /// - Returns: how many jobs it was the end of.
    private func transact(
        _ jobs: ArraySlice<WriteJob>, of period: Period, _ round: inout WriteRound, deadline: Int64
    ) -> Int {
        var group = WriteGroup(jobs: Array(jobs))
        do throws(StoreError) {
            let shard: Shard
            if let known = context.shards.shard(period) {
                shard = known
            } else {
                shard = try context.shards.make(period)
            }
            guard !shard.isReadOnly.load(ordering: .relaxed) else { throw .readOnly(period) }
            try claim(&group, period)
            try attempt(&group, shard, &round, deadline)
        } catch {
            if group.taken == 0 { group.taken = group.jobs.count }
            for index in 0..<group.taken where group.failures[index] == nil { group.failures[index] = error }
            group.successes = [:]
        }
        round.completions += group.completions
        return group.taken
    }

    /// Enters the ids that do not name their shard. A claim that fails is its job's failure alone.
    private func claim(_ group: inout WriteGroup, _ period: Period) throws(StoreError) {
        for (index, job) in group.jobs.enumerated() {
            guard let id = job.claim else { continue }
            let known = try catalog.located(id)
            if known == period { continue }
            if let known, try holds(id, in: known) {
                group.failures[index] = .locatedElsewhere(known)
            } else {
                catalog.claim(id, in: period)
            }
        }
    }

    private func holds(_ id: ArticleID, in period: Period) throws(StoreError) -> Bool {
        guard let shard = context.shards.shard(period) else { return false }
        let environment = try context.shards.pin(shard)
        defer { shard.file.unpin() }
        let key = Array(id.text.utf8)
        do throws(LMDBError) {
            let transaction = try environment.beginRead()
            return try transaction.withValue(of: key.span, in: environment.table(ShardTable.articles)) { _ in }
        } catch {
            throw StoreError(error, path: shard.file.path)
        }
    }

    /// Applies the group's jobs until all that are left can be applied together, then commits.
    private func attempt(
        _ group: inout WriteGroup, _ shard: Shard, _ round: inout WriteRound, _ deadline: Int64
    ) throws(StoreError) {
        while true {
            let environment = try context.shards.pin(shard)
            var pinned: Environment? = environment
            defer { if pinned != nil { shard.file.unpin() } }
            let writer = try ShardWriter(
                shard, environment, context: context, catalog: catalog, requests: requests,
                nextRevision: nextRevision, now: context.options.clock())
            guard group.apply(to: writer, deadline: deadline) else {
                writer.abort()
                continue
            }
            try catalog.commit()
            guard !group.successes.isEmpty else { return writer.abort() }
            do throws(LMDBError) {
                let number = try commit(writer)
                nextRevision = max(nextRevision, writer.meta.lastRevision + 1)
                for request in writer.newRequests { requests.insert(request) }
                round.committed.append((shard, writer.meta, number))
                return
            } catch {
                nextRevision = max(nextRevision, writer.meta.lastRevision + 1)
                guard error != .mapFull, error != .diskFull else { throw .full(path: shard.file.path) }
                writer.abort()
                shard.file.unpin()
                pinned = nil
            }
            break
        }
        recover(shard)
        throw .outcomeUnknown(shard.period)
    }

    private func commit(_ writer: ShardWriter) throws(LMDBError) -> UInt64 {
        if let error = context.options.commitFault?(.before, writer.period) { throw error }
        let number = try writer.commit()
        if let error = context.options.commitFault?(.after, writer.period) { throw error }
        return number
    }

    /// Publishes what the round committed, then tells those who wait.
    private func finish(_ round: WriteRound) {
        if let last = round.committed.map(\.meta.lastRevision).max(), last > context.publication.position {
            context.publication.publish(last)
        }
        for (shard, meta, number) in round.committed { shard.publish(meta, transaction: number) }
        context.publication.roundEnded()
        requests.forget(before: context.options.clock() - context.options.requestMemory)
        for completion in round.completions { completion() }
    }
}

/// What a round has done so far.
struct WriteRound {
    var committed: [(shard: Shard, meta: ShardMeta, transaction: UInt64)] = []
    var completions: [@Sendable () -> Void] = []
}

/// The jobs of one transaction.
struct WriteGroup {
    let jobs: [WriteJob]
    /// Jobs, from the first on, that belong to the transaction.
    var taken = 0
    var successes: [Int: @Sendable () -> Void] = [:]
    var failures: [Int: StoreError] = [:]

    init(jobs: [WriteJob]) { self.jobs = jobs }

    /// Applies the jobs that have not failed, until the transaction is large enough or the time is over.
    ///
    /// - Returns: `false` when a job failed after it had changed something: the transaction is to be undone, and the
    ///   others are applied again without it.
    mutating func apply(to writer: ShardWriter, deadline: Int64) -> Bool {
        successes = [:]
        for (index, job) in jobs.enumerated() {
            let isFull = writer.pageCount > StoreWriter.transactionPageCountMax
            if index > 0, isFull || (deadline != .max && MonotonicClock.now >= deadline) {
                taken = index
                return true
            }
            guard failures[index] == nil else { continue }
            writer.beginCommand()
            do throws(StoreError) {
                successes[index] = try job.apply(writer)
            } catch {
                failures[index] = error
                if case .full = error {  // Those behind it would not fit either.
                    for later in (index + 1)..<max(index + 1, jobs.count) where failures[later] == nil {
                        failures[later] = error
                    }
                }
                if writer.hasWritten { return false }
            }
        }
        taken = jobs.count
        return true
    }

    var completions: [@Sendable () -> Void] {
        (0..<taken).compactMap { index in
            if let error = failures[index] {
                let fail = jobs[index].fail
                return { fail(error) }
            }
            return successes[index]
        }
    }
}
