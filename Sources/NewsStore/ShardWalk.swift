internal import Bytes
internal import LMDB
internal import NewsModel

/// The walk of a scan through one shard.
struct ShardWalk {
    private let plan: ScanPlan
    private let scratch: ByteArena
    private(set) var isStopped = false
    private var isBeyond = false

    init(_ plan: ScanPlan, _ scratch: ByteArena) {
        self.plan = plan
        self.scratch = scratch
    }

    typealias Body = (Span<UInt8>, Span<UInt8>, ScanItem) -> Bool

    mutating func run(
        _ transaction: borrowing ReadTransaction, _ tables: ShardTables, _ body: Body
    ) throws(LMDBError) {
        if plan.table == .rows {
            try walkRows(transaction, tables, body)
        } else {
            try walkIndex(transaction, tables, body)
        }
    }

    private static func begin(_ cursor: inout Cursor, _ plan: ScanPlan) throws(LMDBError) -> Bool {
        let (key, isSeen) = plan.start()
        guard key.count > 0 else { return try cursor.move(.first) }
        var isThere = try key.withSpan { (key) throws(LMDBError) in try cursor.seek(key) }
        if isThere, isSeen {
            var isSame = false
            cursor.withEntry { found, _ in isSame = key.withSpan { $0.hasBytes(of: found) } }
            if isSame { isThere = try cursor.move(.next) }
        }
        return isThere
    }

    /// Newest first and without a filter: two cursors in step, one on rows and one on counters.
    private mutating func walkRows(
        _ transaction: borrowing ReadTransaction, _ tables: ShardTables, _ body: Body
    ) throws(LMDBError) {
        try transaction.withCursor(in: tables[.rows]) { (rows) throws(LMDBError) in
            try transaction.withCursor(in: tables[.stats]) { (stats) throws(LMDBError) in
                var hasRow = try ShardWalk.begin(&rows, plan)
                var hasStats = try ShardWalk.begin(&stats, plan)
                while hasRow {
                    var isPiece = false
                    rows.withEntry { key, value in
                        isPiece = Key.isPiece(key)
                        if isPiece { return }
                        if plan.isBounded, RowOrder(newestFirst: key).map({ plan.isBeyond($0) }) ?? false {
                            isBeyond = true
                            return
                        }
                        var isPaired = false
                        if hasStats {
                            stats.withEntry { statsKey, statsValue in
                                isPaired = statsKey.hasBytes(of: key)
                                guard isPaired else { return }
                                emit(key, value, ShardWalk.counters(statsValue, key), transaction, tables, body)
                            }
                        }
                        if !isPaired {  // One of the two lost an entry. The walk goes on by the rows.
                            emit(key, value, try? transaction.counters(key, tables), transaction, tables, body)
                        }
                    }
                    if isBeyond || isStopped { return }
                    hasRow = try rows.move(.next)
                    if !isPiece, hasStats { hasStats = try stats.move(.next) }
                }
            }
        }
    }

    /// Any other order: a cursor on the index, and two that are led by it. Neighbours there are mostly neighbours here.
    private mutating func walkIndex(
        _ transaction: borrowing ReadTransaction, _ tables: ShardTables, _ body: Body
    ) throws(LMDBError) {
        try transaction.withCursor(in: tables[plan.table]) { (index) throws(LMDBError) in
            try transaction.withCursor(in: tables[.rows]) { (rows) throws(LMDBError) in
                try transaction.withCursor(in: tables[.stats]) { (stats) throws(LMDBError) in
                    var hasEntry = try ShardWalk.begin(&index, plan)
                    while hasEntry {
                        var rowKey: Key?
                        index.withEntry { key, _ in rowKey = self.rowKey(key) }
                        if let rowKey {
                            try rowKey.withSpan { (rowKey) throws(LMDBError) in
                                let isThere = try rows.find(rowKey)
                                let isCounted = try stats.find(rowKey)
                                guard isThere, isCounted else { return give(rowKey, .damaged, body) }
                                rows.withEntry { _, value in
                                    var counters: Counters?
                                    stats.withEntry { _, value in counters = ShardWalk.counters(value, rowKey) }
                                    emit(rowKey, value, counters, transaction, tables, body)
                                }
                            }
                        }
                        if isBeyond || isStopped { return }
                        hasEntry = try index.move(.next)
                    }
                }
            }
        }
    }

    /// The key of the row that an entry of the index leads to; `nil` when there is none, or it is not wanted.
    private mutating func rowKey(_ key: Span<UInt8>) -> Key? {
        guard plan.isInPrefix(key) else {
            isBeyond = true
            return nil
        }
        let orderKey = key.extracting(plan.prefix.count..<key.count)
        let order = plan.newestFirst ? RowOrder(newestFirst: orderKey) : RowOrder(oldestFirst: orderKey)
        guard let order else { return nil }  // Not a key that the store makes; `check` names it.
        isBeyond = plan.isBeyond(order)
        if isBeyond { return nil }
        return Key(newest: order, orderKey.extracting(RowOrder.prefixCount..<orderKey.count))
    }

    private static func counters(_ value: Span<UInt8>, _ key: Span<UInt8>) -> Counters? {
        guard Sealed.isSound(value, key: key, seed: ShardTable.stats.seed) else { return nil }
        return StatsValue.total(value)
    }

    /// Checks a row's value and gives it to the body.
    private mutating func emit(
        _ key: Span<UInt8>, _ value: Span<UInt8>, _ counters: Counters?,
        _ transaction: borrowing ReadTransaction, _ tables: ShardTables, _ body: Body
    ) {
        let start = RecordHeader.byteCount + RowLinks.byteCount
        guard let counters, Sealed.isSound(value, key: key, seed: ShardTable.rows.seed),
            let header = RecordHeader(value), value.count >= start
        else { return give(key, .damaged, body) }
        if let channel = plan.channel, header.channel != channel { return }
        let item = ScanItem.row(header, counters)
        guard RecordHeader.pieceCount(value) > 1 else {
            isStopped = !body(key, value.extracting(start..<value.count), item)
            return
        }
        scratch.removeAll(keeping: 1 << 16)
        let result = try? transaction.record(
            key, in: .rows, tables, skipping: RowLinks.byteCount, appendingTo: scratch)
        guard result == .found(header) else { return give(key, .damaged, body) }
        scratch.withBytes(in: 0..<scratch.count) { isStopped = !body(key, $0, item) }
    }

    private mutating func give(_ key: Span<UInt8>, _ item: ScanItem, _ body: Body) {
        let empty: [UInt8] = []
        isStopped = !body(key, empty.span, item)
    }
}
