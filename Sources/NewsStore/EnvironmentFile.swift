internal import LMDB
internal import Synchronization

/// One LMDB environment of the store: opened when it is first used, closed and opened again under its readers.
final class EnvironmentFile: Sendable {
    let path: String
    private let options: EnvironmentOptions
    private let state = Mutex(State())

    private struct State {
        var environment: Environment?
        /// The readers that have not been ended.
        var readers: [SharedReader] = []
        /// What copies are being made of.
        var views: [FileView] = []
        /// Users that must not have it closed under them: the writer, and those who look at it once.
        var pinCount = 0
        /// Why it is not to be opened again.
        var failure: StoreError?
    }

    init(path: String, options: EnvironmentOptions) {
        self.path = path
        self.options = options
    }

    var isOpen: Bool { state.withLock { $0.environment != nil } }

    /// Whether it may be opened.
    var isUsable: Bool { state.withLock { $0.failure == nil } }

    /// Begins a read transaction for one thread, opening the environment if need be.
    ///
    /// - Returns: the reader, and the tables of the environment by their places in its options.
    func makeReader() throws(StoreError) -> (reader: SharedReader, tables: [Table]) {
        try state.withLock { state throws(StoreError) in
            let environment = try open(&state)
            do throws(LMDBError) {
                let reader = try SharedReader(environment)
                state.readers.append(reader)
                return (reader, (0..<options.tables.count).map { environment.table($0) })
            } catch {
                throw StoreError(error, path: path)
            }
        }
    }

    /// Ends a reader that is not needed any more.
    func endReader(_ reader: SharedReader) {
        state.withLock { state in
            state.readers.removeAll { $0 === reader }
            reader.end()
        }
    }

    /// The file as it is now, for a copy. The environment stays open until `endView`, unless a commit fails or the file
    /// is closed for good: then the view is ended, and says so. Nobody may commit meanwhile.
    func makeView() throws(StoreError) -> FileView {
        try state.withLock { state throws(StoreError) in
            if state.pinCount == 0, state.environment?.hasFailed == true { endAll(&state) }
            let environment = try open(&state)
            do throws(LMDBError) {
                let view = try FileView(environment)
                state.views.append(view)
                return view
            } catch {
                throw StoreError(error, path: path)
            }
        }
    }

    /// - Parameter closing: whether the environment is closed if nobody else uses it.
    func endView(_ view: FileView, closing: Bool) {
        state.withLock { state in
            state.views.removeAll { $0 === view }
            view.end()
            let isUsed = state.pinCount > 0 || !state.readers.isEmpty || !state.views.isEmpty
            if closing, !isUsed { endAll(&state) }
        }
    }

    /// Keeps the environment open until `unpin`. The reference must not be used any more then.
    func pin() throws(StoreError) -> Environment {
        try state.withLock { state throws(StoreError) in
            // A commit found the disk full: the next one begins with a fresh look at the file.
            if state.pinCount == 0, state.environment?.hasFailed == true { endAll(&state) }
            let environment = try open(&state)
            state.pinCount += 1
            return environment
        }
    }

    func unpin() { state.withLock { $0.pinCount -= 1 } }

    /// Closes the environment, unless it is pinned. Each of its readers is ended first, which waits for the use that it
    /// may be in; the reader's owner then takes a new one, and knows that its view is gone.
    ///
    /// - Parameter failure: why it is not to be opened again; `nil`: the next user opens it.
    /// - Returns: `false` when it is pinned, or copied while it may be opened again.
    @discardableResult func close(failure: StoreError? = nil) -> Bool {
        state.withLock { state in
            guard state.pinCount == 0, state.views.isEmpty || failure != nil else { return false }
            endAll(&state)
            if let failure { state.failure = failure }
            return true
        }
    }

    /// Closes the environment as `close` does, and changes its files before anybody can open it again.
    ///
    /// - Returns: `false` when it is pinned; `body` is not called then.
    func exchange(_ body: () throws(StoreError) -> Void) throws(StoreError) -> Bool {
        try state.withLock { state throws(StoreError) in
            guard state.pinCount == 0 else { return false }
            endAll(&state)
            try body()
            return true
        }
    }

    /// After a failed commit, whose outcome nobody knows: closes the environment, opens it again and shows by two
    /// durable commits, one for each meta page, that the disk takes writes. To be called with the writer's own
    /// pin given back.
    ///
    /// - Parameter touch: changes something, so that there is something to commit.
    func recover(
        _ touch: (inout WriteTransaction, Environment) throws(LMDBError) -> Void
    ) throws(LMDBError) {
        try state.withLock { state throws(LMDBError) in
            endAll(&state)
            let environment = try Environment(path, options)
            state.environment = environment  // Reads go on whatever comes of the commits.
            for _ in 0..<2 {
                var transaction = try environment.beginWrite()
                try touch(&transaction, environment)
                try transaction.commit()
                if options.defersMetaSync { try environment.sync() }
            }
        }
    }

    private func endAll(_ state: inout State) {
        for reader in state.readers { reader.end() }
        for view in state.views { view.end() }
        state.readers = []
        state.views = []
        // When exactly the last reference goes is nobody's promise, and the next user may come at once.
        if state.pinCount == 0 { state.environment?.close() }
        state.environment = nil
    }

    private func open(_ state: inout State) throws(StoreError) -> Environment {
        if let environment = state.environment { return environment }
        if let failure = state.failure { throw failure }
        do throws(LMDBError) {
            let environment = try Environment(path, options)
            state.environment = environment
            return environment
        } catch {
            throw StoreError(error, path: path)
        }
    }
}

extension Environment {
    func table(_ table: ShardTable) -> Table { self.table(table.rawValue) }
    func table(_ table: CatalogTable) -> Table { self.table(table.rawValue) }
}
