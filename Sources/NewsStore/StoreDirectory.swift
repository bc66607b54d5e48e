internal import Files
internal import NewsModel

/// A store's directory, locked, with what its STORE file says.
///
///     STORE       what the store is
///     LOCK        held by the one process that uses it
///     catalog/    channels, and where articles are whose id does not name their shard
///     shards/     one directory for each period, or each slot of a period
///     CLEAN       what the shards were when it was last closed; STARTED while a process serves it
///     FAULT       which shard a fault was about that ended the process; else absent or empty
///     quarantine/ what a repair has taken out
///     RESHARD     while the layout changes; reshard/ has the shards to be
struct StoreDirectory {
    let path: String
    let file: StoreFile
    let zone: ZoneRules
    let lock: DirectoryLock

    var shardsPath: String { path + "/" + StoreDirectory.shardsName }

    static let shardsName = "shards"
    private static let lockName = "LOCK"
    /// What may lie there before a store does: the roots of ext4 file systems have it.
    private static let ignoredNames: Set<String> = ["lost+found"]

    /// Locks the directory, and makes the store when there is none.
    ///
    /// - Parameter options: what a new store is made with; `nil`: an absent store is an error.
    init(_ path: String, _ options: StoreOptions?) throws(StoreError) {
        self.path = path
        let storePath = path + "/" + StoreFile.name
        let exists = try mapped { () throws(FileError) in try FileSystem.exists(storePath) }
        if !exists {
            guard let options else { throw .notAStore(path: path) }
            try mapped { () throws(FileError) in try FileSystem.makeDirectory(path, intermediates: true) }
            try StoreDirectory.checkFree(path)
            lock = try StoreDirectory.lock(path)
            try StoreDirectory.make(path, options)
        } else {
            lock = try StoreDirectory.lock(path)
        }
        let bytes = try mapped { () throws(FileError) in try FileSystem.read(storePath, limit: 1 << 16) }
        file = try StoreFile(bytes, path: storePath)
        if let options {
            let length = options.periodLength ?? file.layout.length
            guard let wanted = ShardLayout(length, slots: options.slotCount ?? file.layout.slotCount) else {
                throw .badSlotCount(options.slotCount ?? 0)
            }
            if wanted != file.layout { throw .otherLayout(path: path, found: file.layout, wanted: wanted) }
        }
        zone = try StoreDirectory.zone(file.zoneName)
        try checkLayout()
    }

    /// When a shard was last written, by the clock of that time; `nil`: there are none.
    var lastWrite: Instant? {
        let names = (try? FileSystem.list(shardsPath)) ?? []
        let times = names.compactMap { try? FileSystem.modificationTime(shardsPath + "/" + $0 + "/data.mdb") }
        return times.max().map { Instant(microseconds: $0) }
    }

    private static func lock(_ path: String) throws(StoreError) -> DirectoryLock {
        do throws(FileError) {
            return try DirectoryLock(path, name: lockName)
        } catch {
            throw error.reason == .wouldBlock ? .held(path: path) : StoreError(error)
        }
    }

    /// What a store that was never finished may have left.
    static let unfinishedNames: Set<String> = [
        lockName, Catalog.shardName, shardsName, StoreFile.name + ".new", StopRecord.cleanName, StopRecord.startedName,
        FaultFile.name, Quarantine.folderName, ReshardFile.name, ReshardFile.folderName,
    ]

    /// Refuses a directory that holds other things. What a creation left that never finished is no hindrance: STORE is
    /// made last, and until then there are no shards.
    private static func checkFree(_ path: String) throws(StoreError) {
        let names = try mapped { () throws(FileError) in Set(try FileSystem.list(path)) }
        guard names.subtracting(ignoredNames).isSubset(of: unfinishedNames) else { throw .notAStore(path: path) }
        guard names.contains(shardsName) else { return }
        let shards = try mapped { () throws(FileError) in try FileSystem.list(path + "/" + shardsName) }
        guard shards.isEmpty else {
            throw .damagedStoreFile(path: path + "/" + StoreFile.name, reason: "it is missing, and shards are there")
        }
    }

    private static func make(_ path: String, _ options: StoreOptions) throws(StoreError) {
        let zoneName = options.timeZone ?? ZoneInfo.systemZoneName() ?? ZoneRules.utc.name
        _ = try zone(zoneName)
        guard let layout = ShardLayout(options.periodLength ?? .month, slots: options.slotCount ?? 1) else {
            throw .badSlotCount(options.slotCount ?? 0)
        }
        let file = StoreFile(zoneName: zoneName, layout)
        let catalogPath = path + "/" + Catalog.shardName
        try mapped { () throws(FileError) in
            try FileSystem.removeTree(catalogPath)
            try FileSystem.makeDirectory(catalogPath)
            try FileSystem.makeDirectory(path + "/" + shardsName)
        }
        try Catalog.make(at: catalogPath, storeID: file.id, mapSize: options.mapSize)
        try mapped { () throws(FileError) in
            try FileSystem.syncDirectory(catalogPath)
            // The key of the page tokens is in it, so others do not read it.
            try FileSystem.writeAtomically(path + "/" + StoreFile.name, file.bytes, mode: 0o600)
            try FileSystem.syncDirectory(FileSystem.parent(of: path))
        }
    }

    private static func zone(_ name: String) throws(StoreError) -> ZoneRules {
        do {
            return try ZoneRules(name: name, tzif: try ZoneInfo.read(name))
        } catch {
            if name == ZoneRules.utc.name { return .utc }  // Also where there is no time zone data.
            throw .zoneUnknown(name: name)
        }
    }
}

/// Runs something on files; its failures become the store's.
func mapped<Result>(_ body: () throws(FileError) -> Result) throws(StoreError) -> Result {
    do { return try body() } catch { throw StoreError(error) }
}
