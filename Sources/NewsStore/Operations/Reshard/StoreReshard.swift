internal import Files
internal import LMDB
package import NewsModel
internal import Synchronization
internal import Threads

/// What a change of the layout has done.
package struct ReshardSummary: Hashable, Sendable {
    package let from: ShardLayout
    package let to: ShardLayout
    package internal(set) var shardCountBefore = 0
    package internal(set) var shardCountAfter = 0
    package internal(set) var articleCount = 0
    /// Shards of which an earlier attempt had made the copies.
    package internal(set) var resumedShardCount = 0
    /// How long writes had to wait at the end, in nanoseconds.
    package internal(set) var heldNanoseconds: Int64 = 0
}

extension ReshardSummary: CustomStringConvertible {
    package var description: String {
        guard from != to else { return "the store has its shards by \(to) already" }
        let resumed = resumedShardCount > 0 ? ", \(resumedShardCount) of them copied before" : ""
        return "\(articleCount) articles; \(shardCountBefore) shards by \(from)\(resumed) became "
            + "\(shardCountAfter) by \(to)"
    }
}

extension Store {
    /// The layout that the store is on its way to, since an attempt was cut short; `nil`: none was.
    package var pendingReshard: ShardLayout? {
        guard let file = try? ReshardFile.read(context.directory), file.to != layout else { return nil }
        return file.to
    }

    /// Gives the store another layout, while it is read and written: periods of another length, another number of slots
    /// in each, or both.
    ///
    /// The new shards are copies, made beside the old ones; at the end the writer is held for some milliseconds, and
    /// STORE is replaced. A crash before that leaves the store as it was, and the next call goes on with the copies
    /// that are whole; one after it leaves old folders, which the next start removes. Cancelled, or after an error,
    /// the store is as it was. Its progress is in articles.
    ///
    /// - Parameters:
    ///   - length: `nil`: as it is.
    ///   - slots: `nil`: as many as there are.
    /// - Throws: `damaged` when anything in the store is: repair it first.
    package func reshard(
        to length: PeriodLength? = nil, slots: Int? = nil, observer: (any OperationObserver)? = nil
    ) throws(StoreError) -> ReshardSummary {
        try operations.enter(observer)
        defer { operations.leave() }
        guard let layout = ShardLayout(length ?? self.layout.length, slots: slots ?? self.layout.slotCount) else {
            throw .badSlotCount(slots ?? 0)
        }
        guard layout != self.layout else {
            try ReshardFile.discard(context)
            return ReshardSummary(from: layout, to: layout)
        }
        let work = StoreReshard(self, to: layout, OperationReport(observer, operations))
        do throws(StoreError) {
            return try work.run()
        } catch {
            work.end()
            // The store is about to be closed: what is there is of use to the next attempt. Or nobody knows what STORE
            // is, and both sets of shards have to stay.
            if error != .closed, self.layout != layout { _ = try? ReshardFile.discard(context) }
            throw error
        }
    }

    /// Removes what an attempt to change the layout left that was cut short.
    ///
    /// - Returns: whether there was anything.
    @discardableResult package func abortReshard() throws(StoreError) -> Bool {
        try operations.enter()
        defer { operations.leave() }
        return try ReshardFile.discard(context)
    }
}

extension ReshardFile {
    /// Gives up a change of the layout that has not come to its end.
    @discardableResult static func discard(_ context: StoreContext) throws(StoreError) -> Bool {
        try context.refuseUncertainLayout()
        guard let file = try read(context.directory), file.from == context.layout else { return false }
        try StoreDirectory.removeFolders(of: file.to, context.directory)
        try remove(context.directory)
        return true
    }
}

private final class StoreReshard {
    private let store: Store
    private let context: StoreContext
    private let report: OperationReport
    private let layout: ShardLayout
    private var groups: [ReshardGroup] = []
    private var logs: [Period: TouchLog] = [:]
    private var summary: ReshardSummary

    /// The writer is held once no more than this is left to be followed, or after so many attempts to get there.
    private static let (fewTouched, passMax) = (500, 50)
    /// How often the writer is asked to hold: shards may have been made meanwhile.
    private static let holdMax = 100

    init(_ store: Store, to layout: ShardLayout, _ report: OperationReport) {
        self.store = store
        context = store.context
        self.report = report
        self.layout = layout
        summary = ReshardSummary(from: store.layout, to: layout)
    }

    func run() throws(StoreError) -> ReshardSummary {
        let step = context.options.operationStep ?? { _ in }
        try begin()
        step("begun")
        try copyNew()
        step("copied")
        for _ in 0..<Self.passMax where try follow() > Self.fewTouched { try report.did(count: 0) }
        summary.shardCountBefore = context.shards.all.count
        var isDone = false
        for _ in 0..<Self.holdMax where !isDone {
            try copyNew()
            isDone = try flip()
        }
        guard isDone else { throw .unavailable(context.shards.all.last?.period ?? .undated) }
        summary.shardCountAfter = context.shards.all.count
        summary.articleCount = store.articleCount
        try StoreDirectory.finish(ReshardFile(from: summary.from, to: layout), context.directory)
        step("removed")
        return summary
    }

    /// Lets go of the shards.
    func end() {
        for shard in context.shards.all { shard.touchLog.withLock { $0 = nil } }
        for group in groups { group.close() }
    }

    private func begin() throws(StoreError) {
        try context.refuseUncertainLayout()
        if layout.slotCount > 1 { try context.admitSlots() }
        let file = ReshardFile(from: summary.from, to: layout)
        let known = try ReshardFile.read(context.directory)
        if known != file {
            if let known, known.to == summary.from {
                // That change is done, and the removal of its old shards did not come to its end.
                try StoreDirectory.finish(known, context.directory)
            } else if known != nil {
                try ReshardFile.discard(context)
            }
            try file.write(context.directory)
        }
        try mapped { () throws(FileError) in
            try FileSystem.makeDirectory(context.directory + "/" + ReshardFile.folderName)
        }
        for shard in context.shards.all where shard.period != .undated {
            guard shard.file.isUsable else { throw .unavailable(shard.period) }
            guard !shard.isReadOnly.load(ordering: .acquiring) else { throw .readOnly(shard.period) }
            report.expect(count: shard.articleCount.load(ordering: .relaxed), bytes: 0)
        }
    }

    /// Copies the shards that have not been, one group after the other.
    private func copyNew() throws(StoreError) {
        let new = context.shards.all.filter { $0.period != .undated && logs[$0.period] == nil }
        if new.isEmpty { return }
        let made = Dictionary(uniqueKeysWithValues: new.map { ($0.period, TouchLog()) })
        logs.merge(made) { $1 }
        // On the writer's thread, so that every transaction is either done by now or will be noted.
        let stamps = try store.onWriter { (writer) throws(StoreError) -> [Period: String] in
            writer.syncDue(isLast: true)
            var stamps: [Period: String] = [:]
            for shard in new {
                shard.touchLog.withLock { $0 = made[shard.period] }
                stamps[shard.period] = try shard.stamp()
            }
            return stamps
        }
        for (period, shards) in Dictionary(grouping: new, by: { ReshardGroup.period(of: $0, to: layout) })
            .sorted(by: { $0.key < $1.key })
        {
            try copy(shards, period, stamps)
        }
    }

    private func copy(_ shards: [Shard], _ period: Period, _ stamps: [Period: String]) throws(StoreError) {
        if let group = groups.first(where: { $0.period == period }) {  // A shard that has been made meanwhile.
            for shard in shards {
                group.add(shard)
                try group.copyAll(shard, report, claim)
            }
            return
        }
        let group = ReshardGroup(period, shards, to: layout, context: context)
        groups.append(group)
        let stamp = shards.compactMap { stamps[$0.period] }.joined()
        if try group.resume(stamp) {
            summary.resumedShardCount += shards.count
            let count = shards.reduce(0) { $0 + $1.articleCount.load(ordering: .relaxed) }
            return try report.did(count: count, isStep: true)
        }
        try group.clear()
        for shard in shards { try group.copyAll(shard, report, claim) }
        // What was written meanwhile may be in the copy, and a power cut may still undo it.
        var isCurrent = true
        for shard in shards where try stamps[shard.period] != shard.stamp() { isCurrent = false }
        if isCurrent { try group.noteDone(stamp) }
        group.close()
        context.options.operationStep?("copied \(period)")
        try report.did(count: 0, isStep: true)
    }

    /// Enters articles whose shard their ids will not name, by a name that is right before and after.
    private func claim(_ strays: [Stray]) throws(StoreError) {
        if strays.isEmpty { return }
        let layout = layout
        try store.onWriter { (writer) throws(StoreError) in try writer.claimAhead(strays, for: layout) }
    }

    /// - Returns: how many entries had been touched.
    private func follow() throws(StoreError) -> Int {
        var count = 0
        for group in groups {
            let touched = group.take(logs)
            count += touched.values.reduce(0) { $0 + $1.count }
            if !touched.isEmpty { try group.follow(touched, claim) }
        }
        return count
    }

    /// Holds the writer, copies the rest, and lets the new shards take the place of the old ones.
    ///
    /// - Returns: `false` when shards have been made that are not copied yet.
    private func flip() throws(StoreError) -> Bool {
        let (groups, logs, layout) = (groups, logs, layout)
        let held = try store.onWriter { (writer) throws(StoreError) -> Int64? in
            let start = MonotonicClock.now
            return try writer.flip(groups, logs, to: layout) ? MonotonicClock.now - start : nil
        }
        summary.heldNanoseconds += held ?? 0
        return held != nil
    }
}

extension StoreContext {
    /// - Throws: `readOnly` while the shards of both layouts have to stay, see `ShardSet.isLayoutUncertain`.
    fileprivate func refuseUncertainLayout() throws(StoreError) {
        if shards.isLayoutUncertain.load(ordering: .acquiring) { throw .readOnly(.undated) }
    }
}

extension ReshardGroup {
    /// What has been written to the sources since the last time.
    func take(_ logs: [Period: TouchLog]) -> [Period: Set<TouchedKey>] {
        var touched: [Period: Set<TouchedKey>] = [:]
        for source in sources {
            let keys = logs[source.period]?.take() ?? []
            if !keys.isEmpty { touched[source.period] = keys }
        }
        return touched
    }
}

extension Shard {
    /// What tells this state of the file from every other one: which file it is, and its last transaction.
    fileprivate func stamp() throws(StoreError) -> String {
        let inode = try mapped { () throws(FileError) in try FileStamp(of: file.path + "/data.mdb").inode }
        do throws(LMDBError) {
            return "shard \(period) \(try Environment.lastTransaction(file.path)) \(inode)\n"
        } catch {
            throw StoreError(error, path: file.path)
        }
    }
}
