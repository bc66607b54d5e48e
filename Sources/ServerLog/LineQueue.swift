internal import Files
internal import Threads

/// Lines on their way out, written by a thread of their own: a reader that stops reading holds up no event loop.
///
/// When as many wait as may, further ones are dropped; a line says how many, once there is room again.
package final class LineQueue: Sendable {
    private struct State {
        var lines: [String] = []
        var droppedCount = 0
        var isWriting = false
        var isClosed = false
    }

    private let monitor: Monitor<State>
    private let capacity: Int

    /// - Parameters:
    ///   - capacity: lines that may wait.
    ///   - write: gets lines with their line breaks, on the queue's thread.
    package init(capacity: Int = 1024, write: @escaping @Sendable (String) -> Void) {
        let monitor = Monitor(State())
        self.monitor = monitor
        self.capacity = capacity
        // The thread holds the monitor and not the queue, so that dropping the queue lets it end.
        _ = Thread.start(name: "log") {
            while let text = Self.next(in: monitor) {
                write(text)
                monitor.broadcast { $0.isWriting = false }
            }
        }
    }

    /// To standard error. Nobody is left to tell when that is gone.
    package static func standardError() -> LineQueue {
        LineQueue { text in try? StandardStream.errors.write(text) }
    }

    deinit { monitor.broadcast { $0.isClosed = true } }

    /// - Parameter line: without its line break.
    package func append(_ line: String) {
        monitor.broadcast { state in
            if state.lines.count < capacity { state.lines.append(line) } else { state.droppedCount += 1 }
        }
    }

    /// Waits until what was appended has been written, for so long at most.
    package func flush(within duration: Duration = .seconds(1)) {
        let deadline = MonotonicClock.now + duration.nanoseconds
        _ = monitor.wait(deadline: deadline) { state in
            state.lines.isEmpty && state.droppedCount == 0 && !state.isWriting ? true : nil
        }
    }

    /// What is to be written next, or `nil` when nothing will be.
    private static func next(in monitor: Monitor<State>) -> String? {
        monitor.wait { state -> String?? in
            guard !state.lines.isEmpty || state.droppedCount > 0 else { return state.isClosed ? .some(nil) : nil }
            var lines = state.lines
            if state.droppedCount > 0 { lines.append("(\(state.droppedCount) lines of the log were dropped)") }
            state.lines = []
            state.droppedCount = 0
            state.isWriting = true
            return lines.map { $0 + "\n" }.joined()
        }
    }
}
