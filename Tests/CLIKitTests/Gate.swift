import Synchronization

/// Lets one part of a test wait for another.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var body: (@Sendable () -> Void)?
        var kept: CheckedContinuation<Void, Never>?
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
    func keep(_ continuation: CheckedContinuation<Void, Never>) { state.withLock { $0.kept = continuation } }

    func release() { state.withLock { $0.kept }?.resume() }
}
