package import GRPCCall
internal import GRPCWire
package import NewsMessages
internal import NewsModel
internal import NewsStore

// Each call checks its request and hands the work to the desk, where it has a thread of its own.

extension AdminService {
    package func startBackup(_ request: StartBackupRequest, _ call: CallContext) -> UnaryOutcome {
        reply(call) { () throws(Failure) in
            let target = BackupTarget(try path(request.target, "target"))
            var options = BackupOptions()
            if !request.baseBackup.isEmpty {
                if case .archive = target {
                    throw Failure(
                        field: "base_backup", .invalid, "base_backup needs a folder as target: an archive has no links")
                }
                options.base = try path(request.baseBackup, "base_backup")
            }
            if request.rateLimitBytes < 0 {
                throw Failure(field: "rate_limit_bytes", .invalid, "rate_limit_bytes must not be negative")
            }
            if request.rateLimitBytes > 0 { options.bytesPerSecond = Int(request.rateLimitBytes) }
            let name = request.target
            return try core.operations.start(.backup) {
                [store = core.store, key = core.tokenKey, options] observer
                    throws(Failure) in
                let summary = try stored { () throws(StoreError) in
                    try store.backup(to: target, options, observer: observer)
                }
                return { $0.backup = BackupResult(summary, target: name, key) }
            }
        }
    }

    /// Where a backup of this name lies.
    private func path(_ name: String, _ field: String) throws(Failure) -> String {
        guard let root = core.configuration.backupRoot else {
            throw Failure(
                .failedPrecondition, .backupRootMissing,
                "the server has no folder for backups; it is started with --backup-root for that")
        }
        guard (1...200).contains(name.utf8.count), !name.hasPrefix("."), !name.contains("/") else {
            throw Failure(
                field: field, .name,
                "\(field) \"\(name.prefix(40))\" must be 1 to 200 bytes without \"/\", and not begin with a dot")
        }
        return root + "/" + name
    }

    package func startCompaction(_ request: StartCompactionRequest, _ call: CallContext) -> UnaryOutcome {
        reply(call) { () throws(Failure) in
            let periods = try AdminService.periods(request.shards)
            return try core.operations.start(.compaction) { [store = core.store] (observer) throws(Failure) in
                let summary = try stored { () throws(StoreError) in
                    try store.compact(shards: periods, observer: observer)
                }
                return { $0.compaction = CompactionResult(summary) }
            }
        }
    }

    package func startResharding(_ request: StartReshardingRequest, _ call: CallContext) -> UnaryOutcome {
        reply(call) { () throws(Failure) in
            let length = PeriodLength(request.period)
            let slots = request.slots == 0 ? nil : Int(request.slots)
            if request.period != .unspecified, length == nil {
                throw Failure(field: "period", .invalid, "period must be MONTH, QUARTER or YEAR")
            }
            if length == nil, slots == nil { throw Failure(field: "period", .required, "period or slots is required") }
            if let slots, !ShardLayout.slotCounts.contains(slots) { throw Failure(StoreError.badSlotCount(slots)) }
            return try core.operations.start(.resharding) { [store = core.store] (observer) throws(Failure) in
                let summary = try stored { () throws(StoreError) in
                    try store.reshard(to: length, slots: slots, observer: observer)
                }
                return { $0.resharding = ReshardingResult(summary) }
            }
        }
    }

    package func startRetention(_ request: StartRetentionRequest, _ call: CallContext) -> UnaryOutcome {
        reply(call) { () throws(Failure) in
            guard let span = CalendarSpan(request.keep) else {
                throw Failure(
                    field: "keep", .time,
                    "keep \"\(request.keep.prefix(40))\" must be days, weeks, months or years, such as 24mo"
                )
            }
            let isDryRun = request.validateOnly
            return try core.operations.start(.retention) { [store = core.store] (observer) throws(Failure) in
                let summary = try stored { () throws(StoreError) in
                    try store.retain(since: store.retentionLimit(span), isDryRun: isDryRun, observer: observer)
                }
                return { $0.retention = RetentionResult(summary) }
            }
        }
    }

    /// - Returns: `nil` for all.
    private static func periods(_ names: [String]) throws(Failure) -> [Period]? {
        if names.isEmpty { return nil }
        var periods: [Period] = []
        for (index, name) in names.enumerated() {
            guard let period = Period(name: name) else {
                throw Failure(
                    field: "shards[\(index)]", .name,
                    "shards[\(index)] \"\(name.prefix(40))\" must be shards/{shard}, such as shards/2026-02")
            }
            periods.append(period)
        }
        return periods
    }
}

/// Runs a part of the store, whose errors become those of the operation.
private func stored<Value>(_ body: () throws(StoreError) -> Value) throws(Failure) -> Value {
    do throws(StoreError) {
        return try body()
    } catch {
        var failure = Failure(error)
        // With its paths: nobody but administrators reads it.
        failure.message = error.description
        throw failure
    }
}

extension CompactionResult {
    fileprivate init(_ summary: CompactionSummary) {
        self.init()
        shards =
            summary.shards.map { done in
                var shard = CompactedShard()
                shard.name = done.period.name
                shard.bytesBefore = Int64(done.bytesBefore)
                shard.bytesAfter = Int64(done.bytesAfter)
                return shard
            }
            + summary.skipped.map { left in
                var shard = CompactedShard()
                shard.name = left.period.name
                shard.error = ItemError(Failure(left.reason))
                return shard
            }
    }
}

extension PeriodLength {
    fileprivate init?(_ period: ShardPeriod) {
        switch period {
        case .month: self = .month
        case .quarter: self = .quarter
        case .year: self = .year
        default: return nil
        }
    }
}

extension ShardPeriod {
    init(_ length: PeriodLength) {
        self =
            switch length {
            case .month: .month
            case .quarter: .quarter
            case .year: .year
            }
    }
}

extension ReshardingResult {
    fileprivate init(_ summary: ReshardSummary) {
        self.init()
        period = ShardPeriod(summary.to.length)
        slots = Int32(summary.to.slotCount)
        shardCount = Int64(summary.shardCountAfter)
        articleCount = Int64(summary.articleCount)
    }
}

extension RetentionResult {
    fileprivate init(_ summary: RetentionSummary) {
        self.init()
        shards =
            summary.dropped.map { gone in
                var shard = DroppedShard()
                shard.name = gone.period.name
                shard.articleCount = Int64(gone.articleCount)
                shard.byteCount = Int64(gone.byteCount)
                return shard
            }
            + summary.skipped.map { left in
                var shard = DroppedShard()
                shard.name = left.period.name
                shard.error = ItemError(Failure(left.reason))
                return shard
            }
    }
}

extension BackupResult {
    fileprivate init(_ summary: BackupSummary, target: String, _ key: SipHash) {
        self.init()
        self.target = target
        position = FeedPosition(revision: summary.position).text(key: key)
        endPosition = FeedPosition(revision: summary.endPosition).text(key: key)
        shardCount = Int64(summary.shardCount)
        articleCount = Int64(summary.articleCount)
        byteCount = Int64(summary.byteCount)
        sharedByteCount = Int64(summary.linkedByteCount)
        manifestSha256 = summary.manifestHash
        missingShards = summary.missing.map { missing in
            var shard = MissingShard()
            shard.name = missing.period.name
            shard.reason = missing.reason
            return shard
        }
    }
}
