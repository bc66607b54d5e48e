internal import CLMDB

/// The changes that become visible, and durable, together. Undone unless it is committed.
///
/// Reads in it see its own changes. After an error in `put` or `remove` it can only be dropped.
@safe package struct WriteTransaction: ~Copyable {
    // Null only while `commit` lets the value end.
    private var handle: OpaquePointer?
    private let environment: Environment
    /// Where it was begun, and ends; `nil`: on the thread that has it.
    private let committer: CommitThread?

    /// Bytes in a key.
    package static let keyCounts = 1...511

    package enum PutMode: Sendable {
        case replace
        /// Leaves an entry that is there.
        case insert
        /// The key comes after all others of the table, which fills its pages.
        case append
    }

    init(_ handle: OpaquePointer, _ environment: Environment, _ committer: CommitThread?) {
        unsafe self.handle = handle
        self.environment = environment
        self.committer = committer
    }

    deinit {
        guard let handle = unsafe handle else { return }
        unsafe TransactionHandle(handle, environment).abort(committer)
    }

    private var live: OpaquePointer {
        guard let handle = unsafe handle else { preconditionFailure("a transaction without a handle") }
        return unsafe handle
    }

    /// The number that the transaction has once it is committed.
    package var number: UInt64 { UInt64(unsafe mdb_txn_id(live)) }

    /// Makes the changes durable, then visible: two flushes.
    ///
    /// `mapFull` and `diskFull` undo the transaction. After any other error nobody knows whether it happened. After all
    /// but `mapFull` the environment must be closed (`Environment.hasFailed`): LMDB 0.9.24 goes on as if a flush had
    /// succeeded, and takes no more writes if it was the meta page's.
    package consuming func commit() throws(LMDBError) { try beginCommit().end() }

    /// The same, without waiting for it if the transaction was begun on a thread of its own: that one commits.
    package consuming func beginCommit(_ steps: CommitSteps = CommitSteps()) -> PendingCommit {
        let ending = unsafe TransactionHandle(live, environment)
        unsafe handle = nil
        return PendingCommit(ending, committer, steps)
    }

    /// - Returns: `false` when `mode` is `.insert` and the key was there.
    @discardableResult package mutating func put(
        _ key: Span<UInt8>, _ value: Span<UInt8>, in table: Table, _ mode: PutMode = .replace
    ) throws(LMDBError) -> Bool {
        guard WriteTransaction.keyCounts.contains(key.count), value.count > 0 else { throw .badSize }
        if table == .absent {  // The disk was full when it was to be made, which the next opening tries again.
            environment.noteFailure()
            throw .diskFull
        }
        let flags: Int32 =
            switch mode {
            case .replace: 0
            case .insert: MDB_NOOVERWRITE
            case .append: MDB_APPEND
            }
        let fault = FaultMark(environment)
        defer { fault.end() }
        let code = unsafe key.withUnsafeBytes { keyBytes in
            unsafe value.withUnsafeBytes { valueBytes in
                // LMDB copies both during the call.
                var wanted = unsafe MDB_val(
                    mv_size: keyBytes.count, mv_data: UnsafeMutableRawPointer(mutating: keyBytes.baseAddress))
                var content = unsafe MDB_val(
                    mv_size: valueBytes.count, mv_data: UnsafeMutableRawPointer(mutating: valueBytes.baseAddress))
                return unsafe mdb_put(live, table.handle, &wanted, &content, UInt32(flags))
            }
        }
        if code == MDB_KEYEXIST, mode == .insert { return false }
        try check(code)
        return true
    }

    /// - Returns: whether the key was there.
    @discardableResult package mutating func remove(_ key: Span<UInt8>, in table: Table) throws(LMDBError) -> Bool {
        if table == .absent { return false }
        let fault = FaultMark(environment)
        defer { fault.end() }
        let code = unsafe key.withUnsafeBytes { raw in
            var wanted = unsafe MDB_val(mv_size: raw.count, mv_data: UnsafeMutableRawPointer(mutating: raw.baseAddress))
            return unsafe mdb_del(live, table.handle, &wanted, nil)
        }
        if code == MDB_NOTFOUND { return false }
        try check(code)
        return true
    }

    /// Removes the first entries whose keys begin with `prefix`, by one cursor.
    ///
    /// - Parameter body: is lent each key before its entry goes.
    /// - Returns: how many have gone; fewer than `limit` only when none is left.
    package mutating func removeFirst(
        _ limit: Int, withPrefix prefix: [UInt8], in table: Table, _ body: (Span<UInt8>) -> Void
    ) throws(LMDBError) -> Int {
        let fault = FaultMark(environment)
        defer { fault.end() }
        var count = 0
        try unsafe lendCursor(live, table) { (cursor) throws(LMDBError) in
            while count < limit, try cursor.seek(prefix.span), cursor.hasPrefix(prefix.span) {
                body(cursor.key)
                try cursor.remove()
                count += 1
            }
        }
        return count
    }

    /// As `ReadTransaction.withValue`. `body` cannot write: that would move what it was lent.
    package borrowing func withValue(
        of key: Span<UInt8>, in table: Table, _ body: (Span<UInt8>) -> Void
    ) throws(LMDBError) -> Bool {
        let fault = FaultMark(environment)
        defer { fault.end() }
        return try unsafe lookUp(live, table, key, body)
    }

    /// As `ReadTransaction.withCursor`. `body` cannot write.
    package borrowing func withCursor(
        in table: Table, _ body: (inout Cursor) throws(LMDBError) -> Void
    ) throws(LMDBError) {
        let fault = FaultMark(environment)
        defer { fault.end() }
        try unsafe lendCursor(live, table, body)
    }

    /// Number of entries in the table.
    package borrowing func count(_ table: Table) throws(LMDBError) -> Int { try unsafe entryCount(live, table) }

    /// Number of pages that the table fills.
    package borrowing func pageCount(_ table: Table) throws(LMDBError) -> Int {
        try unsafe filledPages(live, table).count
    }
}

@available(*, unavailable) extension WriteTransaction: Sendable {}
