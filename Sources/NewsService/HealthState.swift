package import NewsModel
internal import Synchronization

/// Which services can be used, as grpc.health.v1 tells it.
///
/// "" and the services are out of order only when the store as a whole cannot be used, or the server is about to stop.
/// A damaged shard changes nothing but the name of its own, "newsrpc.shard/2026-02": its articles fail one by one, and
/// load balancers must not take the rest away with them.
package final class HealthState: Sendable {
    package static let services = ["", "grpc.health.v1.Health", "news.v1.NewsService", "news.v1.EngagementService"]
    package static let shardPrefix = "newsrpc.shard/"
    /// Calls of Watch at once, over all connections.
    package static let watchersMax = 1024

    /// Hears of a service, each time its state changes: whether it is serving, `nil` while there is none of that name.
    package typealias Watcher = @Sendable (Bool?) -> Void

    private struct State {
        var isServing = true
        /// Shards of which something could not be read.
        var damaged: Set<Period>
        var watched: [Int: Watched] = [:]
        var nextNumber = 0
    }

    private struct Watched {
        let name: String
        let tell: Watcher
        var last: Bool?
    }

    private let state: Mutex<State>
    private let watcherCount = Atomic(0)
    private let periods: @Sendable () -> [Period]
    private let onDamage: @Sendable (Period) -> Void

    /// - Parameters:
    ///   - periods: Says which shards there are, those that could not be opened among them. No others can be named.
    ///   - damaged: Those that cannot be used from the start.
    ///   - onDamage: Hears of each further one, once.
    package init(
        periods: @escaping @Sendable () -> [Period], damaged: Set<Period> = [],
        onDamage: @escaping @Sendable (Period) -> Void = { _ in }
    ) {
        self.periods = periods
        self.onDamage = onDamage
        state = Mutex(State(damaged: damaged))
    }

    /// Says whether the store as a whole can be used.
    package func setServing(_ isServing: Bool) { change { $0.isServing = isServing } }

    /// Something of the shard could not be read. It stays so until the store is opened again.
    package func setDamaged(_ period: Period) {
        var isNew = false
        change { isNew = $0.damaged.insert(period).inserted }
        if isNew { onDamage(period) }
    }

    /// - Returns: `nil` for a name that is neither a service nor a shard's.
    package func isServing(_ name: String) -> Bool? { state.withLock { isServing(name, $0) } }

    private func isServing(_ name: String, _ state: State) -> Bool? {
        if HealthState.services.contains(name) { return state.isServing }
        guard name.hasPrefix(HealthState.shardPrefix),
            let period = Period(name.dropFirst(HealthState.shardPrefix.count)), periods().contains(period)
        else { return nil }
        return state.isServing && !state.damaged.contains(period)
    }

    /// Every name with its state.
    package var all: [String: Bool] {
        state.withLock { state in
            var all: [String: Bool] = [:]
            for service in HealthState.services { all[service] = state.isServing }
            for period in periods() {
                all[HealthState.shardPrefix + period.description] =
                    state.isServing && !state.damaged.contains(period)
            }
            return all
        }
    }

    // MARK: Watching

    /// Tells the state of a name now and after each change.
    ///
    /// - Parameter tell: is called in order, on any thread. It must neither block nor ask the state.
    /// - Returns: a number for `unwatch`; `nil` when as many watch as may.
    package func watch(_ name: String, _ tell: @escaping Watcher) -> Int? {
        state.withLock { state in
            guard state.watched.count < HealthState.watchersMax else { return nil }
            let now = isServing(name, state)
            state.nextNumber += 1
            state.watched[state.nextNumber] = Watched(name: name, tell: tell, last: now)
            watcherCount.store(state.watched.count, ordering: .relaxed)
            tell(now)
            return state.nextNumber
        }
    }

    package func unwatch(_ number: Int) {
        state.withLock { state in
            state.watched[number] = nil
            watcherCount.store(state.watched.count, ordering: .relaxed)
        }
    }

    /// Whether anybody watches.
    package var isWatched: Bool { watcherCount.load(ordering: .relaxed) > 0 }

    /// The shards may be others than before.
    package func refresh() { change { _ in } }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            for (number, watched) in state.watched {
                let now = isServing(watched.name, state)
                guard now != watched.last else { continue }
                state.watched[number]?.last = now
                watched.tell(now)
            }
        }
    }
}
