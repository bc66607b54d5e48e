internal import CLMDB
internal import Synchronization
#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// How an environment is opened. None of it can be changed while it is open.
package struct EnvironmentOptions: Sendable {
    /// Bytes of address space, and the most that the file can grow to.
    package var mapSize = 64 << 30
    /// Read transactions at one time, those that are reset included.
    package var readersMax = 64
    /// Names of the tables, all of them.
    package var tables: [String]
    /// Those among them that files of earlier versions lack. Such a table is empty, and takes no writes.
    package var laterTables: Set<String> = []
    /// Whether they are made when the file is opened, which is a transaction; where the disk is full, a later time.
    package var makesLaterTables = false
    /// Whether the file and its tables are made when absent. Otherwise an absent or empty file is an error, so that a
    /// lost file is never taken for an empty one.
    package var create = false
    package var readOnly = false
    /// Whether nobody else can be using the file, so that neither locks nor a file for them are needed. Read-only.
    package var isAlone = false
    /// Leaves the second flush of a commit, that of its meta page, to `Environment.sync` or the next commit. After a
    /// power cut the last commits may be undone, each as a whole; the end of the process undoes nothing.
    package var defersMetaSync = false

    package init(tables: [String]) { self.tables = tables }
}

/// A table of an environment, by its place in `EnvironmentOptions.tables`.
package struct Table: Hashable, Sendable {
    let handle: UInt32

    /// One that the file lacks, see `EnvironmentOptions.laterTables`. LMDB has no table of that number.
    static let absent = Table(handle: .max)
}

/// One LMDB file, open until `close`, or until the last reference has gone.
///
/// A write transaction must end on the thread that began it, see `CommitThread`; read transactions may be anywhere.
@safe package final class Environment: @unchecked Sendable {
    // LMDB's handle is thread-safe for everything that this class does with it, and the rest never changes.
    private let opened: OpaquePointer
    private let use = Mutex(Use())
    /// LMDB's own copy of the path, for `FaultMark`. It is there for as long as the handle is.
    let path: UnsafePointer<CChar>?
    package let directory: String
    /// Set by a commit that failed for more than a full map: LMDB may take no further writes until it is opened anew.
    private let failure = Atomic(false)
    private let tables: [Table]
    private let ahead: FileAhead?
    private let identity: FileIdentity

    /// - Parameter directory: exists already. The files in it are data.mdb and lock.mdb.
    package init(_ directory: String, _ options: EnvironmentOptions) throws(LMDBError) {
        guard !directory.utf8.contains(0) else { throw .notFound(directory) }
        let identity = try FileIdentity(directory)
        guard Environment.open.withLock({ $0.insert(identity).inserted }) else { throw .alreadyOpen(directory) }
        var isOpen = false
        defer { if !isOpen { Environment.forget(identity) } }
        try Environment.examine(directory, options)
        let handle = try unsafe Environment.openHandle(directory, options)
        do throws(LMDBError) {
            tables = try unsafe Environment.openTables(handle, directory, options)
        } catch {
            unsafe mdb_env_close(handle)
            throw error
        }
        unsafe opened = handle
        ahead = options.readOnly || options.isAlone ? nil : unsafe FileAhead(handle)
        var path: UnsafePointer<CChar>?
        _ = unsafe mdb_env_get_path(handle, &path)  // It fails for null pointers alone.
        unsafe self.path = path
        self.directory = directory
        self.identity = identity
        isOpen = true
    }

    deinit {
        // Every transaction holds a reference to this object, so none is left.
        close()
    }

    private struct Use {
        var transactionCount = 0
        var isOpen = true
    }

    /// For as long as a transaction lives, or nobody closes it.
    var handle: OpaquePointer {
        precondition(use.withLock { $0.isOpen }, "an environment is used while it is open")
        return unsafe opened
    }

    /// Begins a transaction, which keeps the file open until `endUse`.
    func beginUse(_ flags: Int32) throws(LMDBError) -> OpaquePointer {
        use.withLock { use in
            precondition(use.isOpen, "an environment is used while it is open")
            use.transactionCount += 1
        }
        var begun: OpaquePointer?
        let code = unsafe mdb_txn_begin(opened, nil, UInt32(flags), &begun)
        guard code == MDB_SUCCESS, let begun = unsafe begun else {
            endUse()
            throw LMDBError(code: code)
        }
        return unsafe begun
    }

    func endUse() { use.withLock { $0.transactionCount -= 1 } }

    /// Closes the file now, so that it can be opened again though somebody still has a reference, which he uses no
    /// more. When a transaction is left, the file stays open until the last reference has gone.
    package func close() {
        use.withLock { use in
            guard use.isOpen, use.transactionCount == 0 else { return }
            use.isOpen = false
            unsafe mdb_env_close(opened)
            Environment.forget(identity)
        }
    }

    /// Whether it is to be closed and opened again before it is written.
    package var hasFailed: Bool { failure.load(ordering: .acquiring) }

    /// A commit has been made.
    func committed() { unsafe ahead?.keep(handle) }

    func noteFailure() { failure.store(true, ordering: .releasing) }

    /// - Parameter index: place in `EnvironmentOptions.tables`.
    package func table(_ index: Int) -> Table { tables[index] }

    var allTables: [Table] { tables }

    package func beginRead() throws(LMDBError) -> ReadTransaction { try ReadTransaction(self) }

    /// Waits for a write transaction of another thread or process.
    package func beginWrite() throws(LMDBError) -> WriteTransaction {
        unsafe WriteTransaction(try TransactionHandle.begin(self), self, nil)
    }

    /// The same on a thread that will also end the transaction, and without waiting for it.
    package func beginningWrite(on committer: CommitThread) -> BeginningWrite { BeginningWrite(self, committer) }

    /// Makes every commit durable whose flush was deferred.
    package func sync() throws(LMDBError) {
        // Forced: without that LMDB would do nothing for some of its flags.
        try check(unsafe mdb_env_sync(handle, 1))
    }

    /// What the file holds.
    package struct Size: Hashable, Sendable {
        package let usedByteCount: Int
        package let mapByteCount: Int
        package let readerCount: Int
    }

    package func size() -> Size {
        var info = unsafe MDB_envinfo()
        var statistics = MDB_stat()
        // Both only copy what is in memory, and fail for null pointers alone.
        _ = unsafe mdb_env_info(handle, &info)
        _ = unsafe mdb_env_stat(handle, &statistics)
        return unsafe Size(
            usedByteCount: (info.me_last_pgno + 1) * Int(statistics.ms_psize), mapByteCount: info.me_mapsize,
            readerCount: Int(info.me_numreaders))
    }

    /// LMDB's own version, "0.9.24".
    package static var libraryVersion: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        _ = unsafe mdb_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    // LMDB's locks belong to the process: a second handle on one file would drop those of the first when it closes.
    private static let open = Mutex<Set<FileIdentity>>([])

    private static func forget(_ identity: FileIdentity) { _ = open.withLock { $0.remove(identity) } }
}

extension Environment {
    /// Looks at the file before LMDB maps it.
    private static func examine(_ directory: String, _ options: EnvironmentOptions) throws(LMDBError) {
        let path = directory + "/data.mdb"
        guard let file = try DataFile(path) else {
            guard options.create else { throw .notFound(path) }
            return
        }
        if file.byteCount == 0, options.create { return }
        let isWhole = try file.isWhole()
        var walk = try PageWalk(file)
        if isWhole { try walk.lookAtRoots() } else { try walk.run() }
    }

    /// The number of the last transaction of a closed environment's file.
    package static func lastTransaction(_ directory: String) throws(LMDBError) -> UInt64 {
        let path = directory + "/data.mdb"
        guard let file = try DataFile(path) else { throw .notFound(path) }
        return try file.meta().transaction
    }

    /// Follows every page of a closed environment's file, without mapping it.
    ///
    /// - Throws: when a page is missing or cannot be what its place asks for. LMDB itself would end the process on some
    ///   of these, and overlook others.
    package static func verify(_ directory: String) throws(LMDBError) {
        let path = directory + "/data.mdb"
        guard let file = try DataFile(path) else { throw .notFound(path) }
        var walk = try PageWalk(file)
        try walk.run()
    }

    private static func openHandle(
        _ directory: String, _ options: EnvironmentOptions
    ) throws(LMDBError) -> OpaquePointer {
        var created: OpaquePointer?
        try check(unsafe mdb_env_create(&created))
        guard let handle = unsafe created else { throw .system(code: ENOMEM) }
        do throws(LMDBError) {
            unsafe FaultNotes.watchAssertions(of: handle)
            try check(unsafe mdb_env_set_mapsize(handle, options.mapSize))
            try check(unsafe mdb_env_set_maxreaders(handle, UInt32(options.readersMax)))
            try check(unsafe mdb_env_set_maxdbs(handle, UInt32(options.tables.count)))
            // NOTLS: a read transaction belongs to its value and not to its thread. NORDAHEAD: reads are scattered.
            var flags = MDB_NOTLS | MDB_NORDAHEAD
            if options.readOnly { flags |= MDB_RDONLY }
            if options.isAlone { flags |= MDB_RDONLY | MDB_NOLOCK }
            if options.defersMetaSync { flags |= MDB_NOMETASYNC }
            if !options.isAlone, !options.readOnly {
                // A head, and a cache line for each reader.
                try DataFile.reserve(directory + "/lock.mdb", byteCount: 4096 + 64 * options.readersMax)
            }
            try check(unsafe mdb_env_open(handle, directory, UInt32(flags), 0o644), path: directory + "/data.mdb")
            return unsafe handle
        } catch {
            unsafe mdb_env_close(handle)  // Also due after a failed open.
            throw error
        }
    }

    private static func openTables(
        _ environment: OpaquePointer, _ directory: String, _ options: EnvironmentOptions
    ) throws(LMDBError) -> [Table] {
        var begun: OpaquePointer?
        let writes = options.create && !options.readOnly && !options.isAlone
        try check(unsafe mdb_txn_begin(environment, nil, writes ? 0 : UInt32(MDB_RDONLY), &begun))
        guard let transaction = unsafe begun else { throw .system(code: ENOMEM) }
        var tables: [Table] = []
        for name in options.tables {
            var handle: UInt32 = 0
            let code = unsafe mdb_dbi_open(transaction, name, writes ? UInt32(MDB_CREATE) : 0, &handle)
            if code == MDB_NOTFOUND, options.laterTables.contains(name) {
                tables.append(.absent)
                continue
            }
            guard code == MDB_SUCCESS else {
                unsafe mdb_txn_abort(transaction)
                throw code == MDB_NOTFOUND ? .tableMissing(name) : LMDBError(code: code, path: name)
            }
            tables.append(Table(handle: handle))
        }
        // Handles outlive a committed transaction, read-only or not.
        if let error = unsafe commit(transaction, in: directory) { throw error }
        guard tables.contains(.absent), options.makesLaterTables else { return tables }
        return unsafe try makeLaterTables(environment, directory, options.tables, tables)
    }

    /// Makes the tables that the file lacks. Nobody else has it open.
    private static func makeLaterTables(
        _ environment: OpaquePointer, _ directory: String, _ names: [String], _ found: [Table]
    ) throws(LMDBError) -> [Table] {
        var begun: OpaquePointer?
        try check(unsafe mdb_txn_begin(environment, nil, 0, &begun))
        guard let transaction = unsafe begun else { throw .system(code: ENOMEM) }
        var tables = found
        for (index, name) in names.enumerated() where found[index] == .absent {
            var handle: UInt32 = 0
            let code = unsafe mdb_dbi_open(transaction, name, UInt32(MDB_CREATE), &handle)
            guard code == MDB_SUCCESS else {
                unsafe mdb_txn_abort(transaction)
                throw LMDBError(code: code, path: name)
            }
            tables[index] = Table(handle: handle)
        }
        switch unsafe commit(transaction, in: directory) {
        case nil: return tables
        case .mapFull, .diskFull: return found  // It can be read all the same.
        case let error?: throw error
        }
    }
}

/// Throws for every code but success.
func check(_ code: Int32, path: String = "") throws(LMDBError) {
    guard code == MDB_SUCCESS else { throw LMDBError(code: code, path: path) }
}

/// What tells one directory from another, however its path is written.
private struct FileIdentity: Hashable {
    let device: UInt64
    let inode: UInt64

    init(_ path: String) throws(LMDBError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw LMDBError(code: errno, path: path) }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}
