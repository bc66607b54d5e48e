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
        var shards: [Period: Bool] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Says whether the store as a whole can be used.
    package func setServing(_ isServing: Bool) { state.withLock { $0.isServing = isServing } }

    /// Says which shards there are, and whether each can be used.
    package func setShards(_ shards: [Period: Bool]) { state.withLock { $0.shards = shards } }

    package func setShard(_ period: Period, isServing: Bool) { state.withLock { $0.shards[period] = isServing } }

    /// - Returns: `nil` for a name that is neither a service nor a shard's.
    package func isServing(_ name: String) -> Bool? {
        state.withLock { state in
            if HealthState.services.contains(name) { return state.isServing }
            guard name.hasPrefix(HealthState.shardPrefix),
                let period = Period(name.dropFirst(HealthState.shardPrefix.count)), let isSound = state.shards[period]
            else { return nil }
            return state.isServing && isSound
        }
    }

    /// Every name with its state.
    package var all: [String: Bool] {
        state.withLock { state in
            var all: [String: Bool] = [:]
            for service in HealthState.services { all[service] = state.isServing }
            for (period, isSound) in state.shards {
                all[HealthState.shardPrefix + period.description] = state.isServing && isSound
            }
            return all
        }
    }
}
