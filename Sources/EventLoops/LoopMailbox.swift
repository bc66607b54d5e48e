internal import CLinux
internal import Glibc
internal import Synchronization
internal import Threads

/// How other threads reach a loop.
package final class LoopMailbox: Sendable {
    package typealias Job = @Sendable () -> Void

    private struct State {
        var jobs = FirstInFirstOut<Job>()
        var isClosed = false
    }

    private let state = Mutex(State())
    private let wakeUp: Descriptor
    /// The thread of the loop (pthread_self), which is the one that made it until `run` is called.
    private let owner: Atomic<UInt>

    init() throws(LoopError) {
        wakeUp = try Descriptor(newsrpc_eventfd(), operation: "eventfd")
        owner = Atomic(UInt(pthread_self()))
    }

    var number: Int32 { wakeUp.number }

    /// Runs `job` on the loop, after the jobs posted before it. Any thread may call this; one system call wakes the
    /// loop for all jobs that wait.
    /// - Returns: `false` once the loop has stopped; `job` will not run then.
    @discardableResult package func post(_ job: @escaping Job) -> Bool {
        let (isAccepted, isFirst) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.jobs.append(job)
            return (true, state.jobs.count == 1)
        }
        if isFirst { wake() }
        return isAccepted
    }

    /// Whether the calling thread is the loop's.
    package var isOnLoop: Bool { owner.load(ordering: .relaxed) == UInt(pthread_self()) }

    func adopt() { owner.store(UInt(pthread_self()), ordering: .relaxed) }

    /// Takes the jobs that have waited longest.
    ///
    /// - Returns: Whether others still wait, of which the loop is not told again.
    func takeJobs(into jobs: inout [Job], limit: Int) -> Bool {
        state.withLock { state in
            while jobs.count < limit, let job = state.jobs.removeFirst() { jobs.append(job) }
            return state.jobs.count > 0
        }
    }

    /// Refuses jobs from now on, and returns those that wait.
    func close() -> [Job] {
        state.withLock { $0.isClosed = true }
        var jobs: [Job] = []
        _ = takeJobs(into: &jobs, limit: .max)  // None comes after them.
        return jobs
    }

    /// Makes the eventfd quiet until the next job.
    func acknowledge() {
        var count: UInt64 = 0
        _ = unsafe read(wakeUp.number, &count, MemoryLayout<UInt64>.size)  // EAGAIN: it was quiet already.
    }

    private func wake() {
        var one: UInt64 = 1
        while unsafe write(wakeUp.number, &one, MemoryLayout<UInt64>.size) < 0 {
            // EAGAIN: the counter is full, so the loop is awake.
            if errno != EINTR { return }
        }
    }
}
