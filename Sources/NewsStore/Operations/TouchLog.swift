internal import Synchronization

/// An entry of a shard, by table and key.
struct TouchedKey: Hashable {
    let table: ShardTable
    let key: [UInt8]
}

/// Which entries of a shard have been written since it began to be copied.
///
/// The writer enters the keys of a transaction behind its commit, so whoever takes them and then reads the shard sees
/// what became of each; of a commit that failed as well, since nobody knows whether it happened.
final class TouchLog: Sendable {
    private let keys = Mutex<Set<TouchedKey>>([])

    func add(_ touched: [TouchedKey]) { keys.withLock { $0.formUnion(touched) } }

    /// All that has been entered since the last time.
    func take() -> Set<TouchedKey> {
        keys.withLock { keys in
            defer { keys = [] }
            return keys
        }
    }
}
