internal import Files
internal import LMDB
internal import NewsModel
internal import Synchronization

/// The shards of a store, oldest first.
final class ShardSet: Sendable {
    let directory: String
    private let storeID: [UInt8]
    private let zone: ZoneRules
    private let environmentOptions: EnvironmentOptions
    /// Shards that are open at one time.
    let openMax: Int
    private let onFault: (@Sendable (StoreFault) -> Void)?
    private let shards = Mutex<[Shard]>([])
    /// Grows when shards come or go, so that readers know when to look again. Its last bits are the code of their
    /// layout, so that who knows the one knows the other.
    let generation: Atomic<Int>
    private let uses = Atomic<UInt64>(0)
    private let openCount = Atomic<Int>(0)
    /// Set when nobody knows which layout STORE has on the disk: until the next start nothing is written, and no shard
    /// of either is removed.
    let isLayoutUncertain = Atomic<Bool>(false)

    /// - Parameters:
    ///   - directory: "shards" in the store.
    ///   - isServed: Whether shards of earlier versions become ones of this version. Whoever only looks at them must
    ///     leave them as they were noted at the last clean stop.
    init(
        directory: String, storeID: [UInt8], zone: ZoneRules, layout: ShardLayout, readersMax: Int,
        mapSize: Int, openMax: Int,
        defersMetaSync: Bool = false, isServed: Bool = false, onFault: (@Sendable (StoreFault) -> Void)? = nil
    ) {
        self.directory = directory
        self.storeID = storeID
        self.zone = zone
        self.openMax = max(1, openMax)
        self.onFault = onFault
        generation = Atomic(layout.code)
        var options = ShardTable.environmentOptions
        options.readersMax = readersMax
        options.mapSize = mapSize
        options.defersMetaSync = defersMetaSync
        options.makesLaterTables = isServed
        environmentOptions = options
    }

    /// What begins the name of a shard that is being made.
    private static let unfinishedPrefix = ".new-"
    /// And that of one that is being removed.
    private static let removedPrefix = ".old-"

    func removedPath(_ period: Period) -> String {
        directory + "/" + ShardSet.removedPrefix + period.description
    }

    /// How the store is divided into them.
    var layout: ShardLayout { ShardSet.layout(generation.load(ordering: .acquiring)) }

    static func layout(_ generation: Int) -> ShardLayout { ShardLayout(code: generation) }

    /// Changes the list and its generation in one step.
    private func change(to layout: ShardLayout? = nil, _ body: (inout [Shard]) -> Void) {
        shards.withLock { shards in
            body(&shards)
            let old = generation.load(ordering: .relaxed)
            let step = 1 << ShardLayout.codeBitCount
            generation.store((old & -step) + step + (layout?.code ?? old & (step - 1)), ordering: .releasing)
        }
    }

    /// The shards, and the generation of just these.
    var current: (shards: [Shard], generation: Int) {
        shards.withLock { ($0, generation.load(ordering: .relaxed)) }
    }

    func path(_ period: Period) -> String { directory + "/" + period.description }

    func unfinishedPath(_ period: Period) -> String {
        directory + "/" + ShardSet.unfinishedPrefix + period.description
    }

    var all: [Shard] { shards.withLock { $0 } }

    func shard(_ period: Period) -> Shard? { shards.withLock { $0.first { $0.period == period } } }

    /// Finds the shards on disk and reads what each says of itself.
    ///
    /// - Parameters:
    ///   - verifying: follows all pages of each file first, so that no damage in them can end the process.
    ///   - expected: shards that there should be.
    /// - Returns: those that cannot be read, with the reason. They stay in the set, and answer `unavailable`.
    func load(verifying: Bool = false, expected: some Sequence<Period> = []) throws(StoreError) -> [(
        period: Period, error: StoreError
    )] {
        var failures: [(period: Period, error: StoreError)] = []
        var found: [Shard] = []
        for name in try mapped({ () throws(FileError) in try FileSystem.list(directory) }) {
            // The process ended while it made one, or removed one: nobody needs what is there.
            if name.hasPrefix(ShardSet.unfinishedPrefix) || name.hasPrefix(ShardSet.removedPrefix) {
                try mapped { () throws(FileError) in try FileSystem.removeTree(directory + "/" + name) }
            }
            guard let period = Period(name), period.layout ?? layout == layout else { continue }
            found.append(makeShard(period))
        }
        let periods = Set(found.map(\.period))
        for period in expected where !periods.contains(period) {
            found.append(makeShard(period))
        }
        found.sort { $0.sortKey < $1.sortKey }
        for shard in found {
            do throws(StoreError) {
                if let reason = Quarantine.reason(of: shard.file.path) {
                    throw StoreError.quarantined(shard.period, reason: reason)
                }
                if verifying { try shard.verify() }
                try shard.load(storeID: storeID)
                didUse(shard)
                if openCount.load(ordering: .relaxed) < openMax {
                    openCount.add(1, ordering: .relaxed)
                } else {
                    shard.file.close()
                }
            } catch {
                shard.file.close(failure: .unavailable(shard.period))
                failures.append((shard.period, error))
            }
        }
        change { $0 = found }
        return failures
    }

    /// Begins a read transaction of the shard for one thread.
    func makeReader(of shard: Shard) throws(StoreError) -> (reader: SharedReader, tables: ShardTables) {
        let wasOpen = shard.file.isOpen
        let (reader, tables) = try noting(shard) { () throws(StoreError) in try shard.file.makeReader() }
        didUse(shard)
        if !wasOpen { didOpen(shard) }
        return (reader, ShardTables(tables))
    }

    private func noting<Output>(
        _ shard: Shard, _ body: () throws(StoreError) -> Output
    ) throws(StoreError) -> Output {
        do throws(StoreError) {
            return try body()
        } catch {
            if let onFault, let fault = StoreFault(error, shard.period) { onFault(fault) }
            throw error
        }
    }

    /// Keeps the shard open until its `file.unpin`.
    ///
    /// - Parameter isNoted: whether it is told here when the shard cannot be opened, and not by who asks.
    func pin(_ shard: Shard, isNoted: Bool = true) throws(StoreError) -> Environment {
        let wasOpen = shard.file.isOpen
        let environment: Environment
        if isNoted {
            environment = try noting(shard) { () throws(StoreError) in try shard.file.pin() }
        } else {
            environment = try shard.file.pin()
        }
        didUse(shard)
        if !wasOpen { didOpen(shard) }
        return environment
    }

    /// Makes a shard. It appears under its name only when it is whole, so one that is found on disk was finished.
    func make(_ period: Period) throws(StoreError) -> Shard {
        let unfinished = unfinishedPath(period)
        try mapped { () throws(FileError) in
            try FileSystem.removeTree(unfinished)
            try FileSystem.makeDirectory(unfinished)
        }
        var options = environmentOptions
        options.create = true
        options.defersMetaSync = false
        do throws(LMDBError) {
            let environment = try Environment(unfinished, options)
            var transaction = try environment.beginWrite()
            try transaction.put(ShardMeta(storeID: storeID, period: period), in: environment)
            try transaction.commit()
            environment.close()
        } catch {
            throw StoreError(error, path: unfinished)
        }
        let shard = makeShard(period)
        try mapped { () throws(FileError) in
            try FileSystem.syncDirectory(unfinished)
            try FileSystem.rename(unfinished, to: shard.file.path)
            try FileSystem.syncDirectory(directory)
        }
        try shard.load(storeID: storeID)
        didUse(shard)
        insert(shard)
        didOpen(shard)
        return shard
    }

    /// What stands for a shard that is on disk.
    func makeShard(_ period: Period) -> Shard {
        Shard(period, directory: directory, zone: zone, options: environmentOptions)
    }

    /// Takes shards of another layout in place of those that it has. The undated one stays.
    ///
    /// - Returns: those that are no part of the store any more.
    func replace(by new: [Shard], _ layout: ShardLayout) -> [Shard] {
        let old = all.filter { $0.period != .undated }
        for shard in old { shard.isRetired.store(true, ordering: .sequentiallyConsistent) }
        change(to: layout) { shards in
            shards = shards.filter { $0.period == .undated } + new.sorted { $0.sortKey < $1.sortKey }
        }
        openCount.store(all.count { $0.file.isOpen }, ordering: .relaxed)
        return old
    }

    private func insert(_ shard: Shard) {
        change { shards in
            let index = shards.firstIndex { $0.sortKey > shard.sortKey } ?? shards.endIndex
            shards.insert(shard, at: index)
        }
    }

    /// Takes a shard out of its readers' sight. Those who look at it already may do so until its file is closed.
    func remove(_ shard: Shard) {
        shard.isRetired.store(true, ordering: .sequentiallyConsistent)
        change { $0.removeAll { $0 === shard } }
    }

    /// Puts a shard that was to be removed back.
    func putBack(_ retired: Shard) {
        let shard = makeShard(retired.period)
        // One that cannot be read answers so.
        do { try shard.load(storeID: storeID) } catch { shard.file.close(failure: .unavailable(shard.period)) }
        insert(shard)
    }

    /// Closes a shard, which opens again when it is used. One that is pinned stays open.
    func rest(_ shard: Shard) {
        if shard.file.isOpen, shard.file.close() { openCount.subtract(1, ordering: .relaxed) }
    }

    /// Closes all, for good.
    func close() {
        for shard in all { shard.file.close(failure: .closed) }
    }

    func didUse(_ shard: Shard) {
        shard.lastUse.store(uses.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
    }

    /// Closes those that have not been used for longest, while too many are open.
    private func didOpen(_ opened: Shard) {
        guard openCount.add(1, ordering: .relaxed).newValue > openMax else { return }
        let open = all.filter { $0 !== opened && $0.file.isOpen }
        openCount.store(open.count + 1, ordering: .relaxed)
        let oldestFirst = open.sorted {
            $0.lastUse.load(ordering: .relaxed) < $1.lastUse.load(ordering: .relaxed)
        }
        for shard in oldestFirst.prefix(max(0, open.count + 1 - openMax)) where shard.file.close() {
            openCount.subtract(1, ordering: .relaxed)
        }
    }
}

extension StoreError {
    /// A disk that is full or takes no writes has its own case.
    init(_ error: FileError) {
        self =
            switch error.reason {
            case .noSpace: .full(path: error.path)
            case .readOnly, .permissionDenied: .notWritable(path: error.path)
            default: .file(error)
            }
    }
}

extension WriteTransaction {
    /// Writes what the shard says of itself.
    mutating func put(_ meta: ShardMeta, in environment: Environment) throws(LMDBError) {
        let key = Array(ShardMeta.key.utf8)
        try put(key.span, seed: ShardTable.meta.seed, in: environment.table(ShardTable.meta)) { meta.append(to: &$0) }
    }
}
