internal import LMDB
internal import NewsModel
internal import Synchronization

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
        let (source, target) = (try writable(job.period), try writable(destination))
        var hasFailed = false
        do throws(StoreError) {
            return try attempt(job, source, target, &round, &hasFailed)
        } catch {
            guard hasFailed else { throw error }
            settle(source, target)
            if case .full = error { throw error }
            throw .outcomeUnknown(destination)
        }
    }

    /// - Parameter hasFailed: whether the shards have to be looked at. Nothing holds their environments by then.
    private func attempt(
        _ job: WriteJob, _ source: Shard, _ target: Shard, _ round: inout WriteRound, _ hasFailed: inout Bool
    ) throws(StoreError) -> @Sendable () -> Void {
        let writer = try makeWriter(source, try context.shards.pin(source))
        defer { source.file.unpin() }
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
            // Refused, or nothing was committed: all is as it was.
            hasFailed = writer.hasChanges && isUnsettled(error)
            throw error
        }
    }

    private func isUnsettled(_ error: StoreError) -> Bool {
        if case .outcomeUnknown = error { return true }
        return !catalog.openIntents.isEmpty
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
        end(intent, at: intent.target)
    }

    /// - Parameter isDurable: whether the commit must be flushed whatever is deferred otherwise, because a commit of
    ///   another environment relies on it.
    func commitShard(_ writer: ShardWriter, isDurable: Bool = false) throws(StoreError) -> CommittedShard {
        do throws(LMDBError) {
            let committed = try commit(writer)
            if isDurable, context.options.durability.interval != nil { try writer.environment.sync() }
            return committed
        } catch {
            guard error != .mapFull, error != .diskFull else { throw .full(path: writer.shard.file.path) }
            tell(StoreFault(.commitFailed, writer.period, error))
            throw .outcomeUnknown(writer.period)
        }
    }

    /// Removes the intent, and lets `located` say where the article is. When that fails, the next start does it: the
    /// shards tell that the move is over.
    ///
    /// - Parameter period: of the shard that has the article; `nil`: none has.
    private func end(_ intent: MoveIntent, at period: Period?) {
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

    /// A commit of a move failed. Finishes or drops the move by what the shards hold. Its caller is told that the
    /// outcome is unknown, and may repeat the call with its request id.
    private func settle(_ source: Shard, _ target: Shard) {
        for shard in [source, target] { reopen(shard) }
        context.moves.add(1, ordering: .sequentiallyConsistent)
        defer { context.moves.add(1, ordering: .sequentiallyConsistent) }
        for _ in 0..<StoreWriter.settlementsMax where !settleAll() {
            for shard in [source, target] { reopen(shard) }
        }
        for shard in [source, target] { reload(shard) }
    }

    private static let settlementsMax = 3

    /// Settles every move that the catalog knows to be under way.
    ///
    /// - Returns: whether none is left.
    @discardableResult func settleAll() -> Bool {
        for intent in catalog.openIntents { try? settle(intent) }
        return catalog.openIntents.isEmpty
    }

    /// Brings a move to its end that a failure or the end of a process has interrupted.
    private func settle(_ intent: MoveIntent) throws(StoreError) {
        let isInSource = try context.holds(intent.id, in: intent.source)
        let isInTarget = try context.holds(intent.id, in: intent.target)
        guard isInTarget else { return end(intent, at: isInSource ? intent.source : nil) }
        if isInSource {
            guard let source = try writable(intent.source, orElse: intent) else {
                return end(intent, at: intent.source)
            }
            catalog.claim(intent.id, in: intent.target)
            try catalog.commit()
            try settle(source) { (writer) throws(StoreError) in try writer.leave(intent.id) }
        }
        end(intent, at: intent.target)
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
    private func settle(_ shard: Shard, _ body: (ShardWriter) throws(StoreError) -> Void) throws(StoreError) {
        let writer = try makeWriter(shard, try context.shards.pin(shard))
        defer { shard.file.unpin() }
        do throws(StoreError) {
            try body(writer)
            _ = try commitShard(writer, isDurable: true)
        } catch {
            writer.abort()
            throw error
        }
        skipRevisions(of: writer)
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
