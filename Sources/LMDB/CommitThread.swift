internal import CLMDB
internal import Synchronization
internal import Threads

/// A thread that begins write transactions and ends them, so that another can write to the next environment while the
/// flushes of this one are waited for.
///
/// LMDB's lock is a robust mutex, which only the thread that has taken it can give back: whoever begins a transaction
/// must end it. What comes in between may be done by any thread, one at a time. The transactions of one thread end in
/// the order in which their commits began.
package final class CommitThread: Sendable {
    private let queue: WorkQueue
    private let load = Load()

    /// Not the thread itself, which its own jobs must not keep.
    private final class Load: Sendable { let count = Atomic<Int>(0) }

    /// How much it has been given and has not done.
    package var pendingCount: Int { load.count.load(ordering: .relaxed) }

    /// - Parameter name: at most 12 bytes, as a number follows it.
    package init(name: String) { queue = WorkQueue(name: name, threadCount: 1, urgency: .prompt, capacity: .max) }

    package func start(_ body: @escaping @Sendable () -> Void) {
        load.count.add(1, ordering: .relaxed)
        let isAccepted = queue.submit { [load] in
            body()
            load.count.subtract(1, ordering: .relaxed)
        }
        precondition(isAccepted, "a thread takes work until it is released")
    }

    /// Returns when `body` has.
    func run(_ body: @escaping @Sendable () -> Void) {
        let done = WaitFlag()
        start {
            body()
            done.raise()
        }
        done.wait()
    }
}

/// A write transaction that a committer begins while somebody still does something else.
package final class BeginningWrite: Sendable {
    private let begun = Monitor<Result<TransactionHandle, LMDBError>?>(nil)
    private let committer: CommitThread

    init(_ environment: Environment, _ committer: CommitThread) {
        self.committer = committer
        committer.start { [begun] in
            let result = Result { () throws(LMDBError) in
                unsafe TransactionHandle(try TransactionHandle.begin(environment), environment)
            }
            begun.signal { $0 = result }
        }
    }

    /// Waits for it; to be called once. Until then nobody else can begin one, so one that is not needed is taken too.
    package func take() throws(LMDBError) -> WriteTransaction {
        let result = begun.wait { $0.take() }
        // Whoever is told of a failure may want to open the environment again: by then the thread has let go of it.
        if case .failure = result { committer.run {} }
        let (handle, environment) = unsafe try result.get().take()
        return unsafe WriteTransaction(handle, environment, committer)
    }
}

/// What is done on the thread of a commit, beside it.
package struct CommitSteps: Sendable {
    /// Before it begins.
    package var before: (@Sendable () -> Void)?
    /// When its outcome is known.
    package var after: (@Sendable () -> Void)?

    package init(before: (@Sendable () -> Void)? = nil, after: (@Sendable () -> Void)? = nil) {
        (self.before, self.after) = (before, after)
    }
}

/// A commit that has begun.
package final class PendingCommit: Sendable {
    private let outcome = Monitor<Outcome?>(nil)

    private enum Outcome {
        case committed
        case failed(LMDBError)
    }

    init(_ ending: TransactionHandle, _ committer: CommitThread?, _ steps: CommitSteps) {
        if let committer {
            committer.start { [self] in run(ending, steps) }
        } else {
            run(ending, steps)
        }
    }

    private func run(_ ending: TransactionHandle, _ steps: CommitSteps) {
        steps.before?()
        let error = ending.commit()
        outcome.signal { $0 = error.map(Outcome.failed) ?? .committed }
        steps.after?()
    }

    /// Whether `end` need not wait.
    package var hasEnded: Bool { outcome.withLock { $0 != nil } }

    /// Waits for its end; to be called by one thread.
    ///
    /// - Throws: as `WriteTransaction.commit`.
    package func end() throws(LMDBError) {
        if case .failed(let error) = outcome.wait(until: { $0 }) { throw error }
    }
}

/// A write transaction's handle on its way between two threads.
@safe final class TransactionHandle: @unchecked Sendable {
    // Sendable because whoever gives it away touches it no more until he has waited for what the other thread does.
    private let handle: OpaquePointer
    /// `nil` once the transaction has ended: whoever waits for that may close the environment, and open it again.
    private var environment: Environment?

    init(_ handle: OpaquePointer, _ environment: Environment) {
        unsafe self.handle = handle
        self.environment = environment
    }

    static func begin(_ environment: Environment) throws(LMDBError) -> OpaquePointer {
        let fault = FaultMark(environment)
        defer { fault.end() }
        return try unsafe environment.beginUse(0)
    }

    /// Lends what the other thread has begun.
    func take() -> (OpaquePointer, Environment) {
        guard let environment = environment.take() else { preconditionFailure("a transaction has one user") }
        return unsafe (handle, environment)
    }

    func abort(_ committer: CommitThread?) {
        guard let committer else { return abort() }
        committer.run { [self] in abort() }
    }

    private func abort() {
        guard let environment = environment.take() else { return }
        let fault = FaultMark(environment)
        defer { fault.end() }
        unsafe mdb_txn_abort(handle)
        environment.endUse()
    }

    /// - Returns: `nil` when it is committed.
    func commit() -> LMDBError? {
        guard let environment = environment.take() else { preconditionFailure("a transaction ends once") }
        let fault = FaultMark(environment)
        defer { fault.end() }
        defer { environment.endUse() }
        let error = unsafe LMDB.commit(handle, in: environment.directory)
        switch error {
        case nil: environment.committed()
        case .mapFull?: break
        case _?: environment.noteFailure()
        }
        return error
    }
}
