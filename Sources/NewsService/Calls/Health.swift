internal import Bytes
internal import GRPCWire
internal import NewsMessages

extension NewsDispatcher {
    func healthCheck(_ request: HealthCheckRequest, _ reply: ByteArena) throws(Failure) {
        guard let isServing = core.health.isServing(request.service) else {
            throw Failure(
                .notFound, .serviceUnknown, "service \"\(request.service.prefix(80))\" is unknown",
                metadata: ["service": String(request.service.prefix(80))])
        }
        HealthCheckResponse(isServing).encode(into: reply)
    }

    func healthList(_ request: HealthListRequest, _ reply: ByteArena) {
        var response = HealthListResponse()
        response.statuses = core.health.all.mapValues { HealthCheckResponse($0) }
        response.encode(into: reply)
    }
}

extension HealthCheckResponse {
    fileprivate init(_ isServing: Bool) {
        self.init()
        status = isServing ? .serving : .notServing
    }
}
