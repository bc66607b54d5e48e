import Synchronization

/// Lets one part of a test wait for another.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var body: (@Sendable () -> Void)?
        var kept: CheckedContinuation<Void, Never>?
        var isReleased = false
    }

    private let state = Mutex(State())

    /// Runs `body` when the gate opens, or at once when it has.
    func onOpen(_ body: @escaping @Sendable () -> Void) {
        let isOpen = state.withLock { state in
            if !state.isOpen { state.body = body }
            return state.isOpen
        }
        if isOpen { body() }
    }

    func open() {
        let body = state.withLock { state in
            state.isOpen = true
            defer { state.body = nil }
            return state.body
        }
        body?()
    }

    /// Holds on to a task until `release`.
    func keep(_ continuation: CheckedContinuation<Void, Never>) {
        let isReleased = state.withLock { state in
            if !state.isReleased { state.kept = continuation }
            return state.isReleased
        }
        if isReleased { continuation.resume() }
    }

    /// Lets the task go that is held, or the next one.
    func release() {
        let kept = state.withLock { state in
            state.isReleased = true
            defer { state.kept = nil }
            return state.kept
        }
        kept?.resume()
    }
}
