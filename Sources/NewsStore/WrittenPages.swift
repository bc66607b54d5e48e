internal import NewsModel

/// Memory that environments keep from what they have written.
///
/// LMDB takes a block of memory for each page that a transaction changes, and keeps the blocks for the next one until
/// the environment is closed. An import over ten years would leave each of 120 shards with a megabyte, so shards are
/// closed again when all of them together keep too much; opening one takes some 50 us.
struct WrittenPages {
    /// Pages of 4 KiB that may be kept.
    static let totalMax = 2048

    /// The largest transaction of each, in the order in which they came.
    private var kept: [(period: Period, count: Int)] = []
    private(set) var total = 0

    /// A transaction has ended.
    ///
    /// - Parameter entryCount: Entries that it has written. In a large shard each of them changes a page of its own.
    mutating func add(_ period: Period, entryCount: Int) {
        if let place = kept.firstIndex(where: { $0.period == period }) {
            total += max(0, entryCount - kept[place].count)
            kept[place].count = max(entryCount, kept[place].count)
        } else {
            kept.append((period, entryCount))
            total += entryCount
        }
    }

    /// Those to be closed, which count no more from now on: the ones that came first, until the others are few enough.
    ///
    /// - Parameter openCount: Entries of transactions that have not ended.
    mutating func takeExcess(beside openCount: Int) -> [Period] {
        var excess: [Period] = []
        while total + openCount > WrittenPages.totalMax, let first = kept.first {
            kept.removeFirst()
            total -= first.count
            excess.append(first.period)
        }
        return excess
    }
}
