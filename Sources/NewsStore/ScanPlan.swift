internal import NewsModel

/// What a scan does in each shard: which index it walks, from which key to which.
struct ScanPlan {
    let newestFirst: Bool
    /// The index to walk: `rows` itself, or one that leads to rows.
    let table: ShardTable
    /// What the keys of that index begin with before the row's order.
    let prefix: Key
    /// Instants wanted, as a half-open range of microseconds.
    let instants: Range<Int64>
    let isBounded: Bool
    private let includesUndated: Bool
    /// The row to go on behind.
    let after: After?
    /// A channel that the index does not see to.
    let channel: UInt32?

    struct After {
        let order: RowOrder
        let id: [UInt8]
    }

    /// - Returns: `nil` when nothing can match: bounds the wrong way round, or a key that is none.
    init?(_ scan: ListScan) {
        newestFirst = scan.newestFirst
        isBounded = scan.lower != nil || scan.upper != nil
        let (lower, upper) = (scan.lower?.microseconds ?? .min, scan.upper?.microseconds ?? .max)
        guard lower < upper else { return nil }
        instants = lower..<upper
        includesUndated = scan.includesUndated && !isBounded
        if let key = scan.after {
            guard key.count > RowOrder.prefixCount, let order = RowOrder(newestFirst: key.span) else { return nil }
            after = After(order: order, id: Array(key[RowOrder.prefixCount...]))
        } else {
            after = nil
        }
        let direction: IndexDirection = scan.newestFirst ? .newestFirst : .oldestFirst
        if let source = scan.source {
            table = .sources
            prefix = Key(sourceHash: RowLinks.sourceHash(of: source), direction)
            channel = scan.channel
        } else if let channel = scan.channel {
            table = .channels
            prefix = Key(channel: channel, direction)
            self.channel = nil
        } else {
            table = scan.newestFirst ? .rows : .oldest
            prefix = Key()
            channel = nil
        }
    }

    /// Whether few of a shard's rows may match, so that many shards are needed for a page.
    var isFiltered: Bool { table == .sources || table == .channels }

    /// The shards that may hold wanted rows, in the order of the scan.
    func shards<Shards: Collection>(_ oldestFirst: Shards, _ shard: (Shards.Element) -> Shard) -> [Shards.Element] {
        var dated: [Shards.Element] = []
        var undated: [Shards.Element] = []
        for element in oldestFirst {
            if let range = shard(element).instants {
                if overlaps(range) { dated.append(element) }
            } else if includesUndated {
                undated.append(element)
            }
        }
        if newestFirst { dated.reverse() }
        return dated + undated
    }

    private func overlaps(_ range: Range<Int64>) -> Bool {
        guard range.lowerBound < instants.upperBound, range.upperBound > instants.lowerBound || range.upperBound == .max
        else { return false }
        guard let after else { return true }
        guard let seen = after.order.sortInstant?.microseconds else { return false }  // Only undated ones are left.
        return newestFirst ? range.lowerBound <= seen : range.upperBound > seen || range.upperBound == .max
    }

    /// Where to begin in a shard, and whether an entry with that very key has been seen.
    func start() -> (key: Key, isSeen: Bool) {
        var bound = prefix
        if newestFirst, instants.upperBound != .max {
            bound.append(newest: RowOrder(sortInstant: Instant(microseconds: instants.upperBound - 1), pageOrder: 0))
        } else if !newestFirst, instants.lowerBound != .min {
            bound.append(oldest: RowOrder(sortInstant: Instant(microseconds: instants.lowerBound), pageOrder: 0))
        }
        guard let after else { return (bound, false) }
        var key = prefix
        key.append(after.order, after.id.span, newestFirst ? .newestFirst : .oldestFirst)
        // The row to go on behind may lie before all that is wanted.
        return bound.precedes(key) ? (key, true) : (bound, false)
    }

    /// Whether the entry still belongs to the index's prefix.
    func isInPrefix(_ key: Span<UInt8>) -> Bool {
        guard key.count > prefix.count else { return false }
        for index in 0..<prefix.count where key[index] != prefix.bytes[index] { return false }
        return true
    }

    /// Whether the order lies behind the far bound: nothing wanted follows.
    func isBeyond(_ order: RowOrder) -> Bool {
        guard isBounded, let instant = order.sortInstant?.microseconds else { return isBounded }
        return newestFirst ? instant < instants.lowerBound : instant >= instants.upperBound
    }
}
