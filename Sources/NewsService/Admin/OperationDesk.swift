internal import GRPCWire
package import NewsMessages
package import NewsModel
package import NewsStore
internal import Synchronization
internal import Threads

/// The long operations of a server: one runs at a time, on a thread of its own, and the last ones are known.
package final class OperationDesk: Sendable {
    /// Does the work and says what came of it, in the operation's own fields.
    package typealias Work = @Sendable (any OperationObserver) throws(Failure) -> OperationOutcome
    package typealias OperationOutcome = @Sendable (inout Operation) -> Void

    /// Hears of an operation, now and whenever it has come further. It must not block.
    package typealias Watcher = @Sendable (Operation) -> Void

    private struct State {
        /// Oldest first.
        var operations: [Operation] = []
        var running: RunningOperation?
        var watchers: [Int: (name: String, tell: Watcher)] = [:]
        var nextNumber = 0
        var isClosed = false
    }

    private let state = Monitor(State())
    private let clock: @Sendable () -> Instant

    /// Operations that are known.
    package static let countMax = 100
    /// Who watches one, over all connections.
    package static let watchersMax = 64

    package init(clock: @escaping @Sendable () -> Instant) { self.clock = clock }

    /// Begins an operation.
    ///
    /// - Returns: the operation as it begins.
    package func start(_ kind: OperationKind, _ work: @escaping Work) throws(Failure) -> Operation {
        let now = clock()
        let (operation, running) = try state.withLock { state throws(Failure) in
            if state.isClosed { throw .stopping }
            if let running = state.running {
                throw Failure(
                    .aborted, .operationRunning, "\(running.name) is under way; wait for its end or cancel it",
                    metadata: ["operation": running.name])
            }
            var operation = Operation()
            operation.name = OperationDesk.name(kind, now, known: state.operations)
            operation.kind = kind
            operation.state = .running
            operation.createTime = Timestamp(now)
            let running = RunningOperation(self, operation.name)
            state.running = running
            state.operations.append(operation)
            if state.operations.count > OperationDesk.countMax { state.operations.removeFirst() }
            return (operation, running)
        }
        _ = Thread.start(name: "operation") { [self] in
            do throws(Failure) {
                let outcome = try work(running)
                finish(running) { operation in
                    operation.state = .succeeded
                    outcome(&operation)
                }
            } catch {
                finish(running) { operation in
                    operation.state = error.reason == .cancelled ? .cancelled : .failed
                    if operation.state == .failed { operation.error = ItemError(error) }
                }
            }
        }
        return operation
    }

    /// By kind and time: people read it, and it does not come again when the server is started anew.
    private static func name(_ kind: OperationKind, _ now: Instant, known: [Operation]) -> String {
        let whole = Instant(microseconds: now.microseconds / 1_000_000 * 1_000_000)
        let time = RFC3339.text(whole).lowercased().filter { $0.isLetter || $0.isNumber }
        let name = "operations/\(kind.word)-\(time)"
        let names = Set(known.map(\.name))
        if !names.contains(name) { return name }
        return (2...).lazy.map { "\(name)-\($0)" }.first { !names.contains($0) } ?? name
    }

    // MARK: Asking

    /// Newest first.
    package var all: [Operation] { state.withLock { $0.operations.reversed() } }

    package func operation(_ name: String) throws(Failure) -> Operation {
        let found = state.withLock { state in state.operations.first { $0.name == name } }
        guard let found else { throw OperationDesk.absent(name) }
        return found
    }

    private static func absent(_ name: String) -> Failure {
        Failure(
            .notFound, .operationNotFound, "\(name.prefix(80)) is not known; the last \(countMax) operations are",
            metadata: ["name": String(name.prefix(80))])
    }

    /// Asks the operation to stop, if it is still under way.
    package func cancel(_ name: String) throws(Failure) {
        _ = try operation(name)
        let running = state.withLock { $0.running }
        if running?.name == name { running?.cancel() }
    }

    // MARK: Watching

    /// - Returns: a number for `unwatch`.
    package func watch(_ name: String, _ tell: @escaping Watcher) throws(Failure) -> Int {
        try state.withLock { state throws(Failure) in
            guard let operation = state.operations.first(where: { $0.name == name }) else {
                throw OperationDesk.absent(name)
            }
            guard state.watchers.count < OperationDesk.watchersMax else {
                throw Failure(.resourceExhausted, .tooManyWatches, "as many watch an operation as may")
            }
            state.nextNumber += 1
            state.watchers[state.nextNumber] = (name, tell)
            tell(operation)
            return state.nextNumber
        }
    }

    package func unwatch(_ number: Int) { state.withLock { $0.watchers[number] = nil } }

    // MARK: Progress

    fileprivate func update(_ name: String, _ body: (inout Operation) -> Void) {
        state.withLock { OperationDesk.update(name, &$0, body) }
    }

    private static func update(_ name: String, _ state: inout State, _ body: (inout Operation) -> Void) {
        guard let index = state.operations.lastIndex(where: { $0.name == name }) else { return }
        body(&state.operations[index])
        for watcher in state.watchers.values where watcher.name == name { watcher.tell(state.operations[index]) }
    }

    private func finish(_ running: RunningOperation, _ body: (inout Operation) -> Void) {
        let end = clock()
        state.broadcast { state in
            // Who hears of the end may begin the next one.
            state.running = nil
            OperationDesk.update(running.name, &state) { operation in
                body(&operation)
                operation.endTime = Timestamp(end)
            }
        }
    }

    /// Asks what runs to stop, and waits until it has. Nothing begins afterwards.
    package func close() {
        let running = state.withLock { state in
            state.isClosed = true
            return state.running
        }
        running?.cancel()
        state.wait { state -> Void? in state.running == nil ? () : nil }
    }
}

/// An operation that is under way, as its thread sees it.
private final class RunningOperation: OperationObserver {
    let name: String
    private let desk: OperationDesk
    private let isCancelled = Atomic(false)

    init(_ desk: OperationDesk, _ name: String) {
        self.desk = desk
        self.name = name
    }

    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    func advanced(_ progress: OperationProgress) -> Bool {
        desk.update(name) { operation in
            operation.doneCount = Int64(progress.doneCount)
            operation.totalCount = Int64(progress.totalCount)
            operation.doneBytes = Int64(progress.doneBytes)
            operation.totalBytes = Int64(progress.totalBytes)
        }
        return !isCancelled.load(ordering: .relaxed)
    }
}

extension OperationKind {
    /// As names of operations have it.
    fileprivate var word: String {
        switch self {
        case .backup: "backup"
        case .compaction: "compaction"
        case .resharding: "resharding"
        case .retention: "retention"
        default: "operation"
        }
    }
}
