internal import LMDB
package import NewsModel
internal import Synchronization
internal import Threads

/// What a compaction has done.
package struct CompactionSummary: Hashable, Sendable {
    package struct CompactedShard: Hashable, Sendable {
        package let period: Period
        /// Of its file.
        package let bytesBefore: Int
        package let bytesAfter: Int
        /// How long writes had to wait for it, in nanoseconds.
        package let heldNanoseconds: Int64
    }

    package internal(set) var shards: [CompactedShard] = []
    /// Shards that are damaged, or that could not be read or written. They are as they were.
    package internal(set) var skipped: [SkippedShard] = []
    /// Shards that had nothing to give back.
    package internal(set) var untouchedCount = 0

    package var bytesBefore: Int { shards.reduce(0) { $0 + $1.bytesBefore } }
    package var bytesAfter: Int { shards.reduce(0) { $0 + $1.bytesAfter } }
}

extension CompactionSummary: CustomStringConvertible {
    package var description: String {
        var parts = [
            "\(CountText.text(shards.count, "shard")) compacted, \(bytesBefore) bytes before and \(bytesAfter) after"
        ]
        if untouchedCount > 0 { parts.append("\(untouchedCount) had nothing to give back") }
        if !skipped.isEmpty { parts.append("\(skipped.count) skipped") }
        return parts.joined(separator: "; ")
    }
}

extension Store {
    /// Gives the free pages of shards back to the file system, while the store is read and written.
    ///
    /// Each shard is copied, and the copy takes its place in one step while the writer is held for some milliseconds. A
    /// crash leaves the old file or the new one. A shard that is damaged is skipped and named. Cancelled, it leaves
    /// the shard that is under way as it was. Counts of its progress are entries of tables, bytes those of files.
    ///
    /// - Parameter periods: the shards; `nil`: those of whose file a quarter is free.
    /// - Throws: `full` when the disk has no room for the copy of a shard.
    package func compact(
        shards periods: [Period]? = nil, observer: (any OperationObserver)? = nil
    ) throws(StoreError) -> CompactionSummary {
        try operations.enter(observer)
        defer { operations.leave() }
        return try StoreCompaction(self, OperationReport(observer, operations)).run(periods)
    }
}

private final class StoreCompaction {
    private let store: Store
    private let context: StoreContext
    private let report: OperationReport
    private var summary = CompactionSummary()

    /// Bytes that must be free for it to be worth the while, and which part of the file.
    private static let (freeMin, freePart) = (256 << 10, 4)
    /// The writer is held once no more than this is left to be followed, or after so many attempts to get there.
    private static let (fewTouched, passMax) = (1000, 50)
    /// How often the swap is tried while others hold the file open, and the pause between, in nanoseconds.
    private static let (swapMax, swapPause): (Int, Int64) = (250, 20_000_000)

    init(_ store: Store, _ report: OperationReport) {
        self.store = store
        context = store.context
        self.report = report
    }

    func run(_ periods: [Period]?) throws(StoreError) -> CompactionSummary {
        try ReshardFile.forgetCopies(context.directory)
        var wanted: [Shard] = []
        for period in periods ?? context.shards.all.map(\.period) {
            guard let shard = context.shards.shard(period) else {
                skip(period, .unavailable(period))
                continue
            }
            if let use = examine(shard), periods != nil || use.isWorthwhile {
                wanted.append(shard)
                report.expect(count: use.entryCount, bytes: use.fileByteCount)
            }
        }
        for shard in wanted {
            do throws(StoreError) {
                try compact(shard)
            } catch {
                switch error {
                case .damaged, .unavailable, .readOnly, .environment, .outcomeUnknown: skip(shard.period, error)
                default: throw error
                }
            }
        }
        return summary
    }

    private func skip(_ period: Period, _ reason: StoreError) {
        summary.skipped.append(SkippedShard(period: period, reason: reason))
    }

    private struct Use {
        var entryCount = 0
        var fileByteCount = 0
        var isWorthwhile = false
    }

    /// - Returns: `nil` when the shard cannot be read: that is noted.
    private func examine(_ shard: Shard) -> Use? {
        var use = Use()
        do throws(StoreError) {
            guard !shard.isReadOnly.load(ordering: .acquiring) else { throw .readOnly(shard.period) }
            use.fileByteCount = try shard.fileByteCount()
            var filled = 0
            try context.shards.look(into: shard) { (transaction, tables) throws(LMDBError) in
                filled = try transaction.filledByteCount()
                for table in ShardTable.allCases { use.entryCount += try transaction.count(tables[table]) }
            }
            let free = use.fileByteCount - filled
            use.isWorthwhile = free >= Self.freeMin && free >= use.fileByteCount / Self.freePart
            if !use.isWorthwhile { summary.untouchedCount += 1 }
            return use
        } catch {
            skip(shard.period, error)
            return nil
        }
    }

    private func compact(_ shard: Shard) throws(StoreError) {
        try report.did(count: 0, isStep: true)
        let before = try shard.fileByteCount()
        let log = TouchLog()
        let copy = try ShardCopy(of: shard, in: context.shards, mapSize: context.options.mapSize)
        defer {
            shard.touchLog.withLock { $0 = nil }
            copy.discard()
        }
        try store.onWriter { _ in shard.touchLog.withLock { $0 = log } }
        try copy.copyAll(report)
        for _ in 0..<Self.passMax {
            let touched = log.take()
            try copy.follow(touched)
            try report.did(count: 0)
            if touched.count <= Self.fewTouched { break }
        }
        try StopRecord.forget([shard.period], context.directory)
        let held = try swap(shard, copy, log)
        summary.shards.append(
            CompactionSummary.CompactedShard(
                period: shard.period, bytesBefore: before, bytesAfter: try shard.fileByteCount(), heldNanoseconds: held)
        )
        try report.did(count: 0, bytes: before, isStep: true)
    }

    /// Puts the copy in the shard's place. Backups may hold the file open for a moment.
    ///
    /// - Returns: for how long the writer was held, in nanoseconds.
    private func swap(_ shard: Shard, _ copy: ShardCopy, _ log: TouchLog) throws(StoreError) -> Int64 {
        let (context, pause) = (context, Monitor(()))
        for _ in 0..<Self.swapMax {
            let held = try store.onWriter { (writer) throws(StoreError) -> Int64? in
                let start = MonotonicClock.now
                try copy.follow(log.take())
                try copy.finish()
                defer { writer.reload(shard) }
                let isDone = try copy.install { context.options.operationStep?($0) }
                return isDone ? MonotonicClock.now - start : nil
            }
            if let held { return held }
            try report.did(count: 0)
            _ = pause.wait(deadline: MonotonicClock.now + Self.swapPause) { _ -> Void? in nil }
        }
        throw .unavailable(shard.period)
    }
}
