internal import LMDB
internal import NewsModel
internal import Synchronization

extension StoreWriter {
    func tell(_ fault: StoreFault) { context.options.onFault?(fault) }

    /// After a failed commit: closes the shard, opens it again, and lets it be written once two durable commits have
    /// shown that it can be. Else it is read-only until the store is opened again, or until a later write finds room
    /// if there was none.
    func recover(_ shard: Shard) {
        reopen(shard)
        reload(shard)
    }

    /// The first half: the shard can be written or is read-only. Readers are not shown what it holds now.
    func reopen(_ shard: Shard) {
        let fault = context.options.commitFault
        do throws(LMDBError) {
            try shard.file.recover { (transaction, environment) throws(LMDBError) in
                if let error = fault?(.recovery, shard.period) { throw error }
                guard let meta = try transaction.shardMeta(in: environment) else { throw .corrupted }
                try transaction.put(meta, in: environment)
            }
            if shard.isStarved.exchange(false, ordering: .relaxed) {
                shard.isReadOnly.store(false, ordering: .releasing)
            }
            tell(StoreFault(.recovered, shard.period, "two commits were flushed"))
        } catch {
            shard.isStarved.store(error == .diskFull || error == .mapFull, ordering: .relaxed)
            shard.isReadOnly.store(true, ordering: .releasing)
            tell(StoreFault(.readOnly, shard.period, error))
        }
    }

    /// The second: takes what is on disk for what has happened.
    func reload(_ shard: Shard) {
        do throws(StoreError) {
            try shard.load(storeID: context.file.id)
            let since = context.options.clock() - context.options.requestMemory
            requests.replace(shard.period, by: try shard.requests(since: since))
        } catch {
            tell(StoreFault(.unusable, shard.period, error))
            shard.file.close(failure: .unavailable(shard.period))
        }
        let last = shard.lastRevision.load(ordering: .relaxed)
        takeRevisions(after: last)
    }
}
