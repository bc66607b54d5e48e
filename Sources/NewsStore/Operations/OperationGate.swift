internal import Synchronization
internal import Threads

/// Lets one long operation at a time change the files of an open store, and has it end before the store is closed.
final class OperationGate: Sendable {
    private struct State {
        var isBusy = false
        var isClosed = false
    }

    private let state = Monitor(State())

    /// How often who waits is asked whether it still wants to, in nanoseconds.
    private static let pause: Int64 = 50_000_000

    /// Waits for its turn, or until the observer no longer wants it.
    func enter(_ observer: (any OperationObserver)? = nil) throws(StoreError) {
        var isAdmitted: Bool?
        repeat {
            isAdmitted = state.wait(deadline: MonotonicClock.now + Self.pause) { state -> Bool? in
                if state.isClosed { return false }
                if state.isBusy { return nil }
                state.isBusy = true
                return true
            }
            if isAdmitted == nil, let observer, !observer.advanced(OperationProgress()) { throw .cancelled }
        } while isAdmitted == nil
        guard isAdmitted == true else { throw .closed }
    }

    func leave() { state.broadcast { $0.isBusy = false } }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Admits no more, and asks the one that is under way to stop.
    ///
    /// - Parameter waits: until it has stopped.
    func close(waits: Bool) {
        state.broadcast { $0.isClosed = true }
        if waits { state.wait { state -> Void? in state.isBusy ? nil : () } }
    }
}

/// How far an operation has come. Tells its observer, and throws when it is to stop.
final class OperationReport: Sendable {
    private let observer: (any OperationObserver)?
    private let gate: OperationGate
    private let state = Mutex((now: OperationProgress(), told: OperationProgress()))

    /// How often the observer is told, in records and in bytes.
    private static let (countStep, byteStep) = (4096, 8 << 20)

    init(_ observer: (any OperationObserver)?, _ gate: OperationGate) {
        self.observer = observer
        self.gate = gate
    }

    func expect(count: Int, bytes: Int) {
        state.withLock { state in
            state.now.totalCount += count
            state.now.totalBytes += bytes
        }
    }

    /// - Parameter isStep: whether the observer is to be told now, as of the end of a shard.
    func did(count: Int, bytes: Int = 0, isStep: Bool = false) throws(StoreError) {
        let progress: OperationProgress? = state.withLock { state in
            state.now.doneCount += count
            state.now.doneBytes += bytes
            let isDue =
                isStep || state.now.doneCount - state.told.doneCount >= Self.countStep
                || state.now.doneBytes - state.told.doneBytes >= Self.byteStep
            guard isDue else { return nil }
            state.told = state.now
            return state.now
        }
        if gate.isClosed { throw .closed }
        if let progress, let observer, !observer.advanced(progress) { throw .cancelled }
    }
}
