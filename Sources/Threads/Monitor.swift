internal import Glibc

/// A value behind a lock, with a way to wait until it has changed.
///
/// Waiting takes no processor time. Time limits run on the monotonic clock: setting the time of day does not move them.
@safe package final class Monitor<State>: @unchecked Sendable {
    // Sendable because `state` is touched only while `mutex` is held. C needs addresses that stay, hence the pointers.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    package init(_ state: sending State) {
        self.state = state
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        var code = unsafe pthread_mutex_init(mutex, nil)
        precondition(code == 0, "a plain mutex needs no resources on Linux")
        var attributes = pthread_condattr_t()
        code = unsafe pthread_condattr_init(&attributes)
        precondition(code == 0, "condition attributes need no resources on Linux")
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        code = unsafe pthread_cond_init(condition, &attributes)
        precondition(code == 0, "a condition needs no resources on Linux")
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        // The last reference is gone, so nobody holds the lock and nobody waits.
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Lends the state. Nothing that blocks belongs into `body`.
    package func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending State) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        lock()
        defer { unlock() }
        return try body(&state)
    }

    // Whoever is woken wants the lock, so it is given back before.

    /// Lends the state, then wakes one waiter.
    package func signal(_ body: (inout State) -> Void) {
        withLock { state in body(&state) }
        unsafe pthread_cond_signal(condition)
    }

    /// Lends the state, then wakes one waiter if `body` says that it is worth it.
    package func wakeIf(_ body: (inout State) -> Bool) {
        if withLock({ state in body(&state) }) { unsafe pthread_cond_signal(condition) }
    }

    /// Lends the state, then wakes every waiter.
    package func broadcast(_ body: (inout State) -> Void) {
        withLock { state in body(&state) }
        unsafe pthread_cond_broadcast(condition)
    }

    /// Waits until `body` answers something other than `nil`. It is asked now and after each change.
    package func wait<Result>(until body: (inout State) -> Result?) -> Result {
        lock()
        defer { unlock() }
        while true {
            if let result = body(&state) { return result }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }

    /// The same, but `nil` once the monotonic clock shows `deadline` (nanoseconds) and `body` still answers `nil`.
    package func wait<Result>(deadline: Int64, until body: (inout State) -> Result?) -> Result? {
        var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        lock()
        defer { unlock() }
        while true {
            if let result = body(&state) { return result }
            if unsafe pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { return body(&state) }
        }
    }

    private func lock() {
        let code = unsafe pthread_mutex_lock(mutex)
        precondition(code == 0, "a mutex is taken once by a thread")
    }

    private func unlock() {
        let code = unsafe pthread_mutex_unlock(mutex)
        precondition(code == 0, "a mutex is released by its holder")
    }
}
