/// What the scans of a page took, for those who ask whether a list is answered by an index.
package struct ScanTrace: Hashable, Sendable {
    /// The table that the last scan walked: `rows` or `oldest`, `channel-index` or `source-index`.
    package private(set) var index = "none"
    /// Shards that were looked into.
    package private(set) var shardCount = 0
    /// Rows that were read, wanted or not.
    package private(set) var rowCount = 0
    /// Bytes of their values.
    package private(set) var byteCount = 0

    mutating func add(_ walk: borrowing ShardWalk, _ plan: borrowing ScanPlan) {
        index = plan.table.name
        shardCount += 1
        rowCount += walk.rowCount
        byteCount += walk.byteCount
    }
}

extension StoreReader {
    /// Counts what the scans from here on take.
    package func beginTrace() { trace = ScanTrace() }

    /// - Returns: what they took since `beginTrace`.
    package func endTrace() -> ScanTrace {
        defer { trace = nil }
        return trace ?? ScanTrace()
    }
}
