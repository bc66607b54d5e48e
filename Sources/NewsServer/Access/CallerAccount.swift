internal import Access
internal import Synchronization

/// What one caller uses now, counted over all loops.
///
/// Atomics and not a share for each loop: a caller with one connection is served by one loop, and a share would give it
/// a part of what it was promised. Loops meet on an account only when they serve the same caller at the same time.
final class CallerAccount: Sendable {
    /// See `CallPace`.
    private let due = Atomic<Int64>(0)
    private let callCount = Atomic<Int>(0)
    private let byteCount = Atomic<Int>(0)

    /// A call comes.
    ///
    /// - Returns: nanoseconds by which it is too early, if it is.
    func pace(_ pace: CallPace, now: Int64) -> Int64? {
        var seen = due.load(ordering: .relaxed)
        while true {
            switch pace.call(due: seen, now: now) {
            case .wait(let early): return early
            case .begin(let next):
                let (isDone, found) = due.weakCompareExchange(expected: seen, desired: next, ordering: .relaxed)
                if isDone { return nil }
                seen = found
            }
        }
    }

    /// A call begins, unless `max` are under way.
    func beginCall(max: Int) -> Bool {
        guard callCount.add(1, ordering: .relaxed).newValue > max else { return true }
        endCall()
        return false
    }

    func endCall() { callCount.subtract(1, ordering: .relaxed) }

    /// Bytes of requests and replies in memory.
    var heldByteCount: Int { byteCount.load(ordering: .relaxed) }

    /// Bytes of requests or replies come into memory, or leave it.
    ///
    /// - Returns: how many there are now.
    @discardableResult func hold(_ delta: Int) -> Int { byteCount.add(delta, ordering: .relaxed).newValue }

    /// Whether a new account would be as good: nothing is under way, and the bucket is full.
    func isAsNew(now: Int64) -> Bool { isIdle && due.load(ordering: .relaxed) <= now }

    var isIdle: Bool { callCount.load(ordering: .relaxed) == 0 && byteCount.load(ordering: .relaxed) == 0 }
}
