internal import NewsModel
internal import NewsStore
internal import Synchronization

/// What the loops of a server's AdminService share.
package final class AdminCore: Sendable {
    package struct Configuration: Sendable {
        /// Folder below which backups are made. Nil: none can be made by a call.
        package let backupRoot: String?

        package init(backupRoot: String? = nil) { self.backupRoot = backupRoot }
    }

    let store: Store
    let configuration: Configuration
    let operations: OperationDesk
    let clock: @Sendable () -> Instant
    let tokenKey: SipHash
    private let turns = Mutex<@Sendable () -> TurnCounts>({ TurnCounts() })

    init(
        _ store: Store, _ configuration: Configuration, clock: @escaping @Sendable () -> Instant, tokenKey: SipHash
    ) {
        self.store = store
        self.configuration = configuration
        self.clock = clock
        self.tokenKey = tokenKey
        operations = OperationDesk(clock: clock)
    }

    /// Says who knows how long the loops' turns took.
    package func setTurns(_ body: @escaping @Sendable () -> TurnCounts) { turns.withLock { $0 = body } }

    var turnCounts: TurnCounts { turns.withLock { $0 }() }
}

/// How long the turns of loops took, counted by size.
package struct TurnCounts: Sendable {
    /// Number i counts those below 2^i µs that are not below half of it; the last one all that are longer.
    package private(set) var counts: [Int] = []
    package private(set) var longestNanoseconds: Int64 = 0

    package init() {}

    /// Adds those of one loop.
    package mutating func add(_ more: [Int], longestNanoseconds: Int64) {
        if counts.count < more.count { counts += repeatElement(0, count: more.count - counts.count) }
        for (index, count) in more.enumerated() { counts[index] += count }
        self.longestNanoseconds = max(self.longestNanoseconds, longestNanoseconds)
    }
}
