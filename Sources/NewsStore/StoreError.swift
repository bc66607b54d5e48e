package import Files
package import LMDB
package import NewsModel

/// Why the store could not do what was asked. Every case names what it is about and says what may help.
package enum StoreError: Error, Hashable, Sendable {
    // When it is opened.

    /// The directory holds other things than a store.
    case notAStore(path: String)
    /// A later version made it.
    case newerFormat(path: String, found: Int, supported: Int)
    /// STORE does not say what it must.
    case damagedStoreFile(path: String, reason: String)
    /// The catalog's file is not what was written. `repair` makes it again from the shards.
    case damagedCatalog(path: String, reason: String)
    /// Another process serves it.
    case held(path: String)
    /// The directory, or the disk below it, takes no writes.
    case notWritable(path: String)
    /// This system does not know the store's time zone.
    case zoneUnknown(name: String)
    /// The operating system refused.
    case file(FileError)
    /// LMDB refused.
    case environment(path: String, LMDBError)

    // When it is read or written.

    /// A stored value is not what was written there.
    case damaged(DamagedPlace)
    /// The shard cannot be opened or read.
    case unavailable(Period)
    /// The shard is kept from use since its file was found damaged, until it is repaired.
    case quarantined(Period, reason: String)
    /// The shard takes no writes, since a commit failed and could not be made good. Reads go on.
    case readOnly(Period)
    /// The disk is full, or the shard has reached its largest size.
    case full(path: String)
    /// A commit failed: the write may have happened or not. It can be repeated with the same request id.
    case outcomeUnknown(Period)
    /// The id belongs to an article of another shard.
    case locatedElsewhere(Period)
    /// The article's time is not one of the shard's.
    case wrongPeriod(Period)
    /// A period cannot have so many slots.
    case badSlotCount(Int)
    /// The store is there, and divided otherwise than its options say.
    case otherLayout(path: String, found: ShardLayout, wanted: ShardLayout)
    /// The store has got another layout since the command was made for one: it is to be made anew.
    case periodsChanged
    /// No article has the id.
    case absent(ArticleID)
    /// The article is deleted, and can be changed again once it is brought back.
    case deleted(ArticleID)
    /// Changes up to this revision are not all kept any more.
    case compacted(upTo: UInt64)
    /// A part of the record has a size that cannot be stored.
    case tooLarge(what: String, byteCount: Int, limit: Int)
    /// The store is closed, or was opened for reading only.
    case closed
    /// Whoever observes the operation asked it to stop.
    case cancelled
    /// A backup is not what it must be, or cannot be made.
    case backup(BackupFault)
}

/// Where a value lies.
package struct DamagedPlace: Hashable, Sendable, CustomStringConvertible {
    /// "2026-02", or "catalog".
    package let shard: String
    package let table: String
    package let key: String

    package init(shard: String, table: String, key: String) {
        self.shard = shard
        self.table = table
        self.key = key
    }

    package var description: String { "\(shard)/\(table)/\(key)" }
}

extension StoreError {
    /// Whether the process has as many files open as it may: that passes.
    package var isDescriptorShortage: Bool {
        switch self {
        case .file(let error): error.reason == .tooManyOpenFiles
        case .environment(_, let error): error == .tooManyOpenFiles
        default: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAStore(let path):
            "\(path) is not a store: it holds other files and no STORE; give an empty or new directory"
        case .newerFormat(let path, let found, let supported):
            "\(path) has format \(found), and this version knows up to \(supported); use a newer version"
        case .damagedStoreFile(let path, let reason):
            "\(path) is damaged (\(reason)); put it back from a backup, the shards beside it are untouched"
        case .damagedCatalog(let path, let reason):
            "\(path) is damaged (\(reason)); newsrpc-server repair makes it again from the shards"
        case .held(let path):
            "\(path) is in use by another process; stop that one first, or give another directory"
        case .notWritable(let path):
            "\(path) cannot be written; check its owner and permissions, and whether the disk is mounted read-only"
        case .zoneUnknown(let name):
            "the store's time zone \(name) is unknown here; install the system's time zone data (tzdata)"
        case .file(let error): "\(error)"
        case .environment(let path, let error): "\(path): \(error)"
        case .damaged(let place): "the value at \(place) is damaged; check the store"
        case .unavailable(let period): "shard \(period) cannot be read; check the store"
        case .quarantined(let period, let reason):
            "shard \(period) is quarantined: \(reason); repair the store"
        case .readOnly(let period):
            "shard \(period) takes no writes since a commit failed; check the disk, then restart"
        case .full(let path): "no room for \(path): the disk is full or the shard has reached its largest size"
        case .outcomeUnknown(let period):
            "a commit to shard \(period) failed: the write may have happened; repeat it with the same request id"
        case .locatedElsewhere(let period): "the id belongs to an article of shard \(period)"
        case .wrongPeriod(let period): "the article's time does not lie in shard \(period)"
        case .badSlotCount(let count):
            "a period has 1 to \(ShardLayout.slotCounts.upperBound) slots, not \(count)"
        case .otherLayout(let path, let found, let wanted):
            "\(path) has its shards by \(found), not by \(wanted); leave period and slots out, or reshard it"
        case .periodsChanged: "the store's shards have been divided anew; try again"
        case .absent(let id): "there is no article \(id)"
        case .deleted(let id): "article \(id) is deleted"
        case .compacted(let revision):
            "changes up to revision \(revision) are no longer kept; list again, and go on from that list's position"
        case .tooLarge(let what, let byteCount, let limit): "\(what) has \(byteCount) bytes, over \(limit)"
        case .closed: "the store is closed"
        case .cancelled: "the operation was cancelled"
        case .backup(let fault): "\(fault)"
        }
    }

    /// What a failed call on an environment means for its caller.
    init(_ error: LMDBError, path: String) {
        self =
            switch error {
            case .mapFull, .diskFull: .full(path: path)
            case .notWritable: .notWritable(path: path)
            default: .environment(path: path, error)
            }
    }
}
