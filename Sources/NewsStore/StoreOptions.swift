package import LMDB
package import NewsModel
internal import Threads

/// How a store is opened.
package struct StoreOptions: Sendable {
    /// IANA name, for a new store. `nil`: the system's zone, else UTC.
    package var timeZone: String?
    /// For a new store, whose shards are by month if nothing is said. One that is there has to have this length.
    package var periodLength: PeriodLength?
    /// The same for the slots of a period, of which a new store has one.
    package var slotCount: Int?
    /// Shards that are open at one time; each takes about 4 descriptors.
    package var openShardsMax = 256
    /// Read transactions at one time in one shard: one for each loop, and some for the store itself.
    package var readersMax = 64
    /// Largest size of a shard's file, in bytes. Address space and not memory.
    package var mapSize = 64 << 30
    /// How long a request is remembered.
    package var requestMemory = Duration.seconds(24 * 3600)
    /// Requests that are remembered; of more the oldest are forgotten before their time. Each takes some 300 bytes.
    package var requestCountMax = 100_000
    /// The same for requests of reactions that count each time, which are a memory of their own.
    package var reactionRequestCountMax = 16_384
    /// How long changes are kept for those who ask for them.
    package var changeMemory = Duration.seconds(7 * 86_400)
    package var durability = Durability.commit
    /// When views that were recorded are shown, at the latest.
    package var viewPublication = Duration.milliseconds(100)
    /// When they are begun to be written, at the latest: a bit less than the second that a crash may cost.
    package var viewFlush = Duration.milliseconds(800)
    /// Likes and favorites of one article that one transaction adds or removes when the article moves or is purged.
    /// More are dealt with in several, so that no transaction grows with what callers do.
    package var reactionPieceMax = 4096
    /// Articles with views that are not written yet. From half of that on they are written early; beyond it, recording
    /// waits. Each takes some 300 bytes.
    package var unwrittenViewsMax = 65_536
    /// How far the time of day may run ahead of the time that has passed since the store was opened before articles are
    /// no longer purged by it: a clock that was set wrong must not remove anything for good.
    package var clockStepMax = Duration.seconds(24 * 3600)
    /// Shards that end longer ago are dropped: when the store is opened, and once an hour. `nil`: none are.
    package var retention: CalendarSpan?
    /// Hears of that, on a thread of the store's.
    package var onRetention: (@Sendable (Result<RetentionSummary, StoreError>) -> Void)?
    /// Hears what the disk or the system did to the store, on a thread that reads or writes it: it must not take long.
    package var onFault: (@Sendable (StoreFault) -> Void)?
    /// How long a shard that could not be recovered for want of room is left alone before a write tries again.
    package var recoveryInterval = Duration.milliseconds(250)
    /// How long the writer works on the background before it looks at the foreground again.
    package var backgroundSlice = Duration.milliseconds(8)
    /// The same once nobody has come to the foreground for `quietTime`. Larger transactions write fewer pages for each
    /// article, and whoever comes first waits for one of them.
    package var quietSlice = Duration.milliseconds(100)
    package var quietTime = Duration.seconds(1)
    /// Program, with its first arguments, that looks at shards which may be damaged: it gets their folders as further
    /// arguments, and does what `Store.walkShards` does. `nil`: it is done in this process.
    package var walkCommand: [String]?
    /// How long that may hold up the start.
    package var walkLimit = Duration.seconds(2)
    /// Processes, or threads, that do it at one time.
    package var walkProcessCount = 2
    /// Whether a fault that ends the process is to leave the name of its shard, so that the next start quarantines it.
    /// It changes what the whole process does at SIGSEGV and SIGBUS: for programs.
    package var notesFaults = false
    /// Whether the store is made when there is none.
    package var makesStore = true
    /// What the store takes for the time of day.
    package var clock: @Sendable () -> Instant
    /// What a commit is to fail with, for tests of what follows.
    package var commitFault: (@Sendable (CommitFault.Moment, Period) -> LMDBError?)?
    /// Runs on the thread that commits a shard, before it does, for tests of what happens meanwhile.
    package var commitStep: (@Sendable (Period) -> Void)?
    /// As `commitFault`, for the catalog.
    package var catalogFault: (@Sendable (CommitFault.Moment) -> LMDBError?)?

    /// Hears of each step in which a round becomes visible, on the writer's thread, for tests of what readers see
    /// between them.
    package var publicationStep: (@Sendable (PublicationStep) -> Void)?
    /// Hears of each step of an operation that changes files, for tests of crashes between them.
    package var operationStep: (@Sendable (String) -> Void)?

    func requestCountMax(_ kind: RequestRecord.Kind) -> Int {
        switch kind {
        case .change: requestCountMax
        case .reaction: reactionRequestCountMax
        }
    }

    package init(clock: @escaping @Sendable () -> Instant = { Instant(microseconds: WallClock.now) }) {
        self.clock = clock
    }
}

/// Failures that a test brings about.
package enum CommitFault {
    package enum Moment: Hashable, Sendable {
        /// Nothing has been written yet.
        case before
        /// It has been committed, and its caller is told that it failed.
        case after
        /// While the shard is shown to be writable again.
        case recovery
        /// At a flush that was deferred, or of a commit whose flush would be and must not.
        case sync
    }
}
