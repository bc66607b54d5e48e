internal import Files
internal import LMDB
internal import NewsModel
internal import Synchronization

/// The part of a change of layout that the writer does, while all writes wait.
extension StoreWriter {
    /// Enters where articles will be, unless they have left the shard meanwhile.
    func claimAhead(_ strays: [Stray], for layout: ShardLayout) throws(StoreError) {
        for stray in strays {
            let known = try catalog.located(stray.id, layout)
            let isNamed = known == nil && stray.id.namedPeriod(layout) == stray.target
            if isNamed || known == stray.target { continue }
            guard try context.holds(stray.id, in: stray.source) else { continue }
            catalog.claim(stray.id, in: stray.source, andThen: stray.target)
        }
        try catalog.commit()
    }

    /// - Returns: `false` when there are shards that are not copied: nothing has happened.
    func flip(
        _ groups: [ReshardGroup], _ logs: [Period: TouchLog], to layout: ShardLayout
    ) throws(StoreError) -> Bool {
        let step = context.options.operationStep ?? { _ in }
        guard context.shards.all.allSatisfy({ $0.period == .undated || logs[$0.period] != nil }) else { return false }
        settleNow()
        if let intent = catalog.openIntents.first { throw .readOnly(intent.source) }
        for group in groups {
            let touched = group.take(logs)
            if !touched.isEmpty {
                try group.follow(touched) { (strays) throws(StoreError) in try claimAhead(strays, for: layout) }
            }
            try group.seal()
        }
        step("sealed")
        let (shards, records) = try install(groups)
        step("in place")
        var file = context.currentFile
        file.layout = layout
        do throws(StoreError) {
            try context.write(file)
        } catch {
            // Whether STORE is the old or the new one after a power cut nobody knows. Both sets of shards hold the
            // same, and so it stays: nothing is written any more.
            context.shards.isLayoutUncertain.store(true, ordering: .releasing)
            for shard in context.shards.all { shard.isReadOnly.store(true, ordering: .releasing) }
            throw error
        }
        step("flipped")
        take(shards, records, layout)
        return true
    }

    /// Moves the copies in among the shards. Until STORE changes nobody takes them for shards.
    ///
    /// - Returns: the shards, of which as many are open as may be, and the requests of the last day.
    private func install(_ groups: [ReshardGroup]) throws(StoreError) -> (shards: [Shard], records: [RequestRecord]) {
        try mapped { () throws(FileError) in
            for group in groups {
                for target in group.targets {
                    let path = context.shards.path(target)
                    try FileSystem.removeTree(path)
                    try FileSystem.rename(group.path(target), to: path)
                }
            }
            try FileSystem.syncDirectory(context.shards.directory)
        }
        var shards: [Shard] = []
        var records: [RequestRecord] = []
        if let undated = context.shards.shard(.undated) { records = try lastRequests(of: undated) }
        for target in groups.flatMap(\.targets) {
            let shard = context.shards.makeShard(target)
            try shard.load(storeID: context.file.id)
            records += try lastRequests(of: shard)
            if shards.count >= context.shards.openMax { shard.file.close() }
            shards.append(shard)
        }
        return (shards, records)
    }

    private func lastRequests(of shard: Shard) throws(StoreError) -> [RequestRecord] {
        let since = context.options.clock() - context.options.requestMemory
        guard shard.lastRequestTime.load(ordering: .relaxed) >= since.microseconds else { return [] }
        return try shard.requests(since: since)
    }

    /// Shows the new shards to readers and writes. Who is looking at an old one may, until its file is closed.
    private func take(_ shards: [Shard], _ records: [RequestRecord], _ layout: ShardLayout) {
        context.moves.add(1, ordering: .sequentiallyConsistent)
        let old = context.shards.replace(by: shards, layout)
        context.moves.add(1, ordering: .sequentiallyConsistent)
        requests.replaceAll(by: records)
        deferred.forget(old)
        for shard in old { shard.file.close(failure: .unavailable(shard.period)) }
        context.publication.noteMoment()
    }
}

extension StoreContext {
    /// Lets releases that know no slots refuse the store, before anything names one.
    func admitSlots() throws(StoreError) {
        var file = currentFile
        guard file.format < StoreFile.slotFormat else { return }
        file.format = StoreFile.slotFormat
        try write(file)
        format.store(file.format, ordering: .relaxed)
    }

    fileprivate func write(_ file: StoreFile) throws(StoreError) {
        // The key of the page tokens is in it, so others do not read it.
        let path = directory + "/" + StoreFile.name
        try mapped { () throws(FileError) in try FileSystem.writeAtomically(path, file.bytes, mode: 0o600) }
    }
}
