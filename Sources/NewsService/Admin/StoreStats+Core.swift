internal import NewsMessages
internal import NewsModel
internal import NewsStore

extension StoreStats {
    init(_ core: AdminCore, withShards: Bool) {
        self.init()
        let statistics = core.store.statistics()
        let shards = statistics.shards.map { ShardStats($0) }
        articleCount = shards.reduce(0) { $0 + $1.articleCount }
        deletedCount = shards.reduce(0) { $0 + $1.deletedCount }
        shardCount = Int64(shards.count)
        impairedShardCount = Int64(shards.count { $0.state != .serving })
        dataBytes = shards.reduce(0) { $0 + $1.dataBytes }
        freeBytes = shards.reduce(0) { $0 + $1.freeBytes }
        position = FeedPosition(revision: statistics.position).text(key: core.tokenKey)
        compactedPosition = FeedPosition(revision: statistics.compactedPosition).text(key: core.tokenKey)
        if withShards { self.shards = shards }
        loopTurns = DurationHistogram(core.turnCounts)
        let layout = core.store.layout
        period = ShardPeriod(layout.length)
        slots = Int32(layout.slotCount)
    }
}

extension ShardStats {
    fileprivate init(_ shard: StoreStatistics.Shard) {
        self.init()
        name = shard.period.name
        switch shard.state {
        case .serving: state = .serving
        case .readOnly: state = .readOnly
        case .unavailable(let error):
            state = .unavailable
            // Nobody but administrators reads this, so paths may be named.
            reason = "\(error)"
        }
        articleCount = Int64(shard.articleCount)
        deletedCount = Int64(shard.deletedCount)
        dataBytes = Int64(shard.byteCount)
        freeBytes = Int64(shard.freeByteCount)
    }
}

extension DurationHistogram {
    fileprivate init(_ turns: TurnCounts) {
        self.init()
        counts = turns.counts.map { Int64($0) }
        longest = ProtoDuration(.nanoseconds(turns.longestNanoseconds))
    }
}
