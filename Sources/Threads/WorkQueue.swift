/// Threads that run jobs which may block, in the order they came, with a limit on how many wait.
package final class WorkQueue: Sendable {
    private struct State {
        var waiting = FirstInFirstOut<@Sendable () -> Void>()
        var isShutDown = false
    }

    private let monitor: Monitor<State>
    private let threads: Monitor<[Thread]>
    private let capacity: Int

    /// - Parameters:
    ///   - name: Of the threads; at most 12 bytes, as a number follows it.
    ///   - urgency: Of the threads.
    ///   - capacity: Jobs that may wait, besides those that run.
    package init(name: String, threadCount: Int, urgency: ThreadUrgency = .usual, capacity: Int) {
        precondition(threadCount > 0 && capacity > 0, "a queue needs a thread and room")
        let monitor = Monitor(State())
        self.monitor = monitor
        self.capacity = capacity
        // The threads hold the monitor and not the queue, so that dropping the queue lets them end.
        threads = Monitor(
            (0..<threadCount).map { index in
                Thread.start(name: "\(name)-\(index)", urgency: urgency) {
                    while let job = Self.next(in: monitor) { job() }
                }
            })
    }

    deinit { monitor.broadcast { state in state.isShutDown = true } }

    /// Lets a thread run `job`. `false`: as many wait as may, or the queue is shut down; `job` will not run.
    ///
    /// - Parameter isUrgent: before all that wait.
    package func submit(isUrgent: Bool = false, _ job: @escaping @Sendable () -> Void) -> Bool {
        var isAccepted = false
        monitor.signal { state in
            isAccepted = !state.isShutDown && state.waiting.count < capacity
            if isAccepted { isUrgent ? state.waiting.prepend(job) : state.waiting.append(job) }
        }
        return isAccepted
    }

    /// Takes no more jobs, and returns when those it took have run. Not to be called by one of them.
    package func shutDown() {
        monitor.broadcast { state in state.isShutDown = true }
        let started = threads.withLock { threads in
            let started = threads
            threads = []
            return started
        }
        for thread in started { thread.join() }
    }

    /// The job whose turn it is, or `nil` when there will be none.
    private static func next(in monitor: Monitor<State>) -> (@Sendable () -> Void)? {
        monitor.wait { state -> (@Sendable () -> Void)?? in
            if let job = state.waiting.removeFirst() { return .some(job) }
            return state.isShutDown ? .some(nil) : nil
        }
    }
}
