package import NewsModel
package import NewsStore
package import Threads

/// What the services of all loops share.
package final class ServiceCore: Sendable {
    package let store: Store
    package let zones: ZoneTable
    package let health: HealthState
    /// Reads captures, off the loops.
    let work: WorkQueue
    /// Captures on their way into the store.
    let importMemory: ImportMemory
    let clock: @Sendable () -> Instant
    /// How it is told that a read waited for the disk.
    let disk: DiskProbe
    let tokenKey: SipHash
    /// Finds articles by their ids, for threads that have no reader.
    let lookup: ArticleLookup
    /// Tells those who watch.
    let feed: ChangeFeed
    package let admin: AdminCore
    /// Rows that are looked at for one page of a list at most, deleted ones and those of other channels among them.
    let examinedRowsMax: Int
    /// Reads for loops that would have to wait for the disk.
    let readAhead = ReadAhead()
    /// Makes the changing part of an id for which nothing else is given.
    let makeDiscriminator: @Sendable () -> UInt64

    /// - Parameters:
    ///   - importMemory: As many requests as it lets in, and one for each loop, have to fit into `work`.
    ///   - loadZone: Reads a zone by its IANA name; `nil` when there is none.
    ///   - clock: The time of day.
    ///   - disk: How it is told that a read waited for the disk.
    ///   - onDamage: Hears of each shard in which something could not be read, once.
    package init(
        store: Store, work: WorkQueue, importMemory: ImportMemory = ImportMemory(),
        admin: AdminCore.Configuration = AdminCore.Configuration(),
        loadZone: @escaping @Sendable (String) -> ZoneRules?,
        clock: @escaping @Sendable () -> Instant = { Instant(microseconds: WallClock.now) },
        examinedRowsMax: Int = 10_000,
        makeDiscriminator: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 0...UInt64.max) },
        disk: DiskProbe = DiskProbe(),
        onDamage: @escaping @Sendable (Period) -> Void = { _ in }
    ) throws(StoreError) {
        self.store = store
        self.work = work
        self.importMemory = importMemory
        self.clock = clock
        self.examinedRowsMax = examinedRowsMax
        self.disk = disk
        self.makeDiscriminator = makeDiscriminator
        zones = ZoneTable(storeZone: store.zone, load: loadZone)
        health = HealthState(
            periods: { store.periods }, damaged: Set(store.unavailableShards.keys),
            onDamage: onDamage)
        tokenKey = SipHash(key: store.tokenKey)
        lookup = try ArticleLookup(store)
        feed = ChangeFeed(store, clock: clock, tokenKey: tokenKey)
        self.admin = AdminCore(store, admin, clock: clock, tokenKey: tokenKey)
    }

    /// Ends what the services do by themselves. Comes before the store is closed.
    package func close() {
        readAhead.close()
        closeOperations()
        feed.close()
    }

    /// Asks a long operation that is under way to stop, and waits until it has.
    package func closeOperations() { admin.operations.close() }
}
