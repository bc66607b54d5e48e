internal import NewsModel

/// Memory that environments keep from what they have written.
///
/// LMDB takes a block of memory for each page that a transaction changes, and keeps the blocks for the next one until
/// the environment is closed. An import over ten years would leave each of 120 shards with a megabyte, so shards are
/// closed again when all of them together keep too much. Closing and opening one takes as long as writing five articles
/// to it.
struct WrittenPages {
    /// Pages of 4 KiB that may be kept.
    static let countMax = 8192
    /// The same beside an import, which wants the memory for itself.
    static let lentCountMax = 1024
    /// Of so many shards that are new here one is taken for one that will be written again.
    static let turn = 16

    /// The largest transaction of each. Those that are to be closed first come first.
    private var kept: [(period: Period, count: Int)] = []
    private(set) var total = 0
    private var newCount = 0
    /// Whether an import has the memory.
    var isLent = false
    private var limit: Int { isLent ? WrittenPages.lentCountMax : WrittenPages.countMax }

    /// A transaction has ended.
    ///
    /// If the shard were closed that was written longest ago, whoever writes to more of them than may stay open would
    /// find each closed when its turn comes. So it is the newest that are closed, but for every sixteenth, and what is
    /// written while it is open stays (the bimodal insertion policy of Qureshi et al., "Adaptive Insertion Policies
    /// for High Performance Caching", ISCA 2007).
    ///
    /// - Parameter pageCount: Pages that it has changed.
    mutating func add(_ period: Period, pageCount: Int) {
        var entry = (period: period, count: pageCount)
        total += pageCount
        if let place = kept.firstIndex(where: { $0.period == period }) {
            let earlier = kept.remove(at: place)
            total -= min(earlier.count, pageCount)
            entry.count = max(earlier.count, pageCount)
        } else {
            newCount += 1
            if !newCount.isMultiple(of: WrittenPages.turn) { return kept.insert(entry, at: 0) }
        }
        kept.append(entry)
    }

    /// Those to be closed, which count no more from now on: the first ones, until the others are few enough.
    ///
    /// - Parameter openCount: Pages of transactions that have not ended.
    mutating func takeExcess(beside openCount: Int) -> [Period] {
        var excess: [Period] = []
        while total + openCount > limit, let first = kept.first {
            kept.removeFirst()
            total -= first.count
            excess.append(first.period)
        }
        return excess
    }
}
