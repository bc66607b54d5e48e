internal import LMDB
internal import NewsModel
internal import Synchronization

extension StoreWriter {
    /// After a failed commit: closes the shard, opens it again, and lets it be written once two durable commits have
    /// shown that it can be. Else it is read-only until the store is opened again.
    func recover(_ shard: Shard) {
        let fault = context.options.commitFault
        do throws(LMDBError) {
            try shard.file.recover { (transaction, environment) throws(LMDBError) in
                if let error = fault?(.recovery, shard.period) { throw error }
                guard let meta = try transaction.shardMeta(in: environment) else { throw .corrupted }
                try transaction.put(meta, in: environment)
            }
        } catch {
            shard.isReadOnly.store(true, ordering: .releasing)
        }
        reload(shard)
    }

    /// Takes what is on disk for what has happened.
    private func reload(_ shard: Shard) {
        do throws(StoreError) {
            try shard.load(storeID: context.file.id)
            let since = context.options.clock() - context.options.requestMemory
            requests.replace(shard.period, by: try shard.requests(since: since))
        } catch {
            shard.file.close(failure: .unavailable(shard.period))
        }
        let last = shard.lastRevision.load(ordering: .relaxed)
        takeRevisions(after: last)
    }
}
