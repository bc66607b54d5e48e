package import NewsModel
internal import Synchronization

/// Which services can be used, as grpc.health.v1 tells it.
///
/// "" and the services are out of order only when the store as a whole cannot be used, or the server is about to stop.
/// A damaged shard changes nothing but the name of its own, "newsrpc.shard/2026-02": its articles fail one by one, and
/// load balancers must not take the rest away with them.
package final class HealthState: Sendable {
    package static let services = ["", "grpc.health.v1.Health", "news.v1.NewsService"]
    package static let shardPrefix = "newsrpc.shard/"

    private struct State {
        var isServing = true
        /// Shards of which something could not be read.
        var damaged: Set<Period>
    }

    private let state: Mutex<State>
    private let periods: @Sendable () -> [Period]

    /// - Parameters:
    ///   - periods: Says which shards there are.
    ///   - damaged: Those that cannot be used from the start.
    package init(periods: @escaping @Sendable () -> [Period], damaged: Set<Period> = []) {
        self.periods = periods
        state = Mutex(State(damaged: damaged))
    }

    /// Says whether the store as a whole can be used.
    package func setServing(_ isServing: Bool) { state.withLock { $0.isServing = isServing } }

    /// Something of the shard could not be read. It stays so until the store is opened again.
    package func setDamaged(_ period: Period) { state.withLock { _ = $0.damaged.insert(period) } }

    /// Shards that can be named: those that are open, and those that could not be opened.
    private func known(_ state: State) -> Set<Period> { state.damaged.union(periods()) }

    /// - Returns: `nil` for a name that is neither a service nor a shard's.
    package func isServing(_ name: String) -> Bool? {
        state.withLock { state in
            if HealthState.services.contains(name) { return state.isServing }
            guard name.hasPrefix(HealthState.shardPrefix),
                let period = Period(name.dropFirst(HealthState.shardPrefix.count)), known(state).contains(period)
            else { return nil }
            return state.isServing && !state.damaged.contains(period)
        }
    }

    /// Every name with its state.
    package var all: [String: Bool] {
        state.withLock { state in
            var all: [String: Bool] = [:]
            for service in HealthState.services { all[service] = state.isServing }
            for period in known(state) {
                all[HealthState.shardPrefix + period.description] =
                    state.isServing && !state.damaged.contains(period)
            }
            return all
        }
    }
}
