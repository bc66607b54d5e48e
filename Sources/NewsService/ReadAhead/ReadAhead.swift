internal import Bytes
internal import GRPCCall
internal import NewsStore
internal import Threads

/// Methods that read the store.
enum ReadMethod: Sendable {
    case get, batchGet, list, listChanges
    /// Of EngagementService: the counters of an article, and what has to be read before views are counted.
    case stats, views
}

/// Threads that make reads whose pages may have to come from the disk, for all loops, and throw away what they read:
/// then it is in memory, and the loop makes the read itself. So an answer is always the loop's own, whatever happens to
/// the store in between, and calls that wait are calls like others that wait for their turn.
///
/// The threads begin with the first read.
package final class ReadAhead: Sendable {
    struct Job: Sendable {
        let method: ReadMethod
        let request: [UInt8]
        /// Who is told when the read has been made.
        let call: CallReference
        /// Where the time counts that it took, if that was the disk's.
        let waits: DiskWaits
        /// Whether nobody waits for it any more.
        let cancellation: CallCancellation
    }

    private struct State {
        var waiting = FirstInFirstOut<Job>()
        /// Of their requests.
        var byteCount = 0
        var threads: [Thread] = []
        var isClosed = false
    }

    /// They wait for the disk nearly all of the time, and disks are quickest when asked for several things at once.
    package static let threadCount = 16
    /// Reads that may wait. Of more, the loops take the time themselves.
    static let waitingMax = 4096
    /// Bytes that their requests may have.
    static let waitingByteMax = 8 << 20
    /// Memory that a thread keeps for replies.
    private static let keptByteCount = 64 << 10

    private let state = Monitor(State())

    /// - Returns: `false` when too many wait, or the server is about to end: the read is to be made as it is.
    func submit(_ job: Job, _ core: ServiceCore) -> Bool {
        var isAccepted = false
        state.signal { state in
            guard !state.isClosed, state.waiting.count < Self.waitingMax,
                state.byteCount + job.request.count <= Self.waitingByteMax
            else { return }
            isAccepted = true
            state.byteCount += job.request.count
            state.waiting.append(job)
            if state.threads.isEmpty {
                state.threads = (0..<Self.threadCount).map { number in
                    Thread.start(name: "ahead-\(number)") { [self] in run(core) }
                }
            }
        }
        return isAccepted
    }

    /// Ends the threads. Calls of reads that still wait are told nothing. Comes before the store is closed.
    func close() {
        var threads: [Thread] = []
        state.broadcast { state in
            state.isClosed = true
            swap(&threads, &state.threads)
        }
        for thread in threads { thread.join() }
    }

    private func next() -> Job? {
        state.wait { state -> Job?? in
            if state.isClosed { return .some(nil) }
            guard let job = state.waiting.removeFirst() else { return nil }
            state.byteCount -= job.request.count
            return .some(job)
        }
    }

    private func run(_ core: ServiceCore) {
        // Without a reader every call is told at once, and the loop waits as it would have.
        let services = try? ReadServices(core)
        let context = CallContext(reply: ByteArena())
        while let job = next() {
            // A peer that asks and resets makes nobody read.
            if job.cancellation.isCancelled { continue }
            let faultCount = core.disk.majorFaults()
            let start = core.disk.clock()
            services?.read(job, context)
            context.reply.removeAll(keeping: Self.keptByteCount)
            if core.disk.majorFaults() != faultCount { job.waits.add(core.disk.clock() - start) }
            job.call.again()
        }
    }
}

/// The services of one thread, with views of their own.
private struct ReadServices {
    private let articles: ArticleService
    private let engagement: EngagementService

    init(_ core: ServiceCore) throws(StoreError) {
        // An answer from memory would bring nothing into it.
        articles = try ArticleService(core, keepsReplies: false)
        engagement = EngagementService(core, beside: articles)
    }

    /// Makes a read for what it brings into memory.
    func read(_ job: ReadAhead.Job, _ call: CallContext) {
        let request = job.request.span
        switch job.method {
        case .get: _ = articles.getArticle(encoded: request, call)
        case .batchGet: _ = articles.batchGetArticles(encoded: request, call)
        case .list: _ = articles.listArticles(encoded: request, call)
        case .listChanges: _ = articles.listArticleChanges(encoded: request, call)
        case .stats: _ = engagement.getArticleStats(encoded: request, call)
        case .views: engagement.readArticles(ofViews: request, call)
        }
        articles.articles.reader.rest()
    }
}
