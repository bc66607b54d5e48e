internal import LMDB
internal import NewsModel
internal import Synchronization
internal import Threads

/// Up to which revision the store can be read as a whole.
///
/// A round commits shard after shard. Its changes count as published only when the last of them is committed, so that
/// a page over several shards shows either all of a round or none of it.
final class Publication: Sendable {
    private let published = Atomic<UInt64>(0)
    /// Rounds that have ended.
    private let rounds = Monitor<UInt64>(0)

    var position: UInt64 { published.load(ordering: .acquiring) }

    /// Moves the position. Comes before the shards are told of their transactions: a reader in between tries again.
    func publish(_ revision: UInt64) { published.store(revision, ordering: .releasing) }

    /// A round is over, also one that failed.
    func roundEnded() { rounds.broadcast { $0 &+= 1 } }

    /// Waits until the round that is under way is over, for 50 ms at most.
    func waitForRound() {
        let seen = rounds.withLock { count in count }
        let deadline = MonotonicClock.now + 50_000_000
        _ = rounds.wait(deadline: deadline) { count in count != seen ? true : nil }
    }
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

    init(
        directory: String, file: StoreFile, zone: ZoneRules, options: StoreOptions, shards: ShardSet, catalog: Catalog
    ) {
        self.directory = directory
        self.file = file
        self.zone = zone
        self.options = options
        self.shards = shards
        self.catalog = catalog
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
