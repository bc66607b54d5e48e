internal import Bytes
internal import LMDB
internal import NewsModel

/// The walk of a scan through one shard.
struct ShardWalk {
    private let plan: ScanPlan
    private let scratch: ByteArena
    private let receiver: any RowReceiver
    private let overlay: ViewOverlay?
    /// The receiver wants no more.
    private(set) var isStopped = false
    /// The receiver has been given something.
    private(set) var hasGiven = false
    private var isBeyond = false
    /// Rows that were read, and the bytes of their values.
    private(set) var rowCount = 0
    private(set) var byteCount = 0

    init(_ plan: ScanPlan, _ scratch: ByteArena, _ receiver: any RowReceiver, _ overlay: ViewOverlay?) {
        self.overlay = overlay
        self.plan = plan
        self.scratch = scratch
        self.receiver = receiver
    }

    mutating func run(_ transaction: borrowing ReadTransaction, _ tables: ShardTables) throws(LMDBError) {
        if plan.table == .rows {
            try walkRows(transaction, tables)
        } else {
            try walkIndex(transaction, tables)
        }
    }

    private static func begin(_ cursor: inout Cursor, _ plan: ScanPlan) throws(LMDBError) {
        let (key, isSeen) = plan.start()
        guard key.count > 0 else {
            _ = try cursor.move(.first)
            return
        }
        guard try key.withSpan({ (key) throws(LMDBError) in try cursor.seek(key) }), isSeen else { return }
        let isSame = key.withSpan { $0.hasBytes(of: cursor.key) }
        if isSame { _ = try cursor.move(.next) }
    }

    /// Newest first and without a filter: two cursors in step, one on rows and one on counters.
    private mutating func walkRows(
        _ transaction: borrowing ReadTransaction, _ tables: ShardTables
    ) throws(LMDBError) {
        try transaction.withCursor(in: tables[.rows]) { (rows) throws(LMDBError) in
            try transaction.withCursor(in: tables[.stats]) { (stats) throws(LMDBError) in
                try ShardWalk.begin(&rows, plan)
                try ShardWalk.begin(&stats, plan)
                while rows.isOnEntry {
                    let isPiece = Key.isPiece(rows.key)
                    if !isPiece { visit(rows, stats, transaction, tables) }
                    if isBeyond || isStopped { return }
                    _ = try rows.move(.next)
                    if !isPiece, stats.isOnEntry { _ = try stats.move(.next) }
                }
            }
        }
    }

    private mutating func visit(
        _ rows: borrowing Cursor, _ stats: borrowing Cursor, _ transaction: borrowing ReadTransaction,
        _ tables: ShardTables
    ) {
        let key = rows.key
        if plan.isBounded, RowOrder(newestFirst: key).map({ plan.isBeyond($0) }) ?? false {
            isBeyond = true
        } else if stats.isOnEntry, stats.key.hasBytes(of: key) {
            emit(key, rows.value, counters(stats.value, key, rows.value), transaction, tables)
        } else {  // One of the two lost an entry. The walk goes on by the rows.
            let unwritten = unwritten(key, rows.value)
            let counters = try? transaction.counters(key, tables, unwritten: unwritten)
            emit(key, rows.value, counters, transaction, tables)
        }
    }

    /// Any other order: a cursor on the index, and two that are led by it. Neighbours there are mostly neighbours here.
    private mutating func walkIndex(
        _ transaction: borrowing ReadTransaction, _ tables: ShardTables
    ) throws(LMDBError) {
        try transaction.withCursor(in: tables[plan.table]) { (index) throws(LMDBError) in
            try transaction.withCursor(in: tables[.rows]) { (rows) throws(LMDBError) in
                try transaction.withCursor(in: tables[.stats]) { (stats) throws(LMDBError) in
                    try ShardWalk.begin(&index, plan)
                    while index.isOnEntry {
                        if let rowKey = rowKey(index.key) {
                            try rowKey.withSpan { (rowKey) throws(LMDBError) in
                                let isThere = try rows.find(rowKey)
                                let isCounted = try stats.find(rowKey)
                                guard isThere, isCounted else { return giveDamaged(rowKey) }
                                let counters = counters(stats.value, rowKey, rows.value)
                                emit(rowKey, rows.value, counters, transaction, tables)
                            }
                        }
                        if isBeyond || isStopped { return }
                        _ = try index.move(.next)
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
        let id = orderKey.extracting(RowOrder.prefixCount..<orderKey.count)
        return ResourceCounts.id.contains(id.count) ? Key(newest: order, id) : nil
    }

    private func counters(_ value: Span<UInt8>, _ key: Span<UInt8>, _ row: Span<UInt8>) -> Counters? {
        guard Sealed.isSound(value, key: key, seed: ShardTable.stats.seed) else { return nil }
        return StatsValue.total(value, raisedTo: unwritten(key, row))
    }

    /// Views of an article some of which are not written yet. Its row need not be sound: then it is not shown.
    private func unwritten(_ key: Span<UInt8>, _ row: Span<UInt8>) -> Int64? {
        guard let overlay, key.count > RowOrder.prefixCount, let header = RecordHeader(row) else { return nil }
        let id = key.extracting(RowOrder.prefixCount..<key.count)
        return overlay.views(of: id, createTime: header.createTime)
    }

    /// Checks a row's value and gives it to the receiver.
    private mutating func emit(
        _ key: Span<UInt8>, _ value: Span<UInt8>, _ counters: Counters?,
        _ transaction: borrowing ReadTransaction, _ tables: ShardTables
    ) {
        rowCount += 1
        byteCount += value.count
        let start = RecordHeader.byteCount + RowLinks.byteCount
        guard let counters, Sealed.isSound(value, key: key, seed: ShardTable.rows.seed),
            let header = RecordHeader(value), value.count >= start
        else { return giveDamaged(key) }
        if let channel = plan.channel, header.channel != channel {
            hasGiven = true
            isStopped = !receiver.passOver(key)
            return
        }
        guard RecordHeader.pieceCount(value) > 1 else {
            return give(key, value.extracting(start..<value.count), header, counters)
        }
        scratch.removeAll(keeping: 1 << 16)
        let result = try? transaction.record(
            key, in: .rows, tables, skipping: RowLinks.byteCount, appendingTo: scratch)
        guard result == .found(header) else { return giveDamaged(key) }
        scratch.withBytes(in: 0..<scratch.count) { give(key, $0, header, counters) }
    }

    private mutating func give(
        _ key: Span<UInt8>, _ content: Span<UInt8>, _ header: RecordHeader, _ counters: Counters
    ) {
        hasGiven = true
        isStopped = !receiver.take(key, content, header, counters)
    }

    private mutating func giveDamaged(_ key: Span<UInt8>) {
        // A damaged key names no article: `check` names it.
        guard ResourceCounts.id.contains(key.count - RowOrder.prefixCount) else { return }
        hasGiven = true
        isStopped = !receiver.takeDamaged(key)
    }
}
