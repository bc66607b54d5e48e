package import GRPCCall
package import GRPCWire
package import NewsMessages

/// grpc.health.v1.Health on one loop: what `HealthState` says. `Watch` is not offered yet.
package final class HealthService: HealthHandlers {
    private let state: HealthState

    package init(_ state: HealthState) { self.state = state }

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

    package func watch(_ call: CallReference) -> any StreamHandler {
        call.finish(Failure(.unimplemented, .methodUnimplemented, "Watch is not offered yet; poll Check").status)
        return FinishedCall()
    }

    package func refusal(of error: MessageError) -> Status { Failure(error).status }
}

extension HealthCheckResponse {
    fileprivate init(_ isServing: Bool) {
        self.init()
        status = isServing ? .serving : .notServing
    }
}

/// A streamed call that was refused when it began.
private final class FinishedCall: StreamHandler {
    func received(_ message: Span<UInt8>) {}
    func halfClosed() {}
    func drained() {}
    func ended() {}
}
