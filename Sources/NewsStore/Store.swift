internal import Files
internal import LMDB
package import NewsModel
internal import Synchronization
internal import Threads

/// The store: articles on disk, by calendar period, with one writer and any number of readers.
package final class Store: Sendable {
    /// The zone that decides about periods and days.
    package var zone: ZoneRules { context.zone }
    /// How it is divided into shards. It may change while the store is open, see `reshard`.
    package var layout: ShardLayout { context.layout }
    /// With which page tokens are authenticated; 32 bytes.
    package var tokenKey: [UInt8] { context.file.tokenKey }
    /// Shards that could not be read when the store was opened, with the reason, as far as they are still part of it.
    package var unavailableShards: [Period: StoreError] {
        failures.filter { context.shards.shard($0.key)?.file.isUsable == false }
    }
    private let failures: [Period: StoreError]

    let context: StoreContext
    let queue = WriteQueue()
    let operations = OperationGate()
    private let writer: Mutex<Thread?>
    private let retention = RetentionThread()

    /// Opens a store, and makes it when the directory is absent or empty.
    package static func open(
        _ directory: String, _ options: StoreOptions = StoreOptions()
    ) throws(StoreError) -> Store {
        let opened = try StoreDirectory(directory, options.makesStore ? options : nil)
        try opened.settleReshard()
        var check = StartCheck(opened, options)
        try check.run()
        if options.notesFaults {
            let path = directory + "/" + FaultFile.name
            do throws(LMDBError) { try FaultNotes.begin(path) } catch { throw StoreError(error, path: path) }
        }
        return try Store(opened, options, check)
    }

    private init(_ opened: StoreDirectory, _ options: StoreOptions, _ check: StartCheck) throws(StoreError) {
        let shards = ShardSet(
            directory: opened.shardsPath, storeID: opened.file.id, zone: opened.zone,
            layout: opened.file.layout, readersMax: options.readersMax,
            mapSize: options.mapSize, openMax: options.openShardsMax,
            defersMetaSync: options.durability.interval != nil, isServed: true, onFault: options.onFault)
        let catalog = Catalog(
            directory: opened.path, storeID: opened.file.id, readersMax: options.readersMax, mapSize: options.mapSize)
        context = StoreContext(
            directory: opened.path, file: opened.file, zone: opened.zone, options: options, shards: shards,
            catalog: catalog, lastWrite: opened.lastWrite)
        try catalog.load()
        let failures = try shards.load(expected: check.last?.transactions.keys.map(\.self) ?? [])
        self.failures = Dictionary(uniqueKeysWithValues: failures.map { ($0.period, $0.error) })
        let isCertain = failures.isEmpty || check.wasClean
        Store.settleMoves(context, after: Store.lastRevision(shards, check.last, isCertain: isCertain))
        let revision = Store.lastRevision(shards, check.last, isCertain: isCertain)
        context.publication.publish(revision)
        for shard in shards.all {
            context.publication.compact(upTo: shard.compactedRevision.load(ordering: .relaxed))
        }
        let requests = try Store.requests(shards, options)
        writer = Mutex(nil)
        let (context, queue, lock, earlier) = (context, queue, StoreLock(opened.lock), check.last)
        writer.withLock { thread in
            thread = Thread.start(name: "store-writer", urgency: .prompt) {
                let memory = RequestMemory(requests, context.options)
                StoreWriter(context, queue, requests: memory, lastRevision: revision).run()
                context.close(earlier)
                lock.release()
            }
        }
        if let span = options.retention { retention.start(self, span) }
    }

    deinit { close() }

    /// - Parameter isCertain: whether the last one is known. Otherwise a shard that cannot be read may have given some
    ///   that nobody knows of, and none may be given twice: so many are left out that there cannot have been more.
    private static func lastRevision(_ shards: ShardSet, _ last: StopRecord?, isCertain: Bool) -> UInt64 {
        let known = shards.all.map { $0.lastRevision.load(ordering: .relaxed) }.max() ?? 0
        return max(known, last?.lastRevision ?? 0) + (isCertain ? 0 : 1 << 32)
    }

    /// Finishes or drops the moves that were under way when the last process ended, before anybody reads.
    private static func settleMoves(_ context: StoreContext, after revision: UInt64) {
        let intents = context.catalog.openIntents
        if intents.isEmpty { return }
        let memory = RequestMemory([], context.options)
        StoreWriter(context, WriteQueue(), requests: memory, lastRevision: revision).settleAll()
        for period in Set(intents.flatMap { [$0.source, $0.target] }) {
            // One that could not be read when the store was opened stays unavailable.
            try? context.shards.shard(period)?.load(storeID: context.file.id)
        }
    }

    /// The requests of the last day, from the shards that had any: the newest, as many as are remembered.
    private static func requests(_ shards: ShardSet, _ options: StoreOptions) throws(StoreError) -> [RequestRecord] {
        var newest = NewestRequests(since: options.clock() - options.requestMemory, options)
        for shard in shards.all where shard.lastRequestTime.load(ordering: .relaxed) >= newest.start.microseconds {
            try shard.visitRequests(since: newest.start) { newest.append($0) }
            newest.trim()
        }
        return newest.records
    }

    /// Articles in all shards, by their own counts.
    package var articleCount: Int {
        context.shards.all.reduce(0) { $0 + $1.articleCount.load(ordering: .relaxed) }
    }

    package var shardCount: Int { context.shards.all.count }

    /// Whether nobody but imports had written for `StoreOptions.quietTime` when the writer last looked at an import.
    package var isQuiet: Bool { context.isQuiet.load(ordering: .relaxed) }

    /// The periods of the shards, oldest first, undated before all.
    package var periods: [Period] { context.shards.all.map(\.period) }

    /// Up to which revision every change can be seen.
    package var publishedRevision: UInt64 { context.publication.position }

    /// Grows with all that readers may see otherwise than before: articles, counters, shards. A page that was read
    /// after this number was asked for is right as long as it stays, but for what depends on the time of day.
    package var changeNumber: UInt64 {
        context.publication.changeNumber &+ UInt64(context.shards.generation.load(ordering: .acquiring))
    }

    /// Changes up to this revision are not all kept any more.
    package var compactedRevision: UInt64 { context.publication.compacted }

    /// Has `observer` called when something has been published. There is one observer; a new one takes its place.
    ///
    /// - Parameter observer: is called on the writer's thread, when what was written can be read, with the articles
    ///   whose counters changed though their revisions did not. It must not block.
    package func observe(_ observer: @escaping @Sendable (_ counted: [ArticleID]) -> Void) {
        context.publication.observe(observer)
    }

    /// The channels as they are now. A page takes them once.
    package var channels: ChannelTable { context.catalog.channels }

    /// The shard in which an article of that sort instant belongs; `nil`: undated.
    package func period(of sortInstant: Instant?) -> Period {
        Period(of: sortInstant, context.layout, zone: context.zone)
    }

    /// What `StoreCommand.claim` has to be for an article: its id, unless that names the shard.
    package func claim(_ id: ArticleID, in period: Period) -> ArticleID? {
        context.names(period, id) ? nil : id
    }

    /// Reads for one thread.
    package func makeReader() throws(StoreError) -> StoreReader { StoreReader(self, context) }

    /// Hands a command to the writer, from any thread.
    ///
    /// - Parameter completion: is called once, on the writer's thread, when the outcome is durable and can be read by
    ///   its id: who lists waits, if need be, until what came before is durable as well. It must not block.
    package func submit<Command: StoreCommand>(
        _ command: Command, lane: WriteLane = .foreground,
        completion: @escaping @Sendable (Result<Command.Output, StoreError>) -> Void
    ) {
        let job = WriteJob(command, completion: completion)
        if !queue.submit(job, job.destination == nil ? lane : .foreground) { completion(.failure(.closed)) }
    }

    /// For completions: runs `body` when all of the commit have been called, to say at once what came of many.
    package func afterTelling(_ body: @escaping @Sendable () -> Void) { context.publication.afterTelling(body) }

    /// Finishes what was submitted, closes the files and gives the directory back. Readers find the shards unavailable.
    ///
    /// Returns when that is done; at once when it is called by a completion, which is what it would have to wait for.
    package func close() {
        let thread = writer.withLock { thread in
            let running = thread
            thread = nil
            return running
        }
        // An operation may be waiting for the writer, and the writer not for it.
        let waits = thread.map { !$0.isCurrent } ?? false
        operations.close(waits: waits)
        retention.stop(waits: waits)
        queue.close()
        if let thread, !thread.isCurrent { thread.join() }
    }
}

/// The lock of the directory, given back by the writer's thread when all else is done.
private final class StoreLock: Sendable {
    private let held: Mutex<DirectoryLock?>

    init(_ lock: DirectoryLock) { held = Mutex(lock) }

    func release() { held.withLock { $0 = nil } }
}
