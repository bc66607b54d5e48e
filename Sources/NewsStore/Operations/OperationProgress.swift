/// How far a long operation over a store (backup, reshard, compact, check) has come.
///
/// Totals are 0 as long as they are not known. Counts are records, or shards where an operation says so; bytes are
/// those of files.
package struct OperationProgress: Sendable, Equatable {
    package var doneCount = 0
    package var totalCount = 0
    package var doneBytes = 0
    package var totalBytes = 0

    package init() {}
}

/// Who is told of an operation's progress, and says whether it goes on.
///
/// An operation calls it on its own thread, at least once for each shard and no more often than each 8 MiB or 4,096
/// records, so an implementation may take a lock. While it waits for another one to end, it asks 20 times a second.
package protocol OperationObserver: AnyObject, Sendable {
    /// - Returns: false to ask the operation to stop; it ends with ``StoreError`` `cancelled` and leaves nothing behind
    ///   that is not said in its description.
    func advanced(_ progress: OperationProgress) -> Bool
}
