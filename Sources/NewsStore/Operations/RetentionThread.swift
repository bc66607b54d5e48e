internal import NewsModel
internal import Synchronization
internal import Threads

/// Drops what is older than a store is to keep: when it is opened, and then once an hour.
final class RetentionThread: Sendable {
    private static let pause: Int64 = 3600 * 1_000_000_000
    private let isStopping = Monitor(false)
    private let thread = Mutex<Thread?>(nil)

    func start(_ store: Store, _ span: CalendarSpan) {
        let onRetention = store.context.options.onRetention
        thread.withLock {
            $0 = Thread.start(name: "store-retention") { [weak store, isStopping] in
                repeat {
                    // Held for the moment only: who lets go of the store last closes it.
                    guard let store else { return }
                    let limit = store.retentionLimit(span)
                    let isDue = store.periods.contains { period in period.endDay.map { $0 <= limit } ?? false }
                    guard isDue else { continue }
                    let outcome = Result { () throws(StoreError) in try store.retain(since: limit) }
                    onRetention?(outcome)
                } while isStopping.wait(deadline: MonotonicClock.now + Self.pause) { $0 ? true : nil } == nil
            }
        }
    }

    /// - Parameter waits: until it has ended.
    func stop(waits: Bool) {
        isStopping.broadcast { $0 = true }
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if waits, let thread, !thread.isCurrent { thread.join() }
    }
}
