internal import Files
internal import LMDB
internal import NewsModel

/// What is done before a store's files are mapped: shards that the last end was about, or that were written since the
/// last clean one, are looked at, and those that are damaged are quarantined.
struct StartCheck {
    let directory: StoreDirectory
    let options: StoreOptions
    /// How the store ended.
    private(set) var last: StopRecord?
    private(set) var wasClean = false

    init(_ directory: StoreDirectory, _ options: StoreOptions) {
        self.directory = directory
        self.options = options
    }

    /// - Throws: when the catalog is damaged, or the directory cannot be read.
    mutating func run() throws(StoreError) {
        (last, wasClean) = try StopRecord.read(directory.path)
        let shards = try directory.shards()
        let faults = FaultFile.read(directory.path)
        for shard in shards where faults.contains(shard.period.description) {
            try Quarantine.mark(shard.path, "reading or writing it ended the process")
        }
        // Only now: a start that is cut short must find the file again.
        try FaultFile.remove(directory.path)
        try walk(shards.filter { Quarantine.reason(of: $0.path) == nil })
        try StopRecord.begin(directory.path)
    }

    private func walk(_ shards: [SuspectWalk.Shard]) throws(StoreError) {
        var suspects: [SuspectWalk.Shard] = []
        for shard in shards {
            // A file that says nothing of itself cannot be opened either: that is found then.
            guard let transaction = try? Environment.lastTransaction(shard.path) else { continue }
            let noted = last?.transactions[shard.period]
            if let noted, transaction < noted {
                try Quarantine.mark(
                    shard.path, "its last transaction is \(transaction), and \(noted) was there: a meta page is lost")
            } else if let noted, wasClean, transaction > noted {
                try Quarantine.mark(
                    shard.path, "its last transaction is \(transaction), and was \(noted): a meta page is damaged")
            } else if noted != transaction {
                suspects.append(shard)
            }
        }
        let walk = SuspectWalk(
            command: options.walkCommand, limit: options.walkLimit, processCount: options.walkProcessCount)
        // Nothing is found without the catalog, and the newest shards are asked for most.
        let catalog = directory.path + "/" + Catalog.shardName
        let folders = (wasClean ? [] : [catalog]) + suspects.sorted { $0.period > $1.period }.map(\.path)
        let verdicts = walk.run(folders)
        for (folder, verdict) in verdicts {
            guard case .damaged(let reason) = verdict, folder != catalog else { continue }
            try Quarantine.mark(folder, reason)
        }
        if case .damaged(let reason) = verdicts[catalog] { throw .damagedCatalog(path: catalog, reason: reason) }
    }
}

extension StoreDirectory {
    /// The shards that have a folder, oldest first.
    func shards() throws(StoreError) -> [SuspectWalk.Shard] {
        try mapped { () throws(FileError) in try FileSystem.list(shardsPath) }
            .compactMap { name in
                Period(name).map { SuspectWalk.Shard(period: $0, path: shardsPath + "/" + name) }
            }
            .filter { $0.period.layout ?? file.layout == file.layout }
            .sorted { $0.period < $1.period }
    }
}
