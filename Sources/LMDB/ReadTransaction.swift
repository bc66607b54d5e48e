internal import CLMDB

/// A consistent view of one environment. Ends exactly once, when the value goes out of scope.
///
/// Between `reset` and `renew` it holds no view, only its place among the readers, so that taking a view again costs
/// neither memory nor a lock. A view that is kept keeps old pages, and the file grows: reset before every wait.
@safe package struct ReadTransaction: ~Copyable {
    private let handle: OpaquePointer
    private let environment: Environment
    /// Whether it holds a view. Reads need one.
    package private(set) var isLive = true

    init(_ environment: Environment) throws(LMDBError) {
        unsafe handle = try environment.beginUse(MDB_RDONLY)
        self.environment = environment
    }

    deinit {
        unsafe mdb_txn_abort(handle)
        environment.endUse()
    }

    /// Gives the view back.
    package mutating func reset() {
        guard isLive else { return }
        unsafe mdb_txn_reset(handle)
        isLive = false
    }

    /// Takes a view of what is committed now; keeps the one that it has.
    package mutating func renew() throws(LMDBError) {
        guard !isLive else { return }
        try check(unsafe mdb_txn_renew(handle))
        isLive = true
    }

    /// The number of the last transaction that the view shows. A committed write transaction has the next one.
    package var number: UInt64 { UInt64(unsafe mdb_txn_id(handle)) }

    /// Lends the stored bytes to `body`. No copy is made.
    ///
    /// - Returns: `false` when the key is absent; `body` is not called then.
    package borrowing func withValue(
        of key: Span<UInt8>, in table: Table, _ body: (Span<UInt8>) -> Void
    ) throws(LMDBError) -> Bool {
        precondition(isLive, "a read without a view")
        let fault = FaultMark(environment)
        defer { fault.end() }
        return try unsafe lookUp(handle, table, key, body)
    }

    /// Lends a cursor on the table to `body`.
    package borrowing func withCursor(
        in table: Table, _ body: (inout Cursor) throws(LMDBError) -> Void
    ) throws(LMDBError) {
        precondition(isLive, "a read without a view")
        let fault = FaultMark(environment)
        defer { fault.end() }
        try unsafe lendCursor(handle, table, body)
    }

    /// Number of entries in the table.
    package borrowing func count(_ table: Table) throws(LMDBError) -> Int {
        precondition(isLive, "a read without a view")
        return try unsafe entryCount(handle, table)
    }

    /// Bytes of the pages that the tables fill, LMDB's own two tables among them. What the file has beyond that is
    /// free, and is used again, but never given back.
    package borrowing func filledByteCount() throws(LMDBError) -> Int {
        precondition(isLive, "a read without a view")
        var byteCount = 0
        for table in [Table(handle: 0), Table(handle: 1)] + environment.allTables {
            let pages = try unsafe filledPages(handle, table)
            byteCount += pages.count * pages.byteCount
        }
        return byteCount
    }
}

@available(*, unavailable) extension ReadTransaction: Sendable {}
