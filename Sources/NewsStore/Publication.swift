internal import LMDB
internal import NewsModel
internal import Synchronization
internal import Threads

/// Up to which revision the store can be read as a whole.
///
/// A round commits several shards beside each other. A change counts as published when all with smaller revisions are
/// committed, too, so that a position says what has been shown, whichever commit ends first.
final class Publication: Sendable {
    private let published = Atomic<UInt64>(0)
    private let told = Atomic<UInt64>(0)
    private let kept = Atomic<UInt64>(0)
    private let changes = Atomic<UInt64>(0)
    /// How often something has been published, or might have been.
    private let moments = Monitor<UInt64>(0)
    private let observer = Mutex<Observer?>(nil)
    private let ending = Mutex(Ending())

    /// What those who are told of a commit put off until all have been told.
    private struct Ending {
        var isTelling = false
        var putOff: [@Sendable () -> Void] = []
    }

    /// Hears of all that is published, on the writer's thread, when it can be read.
    ///
    /// - Parameter counted: Articles whose counters changed though their revisions did not.
    typealias Observer = @Sendable (_ counted: [ArticleID]) -> Void

    var position: UInt64 { published.load(ordering: .acquiring) }

    /// Changes up to this revision are not all kept any more.
    var compacted: UInt64 { kept.load(ordering: .acquiring) }

    /// Grows with all that readers may see otherwise than before, counters among them: what was read after this number
    /// was asked for holds as long as it stays.
    var changeNumber: UInt64 { changes.load(ordering: .acquiring) }

    /// Comes when the change can be read, and before anybody is told of it.
    func noteChange() { changes.add(1, ordering: .releasing) }

    /// Somebody is told of a change before it is published, since one before it is not committed yet.
    func noteTold(_ revision: UInt64) {
        told.max(revision, ordering: .releasing)
        noteChange()
    }

    /// Comes before the changes are removed.
    func compact(upTo revision: UInt64) { kept.max(revision, ordering: .acquiringAndReleasing) }

    func observe(_ observer: @escaping Observer) { self.observer.withLock { $0 = observer } }

    func tellObserver(_ counted: [ArticleID]) { observer.withLock { $0 }?(counted) }

    /// Moves the position. Comes before the shards are told of their transactions: a reader in between tries again.
    func publish(_ revision: UInt64) { published.store(revision, ordering: .releasing) }

    /// Tells all who wait for a commit, then does what they have put off.
    func tell(_ completions: [@Sendable () -> Void]) {
        ending.withLock { $0.isTelling = true }
        for completion in completions { completion() }
        let putOff = ending.withLock { ending in
            let putOff = ending.putOff
            ending = Ending()
            return putOff
        }
        for body in putOff { body() }
    }

    /// Runs `body` when all who wait for the commit have been told; at once when nobody is being told.
    func afterTelling(_ body: @escaping @Sendable () -> Void) {
        let isPutOff = ending.withLock { ending in
            if ending.isTelling { ending.putOff.append(body) }
            return ending.isTelling
        }
        if !isPutOff { body() }
    }

    /// Something has been published, or failed to be.
    func noteMoment() { moments.broadcast { $0 &+= 1 } }

    /// Waits until more is published, for 50 ms at most.
    func waitForMoment() {
        let seen = moments.withLock { count in count }
        let deadline = MonotonicClock.now + 50_000_000
        _ = moments.wait(deadline: deadline) { count in count != seen ? true : nil }
    }

    /// Waits until all that anybody has been told of is published; for a second at most, in case the disk hangs.
    func waitForTold() {
        let told = told.load(ordering: .acquiring)
        if position >= told { return }
        _ = moments.wait(deadline: MonotonicClock.now + 1_000_000_000) { _ in position >= told ? true : nil }
    }
}

/// How what has been committed becomes visible, in this order.
package enum PublicationStep: CaseIterable, Sendable {
    /// Shards say that they have changes up to their last revision.
    case announced
    /// The position has moved: whoever follows the changes asks the shards that have announced some.
    case positioned
    /// Shards say which transaction is to be read.
    case published
}

/// What all parts of an open store share.
final class StoreContext: Sendable {
    let directory: String
    let file: StoreFile
    let zone: ZoneRules
    let options: StoreOptions
    let shards: ShardSet
    let catalog: Catalog
    let publication = Publication()
    let views: UnwrittenViews
    /// Grows when a move between shards begins and when it ends, so that it is odd while one is under way. Who finds no
    /// article may have looked into both shards at the wrong time, and looks again when it has changed.
    let moves = Atomic<Int>(0)
    /// Whether imports are the only ones that write, see `Store.isQuiet`.
    let isQuiet = Atomic<Bool>(true)
    /// The time of day and the monotonic clock when the store was opened.
    private let start: (day: Instant, monotonic: Int64)
    /// When the store was last written before it was opened, by the clock of that time.
    private let lastWrite: Instant?
    /// Of STORE, when it has become another since the store was opened.
    let format = Atomic<Int>(0)

    init(
        directory: String, file: StoreFile, zone: ZoneRules, options: StoreOptions, shards: ShardSet, catalog: Catalog,
        lastWrite: Instant?
    ) {
        start = (options.clock(), MonotonicClock.now)
        self.lastWrite = lastWrite
        views = UnwrittenViews(articleCountMax: options.unwrittenViewsMax)
        self.directory = directory
        self.file = file
        self.zone = zone
        self.options = options
        self.shards = shards
        self.catalog = catalog
    }

    /// How the store is divided into shards. It changes while the store is open, as they do.
    var layout: ShardLayout { shards.layout }

    /// STORE as it is by now.
    var currentFile: StoreFile {
        var file = file
        file.format = max(file.format, format.load(ordering: .relaxed))
        file.layout = layout
        return file
    }

    /// What counts as the time of day where something would be removed for good. It does not run ahead of the time
    /// that has passed by more than `clockStepMax`, so that a wrong clock empties no store.
    var purgeNow: Instant { min(options.clock(), start.day + passed + options.clockStepMax) }

    /// The same where shards are dropped. It does not run ahead of the last write before the store was opened either,
    /// since the clock may have been wrong by then.
    var retentionNow: Instant {
        guard let lastWrite else { return purgeNow }
        return min(purgeNow, lastWrite + passed + options.clockStepMax)
    }

    private var passed: Duration { .microseconds((MonotonicClock.now - start.monotonic) / 1000) }

    /// Whether a shard has the article, deleted or not.
    func holds(_ id: ArticleID, in period: Period) throws(StoreError) -> Bool {
        guard let shard = shards.shard(period) else { return false }
        let key = Array(id.text.utf8)
        return try shards.look(into: shard) { (transaction, tables) throws(LMDBError) in
            try transaction.withValue(of: key.span, in: tables[.articles]) { _ in }
        }
    }

    /// Notes what the shards hold, and closes them and the catalog.
    ///
    /// - Parameter earlier: what was known of the shards that cannot be read.
    func close(_ earlier: StopRecord?) {
        catalog.writeShardList(shards.all)
        let known = shards.all
        shards.close()
        catalog.file.close(failure: .closed)
        var record = StopRecord()
        record.lastRevision = publication.position
        for shard in known where !shard.isReadOnly.load(ordering: .acquiring) {
            let transaction = try? Environment.lastTransaction(shard.file.path)
            record.transactions[shard.period] = transaction ?? earlier?.transactions[shard.period]
        }
        record.end(directory)
        FaultNotes.end()
        try? FaultFile.remove(directory)
    }
}
