internal import NewsModel
internal import Threads

/// A command on its way through the writer, without the type of its output.
struct WriteJob: Sendable {
    let period: Period
    let claim: ArticleID?
    /// Applies the command.
    ///
    /// - Returns: what tells the submitter, once everything is durable.
    let apply: @Sendable (ShardWriter) throws(StoreError) -> @Sendable () -> Void
    let fail: @Sendable (StoreError) -> Void

    init<Command: StoreCommand>(
        _ command: Command, completion: @escaping @Sendable (Result<Command.Output, StoreError>) -> Void
    ) {
        period = command.period
        claim = command.claim
        apply = { (shard) throws(StoreError) in
            let output = try command.apply(to: shard)
            return { completion(.success(output)) }
        }
        fail = { completion(.failure($0)) }
    }
}

/// The jobs that wait, as those who submit and the writer share them.
final class WriteQueue: Sendable {
    private struct Waiting {
        var foreground: [WriteJob] = []
        var background: [WriteJob] = []
        var isClosed = false
    }

    private let waiting = Monitor(Waiting())

    /// - Returns: `false` when the queue is closed.
    func submit(_ job: WriteJob, _ lane: WriteLane) -> Bool {
        var isAccepted = false
        waiting.signal { waiting in
            guard !waiting.isClosed else { return }
            isAccepted = true
            switch lane {
            case .foreground: waiting.foreground.append(job)
            case .background: waiting.background.append(job)
            }
        }
        return isAccepted
    }

    func close() { waiting.signal { $0.isClosed = true } }

    /// What a round of the writer begins with.
    struct Batch {
        var foreground: [WriteJob]
        var background: [WriteJob]
        var isClosed: Bool
    }

    /// Takes all that waits.
    ///
    /// - Parameter mayWait: whether to wait until there is something, or the queue is closed.
    func take(mayWait: Bool) -> Batch {
        waiting.wait { waiting in
            let isIdle = waiting.foreground.isEmpty && waiting.background.isEmpty && !waiting.isClosed
            if isIdle, mayWait { return nil }
            defer { (waiting.foreground, waiting.background) = ([], []) }
            return Batch(
                foreground: waiting.foreground, background: waiting.background, isClosed: waiting.isClosed)
        }
    }
}

/// Background jobs, by shard, so that a slice commits few shards.
struct BackgroundJobs {
    private var byPeriod: [Period: [WriteJob]] = [:]
    private(set) var count = 0
    var isEmpty: Bool { count == 0 }

    mutating func append(_ jobs: [WriteJob]) {
        for job in jobs { byPeriod[job.period, default: []].append(job) }
        count += jobs.count
    }

    /// Takes the jobs of one shard, at most `limit`: of the shard for which most wait.
    mutating func takeShard(limit: Int) -> [WriteJob] {
        guard let fullest = byPeriod.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) }) else { return [] }
        let taken = Array(fullest.value.prefix(limit))
        let rest = Array(fullest.value.dropFirst(limit))
        byPeriod[fullest.key] = rest.isEmpty ? nil : rest
        count -= taken.count
        return taken
    }

    /// Puts jobs back in front of the others of their shard.
    mutating func putBack(_ jobs: ArraySlice<WriteJob>) {
        guard let period = jobs.first?.period else { return }
        byPeriod[period] = Array(jobs) + (byPeriod[period] ?? [])
        count += jobs.count
    }
}
