internal import NewsModel
internal import Synchronization
internal import Threads

/// A command on its way through the writer, without the type of its output.
///
/// An object, since it goes from list to list: each copy of a value would count the references in it.
final class WriteJob: Sendable {
    let period: Period
    let claim: ArticleID?
    let destination: Period?
    /// Applies the command.
    ///
    /// - Returns: what tells the submitter, once its shard's commit is durable.
    let apply: @Sendable (ShardWriter) throws(StoreError) -> @Sendable () -> Void
    let fail: @Sendable (StoreError) -> Void

    init<Command: StoreCommand>(
        _ command: Command, completion: @escaping @Sendable (Result<Command.Output, StoreError>) -> Void
    ) {
        period = command.period
        claim = command.claim
        destination = command.destination
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
        var errands: [WriterErrand] = []
        var isClosed = false
        /// Whether a commit has ended since the writer last waited for one.
        var hasEndedCommit = false
        /// Whom the writer has to be woken by. It is not woken again until it has looked.
        var awaited = Awaited.nobody

        mutating func isAwaited(_ isMeant: (Awaited) -> Bool) -> Bool {
            guard isMeant(awaited) else { return false }
            awaited = .nobody
            return true
        }
    }

    private enum Awaited {
        case nobody
        case anybody
        case commit
        case commitOrForeground
    }

    private let waiting = Monitor(Waiting())
    private let foregroundCount = Atomic<Int>(0)

    /// Whether somebody waits for the foreground, as it was a moment ago.
    var hasForeground: Bool { foregroundCount.load(ordering: .relaxed) > 0 }

    /// - Returns: `false` when the queue is closed.
    func submit(_ job: WriteJob, _ lane: WriteLane) -> Bool {
        var isAccepted = false
        waiting.wakeIf { waiting in
            guard !waiting.isClosed else { return false }
            isAccepted = true
            switch lane {
            case .foreground:
                waiting.foreground.append(job)
                foregroundCount.store(waiting.foreground.count, ordering: .relaxed)
                return waiting.isAwaited { $0 == .anybody || $0 == .commitOrForeground }
            case .background:
                waiting.background.append(job)
                return waiting.isAwaited { $0 == .anybody }
            }
        }
        return isAccepted
    }

    /// - Returns: `false` when the queue is closed.
    func submit(_ errand: @escaping WriterErrand) -> Bool {
        var isAccepted = false
        waiting.signal { waiting in
            guard !waiting.isClosed else { return }
            isAccepted = true
            waiting.errands.append(errand)
        }
        return isAccepted
    }

    func close() { waiting.signal { $0.isClosed = true } }

    /// What a round of the writer begins with.
    struct Batch {
        var foreground: [WriteJob]
        var background: [WriteJob]
        var errands: [WriterErrand]
        var isClosed: Bool
    }

    /// Takes all that waits.
    ///
    /// - Parameter deadline: until when to wait until there is something, or the queue is closed, in nanoseconds of
    ///   the monotonic clock; `nil`: for as long as that takes.
    func take(deadline: Int64?) -> Batch {
        let body = { [self] (waiting: inout Waiting) -> Batch? in
            if waiting.foreground.isEmpty, waiting.background.isEmpty, waiting.errands.isEmpty, !waiting.isClosed {
                waiting.awaited = .anybody
                return nil
            }
            defer {
                (waiting.foreground, waiting.background, waiting.errands) = ([], [], [])
                foregroundCount.store(0, ordering: .relaxed)
            }
            return Batch(
                foreground: waiting.foreground, background: waiting.background, errands: waiting.errands,
                isClosed: waiting.isClosed)
        }
        guard let deadline else { return waiting.wait(until: body) }
        return waiting.wait(deadline: deadline, until: body)
            ?? Batch(foreground: [], background: [], errands: [], isClosed: false)
    }
}

extension WriteQueue {
    func noteEndedCommit() {
        waiting.wakeIf { waiting in
            waiting.hasEndedCommit = true
            return waiting.isAwaited { $0 == .commit || $0 == .commitOrForeground }
        }
    }

    /// Waits until a commit has ended, or somebody comes who is let in.
    ///
    /// - Parameter letsIn: whether the jobs of the foreground are taken meanwhile.
    func waitForCommit(letsIn: Bool) -> [WriteJob] {
        waiting.wait { [self] waiting in
            let hasForeground = letsIn && !waiting.foreground.isEmpty
            guard waiting.hasEndedCommit || hasForeground else {
                waiting.awaited = letsIn ? .commitOrForeground : .commit
                return nil
            }
            waiting.hasEndedCommit = false
            guard hasForeground else { return [] }
            defer { waiting.foreground = [] }
            foregroundCount.store(0, ordering: .relaxed)
            return waiting.foreground
        }
    }
}

/// Background jobs, by shard, so that a slice commits few shards.
struct BackgroundJobs {
    private var lines: [Period: Line] = [:]
    private(set) var count = 0
    var isEmpty: Bool { count == 0 }
    /// Shards with jobs.
    var lineCount: Int { lines.count }

    /// The jobs of one shard, in the order in which they came.
    private struct Line {
        /// Those before `head` are done and gone.
        var jobs: [WriteJob?] = []
        var head = 0
        var count: Int { jobs.count - head }
    }

    mutating func append(_ jobs: [WriteJob]) {
        for job in jobs { lines[job.period, default: Line()].jobs.append(job) }
        count += jobs.count
    }

    /// The first jobs, at most `limit`, of the shard for which most wait. They stay until they are dropped.
    func first(limit: Int) -> [WriteJob] {
        // Of two with as many the older one, so that the order is the same every time.
        let fullest = lines.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
        guard let line = fullest?.value else { return [] }
        return line.jobs[line.head...].prefix(limit).compactMap(\.self)
    }

    /// Drops the first jobs of a shard: they have been served.
    mutating func drop(_ servedCount: Int, of period: Period) {
        guard var line = lines.removeValue(forKey: period) else { return }
        for index in line.head..<(line.head + servedCount) { line.jobs[index] = nil }
        line.head += servedCount
        count -= servedCount
        if line.count == 0 { return }
        if line.head > line.count {
            line.jobs.removeFirst(line.head)
            line.head = 0
        }
        lines[period] = line
    }
}
