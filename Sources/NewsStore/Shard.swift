internal import Files
internal import LMDB
internal import NewsModel
internal import Synchronization

/// The articles of one period, or slot of one: a directory with one LMDB environment.
final class Shard: Sendable {
    let period: Period
    /// Orders shards by time.
    let sortKey: Int32
    /// The instants that its articles may have, in the store's zone; `nil` for undated.
    let instants: Range<Int64>?
    let file: EnvironmentFile

    let articleCount = Atomic<Int>(0)
    /// Revision of its last published change.
    let lastRevision = Atomic<UInt64>(0)
    /// The last transaction that is published. A view that shows a later one is ahead of the published position.
    let publishedTransaction = Atomic<UInt64>(0)
    let lastRequestTime = Atomic<Int64>(0)
    /// When the first of its deleted articles is to be removed, in microseconds.
    let nextPurge = Atomic<Int64>(.max)
    /// When the first of the changes happened that it keeps, in microseconds.
    let firstChange = Atomic<Int64>(.max)
    /// Up to which revision it has forgotten changes, when it was loaded.
    let compactedRevision = Atomic<UInt64>(0)
    /// When it was last asked for, in turns of its users: what is closed first.
    let lastUse = Atomic<UInt64>(0)
    /// Set when a commit failed and the shard could not be made writable again.
    let isReadOnly = Atomic<Bool>(false)
    /// Set with that when it was for want of something that may come: room, descriptors, or the end of a reader that
    /// still had the old environment. A later write tries again.
    let isStarved = Atomic<Bool>(false)
    /// When, on the monotonic clock. Each time ends the views that readers and backups have of the shard.
    let nextRecovery = Atomic<Int64>(0)
    /// Set when it is no part of the store any more: who cannot read it looks for the shards again.
    let isRetired = Atomic<Bool>(false)
    /// While the shard is copied: gets what is written. Set on the writer's thread, so that no transaction is missed.
    let touchLog = Mutex<TouchLog?>(nil)

    /// Of its data file.
    func fileByteCount() throws(StoreError) -> Int {
        try mapped { () throws(FileError) in try FileSystem.size(file.path + "/data.mdb") }
    }

    init(_ period: Period, directory: String, zone: ZoneRules, options: EnvironmentOptions) {
        self.period = period
        sortKey = period.sortKey
        instants = Shard.instants(of: period, zone: zone)
        file = EnvironmentFile(path: directory + "/" + period.description, options: options)
    }

    /// Reads what the shard says of itself.
    ///
    /// - Throws: `damaged` when it is another store's, another period's, or says nothing.
    func load(storeID: [UInt8]) throws(StoreError) {
        var meta: ShardMeta?
        var number: UInt64 = 0
        let environment = try file.pin()
        defer { file.unpin() }
        do throws(LMDBError) {
            let transaction = try environment.beginRead()
            number = transaction.number
            meta = try transaction.shardMeta(in: environment)
            let purge = try transaction.nextPurge(in: environment)
            nextPurge.store(purge?.microseconds ?? .max, ordering: .relaxed)
            let bounds = try transaction.changeBounds(in: environment)
            firstChange.store(bounds.first?.microseconds ?? .max, ordering: .relaxed)
            compactedRevision.store(bounds.compacted, ordering: .relaxed)
        } catch {
            throw StoreError(error, path: file.path)
        }
        guard let meta, meta.storeID == storeID, meta.period == period else {
            throw .damaged(place(.meta, ShardMeta.key))
        }
        publish(meta, transaction: number)
    }

    /// Follows every page of the file.
    func verify() throws(StoreError) {
        do throws(LMDBError) { try Environment.verify(file.path) } catch { throw StoreError(error, path: file.path) }
    }

    /// Makes what has been committed known.
    func publish(_ meta: ShardMeta, transaction: UInt64) {
        articleCount.store(Int(clamping: meta.articleCount), ordering: .relaxed)
        lastRequestTime.store(meta.lastRequestTime.microseconds, ordering: .relaxed)
        lastRevision.store(meta.lastRevision, ordering: .releasing)
        publishedTransaction.store(transaction, ordering: .releasing)
    }

    func place(_ table: ShardTable, _ key: String) -> DamagedPlace {
        DamagedPlace(shard: period.description, table: table.name, key: key)
    }

    /// From the first moment of its first day to that of the day after it, so that the instants of all periods follow
    /// each other without a gap, also where clocks are put back across midnight.
    static func instants(of period: Period, zone: ZoneRules) -> Range<Int64>? {
        guard let first = period.firstDay, let end = period.endDay else { return nil }
        // The calendar's ends are open: what lies outside it in some zone still has a shard.
        let lower =
            first == CivilDate(year: 1, month: 1, day: 1)
            ? .min : zone.firstInstant(of: first).microseconds
        let upper = end.year > CivilDate.years.upperBound ? .max : zone.firstInstant(of: end).microseconds
        return lower..<max(lower, upper)
    }
}

extension Period {
    /// The period in whose shard an article of that sort instant belongs.
    init(of instant: Instant?, _ layout: ShardLayout, zone: ZoneRules) {
        guard let instant else {
            self = .undated
            return
        }
        let clamped = instant.clampedToTimestamp
        let local = zone.civil(at: clamped).date
        let date = local.nearest
        let period = Period(date, layout)
        // Clocks that are put back across midnight show the old day once more, after the new one has begun.
        if let next = period.next, let first = next.firstDay, clamped >= zone.firstInstant(of: first) {
            self = next
        } else {
            self = period
        }
    }
}

extension CivilDate {
    /// The nearest day of the calendar's years.
    fileprivate var nearest: CivilDate {
        let years = CivilDate.years
        if years.contains(year) { return self }
        let edge = year < years.lowerBound ? (years.lowerBound, 1, 1) : (years.upperBound, 12, 31)
        return CivilDate(year: edge.0, month: edge.1, day: edge.2) ?? self
    }
}

extension TableReading where Self: ~Copyable {
    /// What the shard says of itself; `nil` when that is damaged or missing.
    borrowing func shardMeta(in environment: Environment) throws(LMDBError) -> ShardMeta? {
        var meta: ShardMeta?
        let key = Array(ShardMeta.key.utf8)
        _ = try withValue(of: key.span, in: environment.table(ShardTable.meta)) { value in
            guard Sealed.isSound(value, key: key.span, seed: ShardTable.meta.seed) else { return }
            meta = ShardMeta(value)
        }
        return meta
    }
}
