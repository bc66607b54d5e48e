internal import Threads

/// How long the writer goes on with the background before it looks at the foreground again.
///
/// Somebody who waits for a write is let in earlier than others would be: the background has had its turn after
/// `turn`, and what it has done by then is committed first.
struct WorkTime {
    /// Of a slice that somebody waits for. Half as much, and twice as much, made no more of an import beside creates:
    /// whoever is let in sooner is done sooner.
    static let turn: Int64 = 250_000

    private let begin: Int64
    private let length: Int64
    private let queue: WriteQueue?

    /// For what is to be done whole.
    static var unlimited: WorkTime { WorkTime(begin: 0, length: .max, queue: nil) }

    /// Begins now.
    ///
    /// - Parameter length: Nanoseconds.
    static func slice(_ length: Int64, _ queue: WriteQueue) -> WorkTime {
        WorkTime(begin: MonotonicClock.now, length: length, queue: queue)
    }

    private init(begin: Int64, length: Int64, queue: WriteQueue?) {
        self.begin = begin
        self.length = length
        self.queue = queue
    }

    /// Whether it is an import's.
    var isLimited: Bool { queue != nil }

    var isOver: Bool {
        guard let queue else { return false }
        let used = MonotonicClock.now - begin
        return used >= length || used >= WorkTime.turn && queue.hasForeground
    }
}
