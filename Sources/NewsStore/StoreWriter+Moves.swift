internal import LMDB
internal import NewsModel
internal import Synchronization
internal import Threads

/// Moves between shards: two environments, so no one commit can hold the whole change. An intent in the catalog does.
///
///     1. catalog     the intent
///     2. new shard   the article, its change, the request
///     3. catalog     `located` leads to the new shard
///     4. old shard   the article is gone
///     5. catalog     the intent is gone, and `located` if the id names the new shard
///
/// A process that ends before 2 is durable leaves nothing but the intent; one that ends later leaves the article in
/// both shards, or in the new one alone. What the shards hold tells which, and `settle` finishes or drops the move
/// before anybody reads. While the process lives, both shards are published together, so a list shows the article in
/// one place; who asks for it by its id looks again when a move was under way, see `StoreContext.moves`.
///
/// Reactions go with their article in 2 and 4, unless they are too many, see StoreWriter+Carrying.swift.
extension StoreWriter {
    /// Serves a job that may move its article to another shard.
    func serve(move job: WriteJob, _ round: inout WriteRound) {
        do throws(StoreError) {
            round.completions.append(try move(job, &round))
        } catch {
            let fail = job.fail
            round.completions.append { fail(error) }
        }
    }

    private func move(_ job: WriteJob, _ round: inout WriteRound) throws(StoreError) -> @Sendable () -> Void {
        guard let destination = job.destination, destination != job.period else { throw .wrongPeriod(job.period) }
        if !catalog.openIntents.isEmpty {  // The one before has left reactions behind.
            end(&round)
            settleLeft()
        }
        let (source, target) = (try writable(job.period), try writable(destination))
        for shard in [source, target] { try refuseUnsettled(shard) }
        var failure = MoveFailure()
        do throws(StoreError) {
            if let success = try attempt(job, source, target, &round, &failure) { return success }
            try carry(source, target, &round, failure)
            // Whatever comes of it: if it is no move, the reactions are taken back between two rounds.
            if let success = try attempt(job, source, target, &round, &failure) { return success }
            throw .outcomeUnknown(destination)
        } catch {
            let isCarried = catalog.openIntents.contains { $0.id == failure.overloaded }
            guard failure.isUnsettled || isCarried else { throw error }
            settle([source, target], among: [source.period, target.period], isFailed: true)
            if failure.moved == nil { throw error }
            if case .full = error, isUndone(failure.moved, target) { throw error }
            throw .outcomeUnknown(destination)
        }
    }

    struct MoveFailure {
        /// Whether the shards have to be looked at. Nothing holds their environments by then.
        var isUnsettled = false
        /// The article, if it was to go to another shard.
        var moved: ArticleID?
        /// The article, if its reactions have to go first.
        var overloaded: ArticleID?
    }

    /// Ends a round before its time.
    func end(_ round: inout WriteRound) {
        finish(round)
        round = WriteRound()
    }

    /// Whether it is known that the article is not in the shard where it was to go.
    private func isUndone(_ id: ArticleID?, _ target: Shard) -> Bool {
        guard let id else { return true }
        return (try? context.holds(id, in: target.period)) == false
    }

    /// - Returns: `nil` when reactions have to be carried first; nothing has happened then.
    private func attempt(
        _ job: WriteJob, _ source: Shard, _ target: Shard, _ round: inout WriteRound, _ failure: inout MoveFailure
    ) throws(StoreError) -> (@Sendable () -> Void)? {
        let writer = try makeWriter(source, try context.shards.pin(source))
        defer { source.file.unpin() }
        writer.carried = failure.overloaded
        writer.target = try makeWriter(target, try context.shards.pin(target), now: writer.now)
        defer { target.file.unpin() }
        writer.beginCommand()
        do throws(StoreError) {
            let success = try job.apply(writer)
            try concludeMove(writer, &round)
            return success
        } catch {
            writer.target?.abort()
            writer.abort()
            skipRevisions(of: writer)
            if failure.overloaded == nil, let id = writer.overloaded {
                failure.overloaded = id
                return nil
            }
            // Refused, or nothing was committed: all is as it was.
            failure.isUnsettled = writer.hasChanges && isUnsettled(error, writer.moved)
            failure.moved = writer.moved
            throw error
        }
    }

    private func isUnsettled(_ error: StoreError, _ moved: ArticleID?) -> Bool {
        if case .outcomeUnknown = error { return true }
        return catalog.openIntents.contains { $0.id == moved }
    }

    /// Commits what the command did.
    private func concludeMove(_ writer: ShardWriter, _ round: inout WriteRound) throws(StoreError) {
        guard let target = writer.target, let id = writer.moved else {
            writer.target?.abort()
            guard writer.hasChanges || catalog.hasChanges else { return writer.abort() }
            try catalog.commit()
            round.committed.append(try commitShard(writer))
            return keep(writer)
        }
        let request = target.newRequests.last.map { Key(requestTime: $0.time, requestID: $0.id).array }
        let intent = MoveIntent(id: id, source: writer.period, target: target.period, requestKey: request ?? [])
        catalog.begin(intent)
        try catalog.commit()
        context.moves.add(1, ordering: .sequentiallyConsistent)
        defer { context.moves.add(1, ordering: .sequentiallyConsistent) }
        let arrived = try commitShard(target, isDurable: true)
        catalog.claim(id, in: target.period)
        try catalog.commit()
        let left = try commitShard(writer, isDurable: true)
        keep(target)
        keep(writer)
        round.committed += [arrived, left]
        // Reactions that were carried ahead are left behind, until this round is over.
        if writer.carried == nil { end(intent, at: intent.target) }
    }

    /// Removes the intent, and lets `located` say where the article is. When that fails, it is done before the next
    /// round or at the next start: the shards tell that the move is over.
    ///
    /// - Parameter period: of the shard that has the article; `nil`: none has.
    func end(_ intent: MoveIntent, at period: Period?) {
        catalog.end(intent)
        if let period {
            if context.names(period, intent.id) {
                catalog.release(intent.id)
            } else {
                catalog.claim(intent.id, in: period)
            }
        }
        try? catalog.commit()
    }

    /// Finishes or drops the moves between some shards by what these hold. Unless a move whose commit failed was
    /// dropped, its caller is told that the outcome is unknown, and may repeat the call with its request id.
    ///
    /// - Parameter isFailed: whether a commit has just failed, so that nobody knows what the shards hold.
    private func settle(_ shards: [Shard], among periods: Set<Period>, isFailed: Bool) {
        for shard in shards where isFailed || shard.isReadOnly.load(ordering: .relaxed) { reopen(shard) }
        context.moves.add(1, ordering: .sequentiallyConsistent)
        defer { context.moves.add(1, ordering: .sequentiallyConsistent) }
        var isSettled = false
        for attempt in 0..<StoreWriter.settlementsMax where !isSettled {
            if attempt > 0 { for shard in shards { reopen(shard) } }
            isSettled = settleAll(among: periods)
        }
        for shard in shards { reload(shard) }
        if isSettled { return }
        let next = MonotonicClock.now + context.options.recoveryInterval.nanoseconds
        for shard in shards { shard.nextRecovery.store(next, ordering: .relaxed) }
    }

    private static let settlementsMax = 3

    /// Settles moves that could not be when they failed, for want of room. To be called between rounds.
    func settleLeft() {
        guard !catalog.openIntents.isEmpty, !context.shards.isLayoutUncertain.load(ordering: .relaxed) else { return }
        var due: [Period: Shard] = [:]
        var periods: Set<Period> = []
        for intent in catalog.openIntents {
            let shards = [intent.source, intent.target].compactMap { context.shards.shard($0) }
            guard shards.allSatisfy({ mayRecover($0) }) else { continue }
            periods.formUnion([intent.source, intent.target])
            for shard in shards { due[shard.period] = shard }
        }
        if periods.isEmpty { return }
        settle(due.values.sorted { $0.sortKey < $1.sortKey }, among: periods, isFailed: false)
        finish(WriteRound())
    }

    /// Settles all moves that are left, whether it is time to try or not, and shows what came of it.
    func settleNow() {
        let intents = catalog.openIntents
        if intents.isEmpty { return }
        let periods = Set(intents.flatMap { [$0.source, $0.target] })
        let shards = periods.compactMap { context.shards.shard($0) }.sorted { $0.sortKey < $1.sortKey }
        settle(shards, among: periods, isFailed: false)
        finish(WriteRound())
    }

    /// Whether the shard takes writes, or it is time to try.
    private func mayRecover(_ shard: Shard) -> Bool {
        let isStopped = shard.isReadOnly.load(ordering: .relaxed) && !shard.isStarved.load(ordering: .relaxed)
        return !isStopped && shard.file.isUsable
            && MonotonicClock.now >= shard.nextRecovery.load(ordering: .relaxed)
    }

    /// - Throws: `full` while an article is in this shard and in another one: when the move is settled, what has been
    ///   written to the copy that goes would be gone. The same while the shard has the article's reactions alone, which
    ///   another article of that id would get.
    func refuseUnsettled(_ shard: Shard) throws(StoreError) {
        for intent in catalog.openIntents where [intent.source, intent.target].contains(shard.period) {
            if (try? hasLeftovers(of: intent.id, in: shard)) == true { throw .full(path: shard.file.path) }
            let isInBoth = [intent.source, intent.target].allSatisfy { period in
                (try? context.holds(intent.id, in: period)) == true
            }
            if isInBoth { throw .full(path: shard.file.path) }
        }
    }

    /// Settles the moves that the catalog knows to be under way.
    ///
    /// - Parameter periods: only those between two of these; `nil`: all.
    /// - Returns: whether none of them is left.
    @discardableResult func settleAll(among periods: Set<Period>? = nil) -> Bool {
        let isMeant = { (intent: MoveIntent) in periods?.isSuperset(of: [intent.source, intent.target]) ?? true }
        for intent in catalog.openIntents where isMeant(intent) { try? settle(intent) }
        return !catalog.openIntents.contains(where: isMeant)
    }

    /// Brings a move to its end that a failure or the end of a process has interrupted.
    private func settle(_ intent: MoveIntent) throws(StoreError) {
        let place = try settlePlace(of: intent)
        try takeLeftovers(of: intent)
        end(intent, at: place)
    }

    /// Sees to it that the article is in one shard.
    ///
    /// - Returns: which; `nil`: it is in neither.
    private func settlePlace(of intent: MoveIntent) throws(StoreError) -> Period? {
        let isInSource = try context.holds(intent.id, in: intent.source)
        guard try context.holds(intent.id, in: intent.target) else { return isInSource ? intent.source : nil }
        guard isInSource else { return intent.target }
        guard let source = try writable(intent.source, orElse: intent) else { return intent.source }
        catalog.claim(intent.id, in: intent.target)
        try catalog.commit()
        try settle(source) { (writer) throws(StoreError) in try writer.leave(intent.id) }
        return intent.target
    }

    /// The shard that the article is to leave. When it takes no writes, the article leaves the new one again, and there
    /// is none.
    private func writable(_ period: Period, orElse intent: MoveIntent) throws(StoreError) -> Shard? {
        guard let shard = context.shards.shard(period) else { return nil }
        guard shard.isReadOnly.load(ordering: .acquiring) else { return shard }
        guard let target = context.shards.shard(intent.target) else { return nil }
        try settle(target) { (writer) throws(StoreError) in
            try writer.leave(intent.id)
            if !intent.requestKey.isEmpty { try writer.remove(intent.requestKey, in: .requests) }
        }
        return nil
    }

    /// One transaction of a shard that is published by what is on disk, when all is settled.
    @discardableResult func settle(
        _ shard: Shard, _ body: (ShardWriter) throws(StoreError) -> Void
    ) throws(StoreError) -> CommittedShard {
        let writer = try makeWriter(shard, try context.shards.pin(shard))
        defer { shard.file.unpin() }
        defer { written.add(shard.period, pageCount: writer.changedPageCount) }
        do throws(StoreError) {
            try body(writer)
            let committed = try commitShard(writer, isDurable: true)
            skipRevisions(of: writer)
            return committed
        } catch {
            writer.abort()
            throw error
        }
    }
}

extension StoreContext {
    /// Whether the id leads to the period by itself.
    func names(_ period: Period, _ id: ArticleID) -> Bool { id.namedPeriod(layout) == period }
}

extension ArticleID {
    /// The shard of the day that the id begins with; `nil`: it begins with none.
    func namedPeriod(_ layout: ShardLayout) -> Period? { namedDay.map { Period($0, layout) } }
}
