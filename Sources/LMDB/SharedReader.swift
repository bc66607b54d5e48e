internal import Synchronization

/// A read transaction that one thread uses again and again, and that another may end at any moment between two uses.
///
/// That is how an environment is closed under its readers: whoever closes it ends every reader of it first, which waits
/// for one use at most. The lock is free in all other cases and costs about 15 ns a use.
@safe package final class SharedReader: @unchecked Sendable {
    // Sendable because `transaction` is touched only while `lock` is held.
    private let lock = Mutex(())
    private var transaction: ReadTransaction?

    /// Begins with a view of what is committed now.
    package init(_ environment: Environment) throws(LMDBError) {
        transaction = try environment.beginRead()
    }

    /// Lends the transaction with a view, the one that it has or a new one.
    ///
    /// `body` must not come back to this reader: it holds the lock.
    /// - Returns: `false` when the reader has been ended; `body` is not called then.
    package func read(
        _ body: (borrowing ReadTransaction) throws(LMDBError) -> Void
    ) throws(LMDBError) -> Bool {
        try lock.withLock { _ throws(LMDBError) in
            guard transaction != nil else { return false }
            try transaction?.renew()
            try borrow(body)
            return true
        }
    }

    /// Takes a new view.
    ///
    /// - Returns: the number of the last transaction that it shows; `nil` when the reader has been ended.
    package func refresh() throws(LMDBError) -> UInt64? {
        try lock.withLock { _ throws(LMDBError) in
            transaction?.reset()
            try transaction?.renew()
            return transaction?.number
        }
    }

    /// Gives the view back, so that old pages can be used again.
    package func reset() { lock.withLock { _ in transaction?.reset() } }

    /// Ends the transaction for good, and lets go of the environment.
    package func end() { lock.withLock { _ in transaction = nil } }

    private func borrow(_ body: (borrowing ReadTransaction) throws(LMDBError) -> Void) throws(LMDBError) {
        switch transaction {
        case .some(let live): try body(live)
        case .none: break
        }
    }
}
