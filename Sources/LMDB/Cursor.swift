internal import CLMDB

/// A place in a table. Lent by a transaction, which it cannot outlive.
///
/// In a write transaction it must not be used after a write: the entry that it stands on may have moved.
@safe package struct Cursor: ~Copyable {
    private let handle: OpaquePointer
    // The entry it stands on, while `isOnEntry`. They point into the map, which stays as it is until the transaction
    // ends or writes, and both outlast the loan of the cursor.
    private var foundKey = unsafe MDB_val()
    private var foundValue = unsafe MDB_val()
    /// Whether it stands on an entry: the last move found one.
    package private(set) var isOnEntry = false

    init(_ transaction: OpaquePointer, _ table: Table) throws(LMDBError) {
        var opened: OpaquePointer?
        try check(unsafe mdb_cursor_open(transaction, table.handle, &opened))
        guard let handle = unsafe opened else { throw .system(code: -1) }
        unsafe self.handle = handle
    }

    deinit { unsafe mdb_cursor_close(handle) }

    package enum Move { case first, last, next, previous }

    /// - Returns: whether there is an entry there.
    package mutating func move(_ move: Move) throws(LMDBError) -> Bool {
        let operation =
            switch move {
            case .first: MDB_FIRST
            case .last: MDB_LAST
            case .next: MDB_NEXT
            case .previous: MDB_PREV
            }
        return try stand(operation)
    }

    /// Goes to the first entry whose key is `target` or comes after it.
    ///
    /// - Returns: whether there is one.
    package mutating func seek(_ target: Span<UInt8>) throws(LMDBError) -> Bool {
        try search(MDB_SET_RANGE, target)
    }

    /// Goes to the entry whose key is `target`. Cheaper than a look-up when it lies close to the entry before.
    ///
    /// - Returns: whether there is one.
    package mutating func find(_ target: Span<UInt8>) throws(LMDBError) -> Bool {
        try search(MDB_SET_KEY, target)
    }

    private mutating func search(_ operation: MDB_cursor_op, _ target: Span<UInt8>) throws(LMDBError) -> Bool {
        // LMDB reads the key during the call only, and puts the one that it found in its place.
        try unsafe target.withUnsafeBytes { (raw) throws(LMDBError) in
            unsafe foundKey = unsafe MDB_val(
                mv_size: raw.count, mv_data: UnsafeMutableRawPointer(mutating: raw.baseAddress))
            return try stand(operation)
        }
    }

    private mutating func stand(_ operation: MDB_cursor_op) throws(LMDBError) -> Bool {
        let code = unsafe mdb_cursor_get(handle, &foundKey, &foundValue, operation)
        isOnEntry = code == MDB_SUCCESS
        guard !isOnEntry, code != MDB_NOTFOUND else { return isOnEntry }
        throw LMDBError(code: code)
    }

    /// The key of the entry that the cursor stands on, lent until it moves. No copy is made.
    ///
    /// - Precondition: it stands on one.
    package var key: Span<UInt8> {
        @_lifetime(borrow self) borrowing get { unsafe _overrideLifetime(bytes(foundKey), borrowing: self) }
    }

    /// The value of the entry that the cursor stands on, as `key`.
    package var value: Span<UInt8> {
        @_lifetime(borrow self) borrowing get { unsafe _overrideLifetime(bytes(foundValue), borrowing: self) }
    }

    /// Removes the entry that it stands on. It has to seek before it is used again.
    ///
    /// - Precondition: it stands on one, in a write transaction.
    mutating func remove() throws(LMDBError) {
        precondition(isOnEntry, "a cursor without an entry")
        isOnEntry = false
        try check(unsafe mdb_cursor_del(handle, 0))
    }

    /// Whether the key of the entry that the cursor stands on begins with `prefix`.
    ///
    /// - Precondition: it stands on one.
    package borrowing func hasPrefix(_ prefix: Span<UInt8>) -> Bool {
        let key = key
        guard key.count >= prefix.count else { return false }
        for index in prefix.indices where key[index] != prefix[index] { return false }
        return true
    }

    /// Lends both to `body`.
    ///
    /// - Precondition: it stands on an entry.
    package borrowing func withEntry(_ body: (Span<UInt8>, Span<UInt8>) -> Void) { body(key, value) }

    @_lifetime(borrow self)
    private borrowing func bytes(_ found: MDB_val) -> Span<UInt8> {
        guard isOnEntry, let start = unsafe found.mv_data else { preconditionFailure("a cursor without an entry") }
        return unsafe _overrideLifetime(
            Span(_unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: found.mv_size), borrowing: self)
    }
}

@available(*, unavailable) extension Cursor: Sendable {}

/// Of a table that the file lacks there is no cursor: `body` is not called.
func lendCursor(
    _ transaction: OpaquePointer, _ table: Table, _ body: (inout Cursor) throws(LMDBError) -> Void
) throws(LMDBError) {
    if table == .absent { return }
    var cursor = try unsafe Cursor(transaction, table)
    try body(&cursor)
}

func lookUp(
    _ transaction: OpaquePointer, _ table: Table, _ key: Span<UInt8>, _ body: (Span<UInt8>) -> Void
) throws(LMDBError) -> Bool {
    var found = unsafe MDB_val()
    let code = unsafe key.withUnsafeBytes { raw in
        // LMDB reads the key during the call only.
        var wanted = unsafe MDB_val(mv_size: raw.count, mv_data: UnsafeMutableRawPointer(mutating: raw.baseAddress))
        return unsafe mdb_get(transaction, table.handle, &wanted, &found)
    }
    guard code == MDB_SUCCESS else {
        guard code == MDB_NOTFOUND || table == .absent else { throw LMDBError(code: code) }
        return false
    }
    guard let start = unsafe found.mv_data?.assumingMemoryBound(to: UInt8.self) else { throw .corrupted }
    // The bytes lie in the map, which stays as it is while the transaction is borrowed.
    unsafe body(Span(_unsafeStart: start, count: found.mv_size))
    return true
}

func entryCount(_ transaction: OpaquePointer, _ table: Table) throws(LMDBError) -> Int {
    var statistics = MDB_stat()
    if table == .absent { return 0 }
    try check(unsafe mdb_stat(transaction, table.handle, &statistics))
    return statistics.ms_entries
}

/// How many pages a table fills, and the bytes of each.
func filledPages(_ transaction: OpaquePointer, _ table: Table) throws(LMDBError) -> (count: Int, byteCount: Int) {
    var statistics = MDB_stat()
    if table == .absent { return (0, 0) }
    try check(unsafe mdb_stat(transaction, table.handle, &statistics))
    let pageCount = statistics.ms_branch_pages + statistics.ms_leaf_pages + statistics.ms_overflow_pages
    return (pageCount, Int(statistics.ms_psize))
}
