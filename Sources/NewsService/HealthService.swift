package import GRPCCall
package import GRPCWire
package import NewsMessages

/// grpc.health.v1.Health on one loop: what `HealthState` says.
package final class HealthService: HealthHandlers {
    private let state: HealthState
    private let shardCount: () -> Int
    private var lastShardCount: Int

    /// - Parameter shardCount: how many shards there are.
    package init(_ state: HealthState, shardCount: @escaping () -> Int) {
        self.state = state
        self.shardCount = shardCount
        lastShardCount = shardCount()
    }

    package func check(_ request: HealthCheckRequest, _ call: CallContext) -> UnaryOutcome {
        guard let isServing = state.isServing(request.service) else {
            let name = String(request.service.prefix(80))
            let failure = Failure(
                .notFound, .serviceUnknown, "service \"\(name)\" is unknown", metadata: ["service": name])
            return .failed(failure.status)
        }
        HealthCheckResponse(isServing).encode(into: call.reply)
        return .replied
    }

    package func list(_ request: HealthListRequest, _ call: CallContext) -> UnaryOutcome {
        var response = HealthListResponse()
        response.statuses = state.all.mapValues { HealthCheckResponse($0) }
        response.encode(into: call.reply)
        return .replied
    }

    package func watch(_ call: CallReference) -> any StreamHandler { HealthWatch(state, call) }

    /// Those who watch a shard hear that it was made. Costs nothing while nobody watches.
    package func turnEnded() {
        guard state.isWatched else { return }
        let count = shardCount()
        guard count != lastShardCount else { return }
        lastShardCount = count
        state.refresh()
    }

    package func refusal(of error: MessageError) -> Status { Failure(error).status }
}

/// One call of Watch: the state of one name, now and at each change, until the client or the server goes.
private final class HealthWatch: WatchCall {
    private let state: HealthState
    let call: CallReference
    var hasRequest = false
    private var number: Int?

    init(_ state: HealthState, _ call: CallReference) {
        self.state = state
        self.call = call
        call.request(1)
    }

    func begin(_ request: HealthCheckRequest) throws(Failure) {
        number = state.watch(request.service) { [call] isServing in
            call.send(HealthCheckResponse(isServing).encoded())
        }
        if number == nil { throw Failure(.resourceExhausted, .overloaded, "too many watch the server's health") }
    }

    func ended() {
        if let number { state.unwatch(number) }
        number = nil
    }
}

extension HealthCheckResponse {
    /// - Parameter isServing: `nil` for a name that is unknown.
    fileprivate init(_ isServing: Bool?) {
        self.init()
        status = isServing.map { $0 ? .serving : .notServing } ?? .serviceUnknown
    }
}
