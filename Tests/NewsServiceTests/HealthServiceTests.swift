import GRPCCall
import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import Testing

@Suite("Health") struct HealthServiceTests {
    private func check(_ harness: ServiceHarness, _ service: String) throws -> HealthCheckResponse.ServingStatus {
        var request = HealthCheckRequest()
        request.service = service
        let response: HealthCheckResponse = try harness.call(.healthCheck, request)
        return response.status
    }

    @Test("tells the state of the server, its services and its shards")
    func states() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        _ = try harness.create("Title", at: "2026-02-27T07:55:00Z")
        for service in ["", "news.v1.NewsService", "grpc.health.v1.Health"] {
            #expect(try check(harness, service) == .serving)
        }
        #expect(try check(harness, "newsrpc.shard/2026-02") == .serving)
        let list: HealthListResponse = try harness.call(.healthList, HealthListRequest())
        #expect(
            list.statuses.keys.sorted() == [
                "", "grpc.health.v1.Health", "news.v1.EngagementService", "news.v1.NewsService",
                "newsrpc.shard/2026-02",
            ])
    }

    @Test("of a damaged shard is its own; of the store, everybody's")
    func damage() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        _ = try harness.create("Title", at: "2026-02-27T07:55:00Z")
        harness.core.health.setDamaged(.month(year: 2026, month: 2))
        #expect(try check(harness, "newsrpc.shard/2026-02") == .notServing)
        #expect(try check(harness, "news.v1.NewsService") == .serving)
        harness.core.health.setServing(false)
        #expect(try check(harness, "") == .notServing)
        #expect(try check(harness, "news.v1.NewsService") == .notServing)
    }

    @Test(
        "of an unknown service is NOT_FOUND", arguments: ["news.v1.Other", "newsrpc.shard/2026-03", "newsrpc.shard/x"])
    func unknown(service: String) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var request = HealthCheckRequest()
        request.service = service
        let refused = try harness.failure(.healthCheck, request)
        #expect(refused.code == .notFound && refused.reason == "SERVICE_UNKNOWN")
    }

    /// What a call of Watch has said so far, as statuses.
    private func watch(
        _ harness: ServiceHarness, _ service: String
    ) throws -> (handler: any StreamHandler, sink: TestSink) {
        let sink = TestSink()
        let handler = harness.open(.healthWatch, sink)
        var request = HealthCheckRequest()
        request.service = service
        #expect(sink.waitForCredit())
        handler.received(request.encoded().span)
        handler.halfClosed()
        return (handler, sink)
    }

    private func statuses(_ sink: TestSink) throws -> [HealthCheckResponse.ServingStatus] {
        try sink.messages.map { try HealthCheckResponse($0).status }
    }

    @Test("Watch tells the state now and at each change, and nothing else")
    func watching() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let (handler, sink) = try watch(harness, "news.v1.NewsService")
        #expect(try statuses(sink) == [.serving])
        harness.core.health.setServing(true)
        harness.core.health.setDamaged(.month(year: 2026, month: 2))
        #expect(try statuses(sink) == [.serving])
        harness.core.health.setServing(false)
        #expect(try statuses(sink) == [.serving, .notServing])
        harness.core.health.setServing(true)
        #expect(try statuses(sink) == [.serving, .notServing, .serving])
        handler.ended()
        harness.core.health.setServing(false)
        #expect(try statuses(sink).count == 3)
        #expect(!harness.core.health.isWatched)
    }

    @Test("Watch of an unknown name says so and stays: the name may come, and its shard may be damaged")
    func watchingUnknown() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let (handler, sink) = try watch(harness, "newsrpc.shard/2026-02")
        let (otherHandler, otherSink) = try watch(harness, "no.Service")
        #expect(try statuses(sink) == [.serviceUnknown])
        _ = try harness.create("Title", at: "2026-02-27T07:55:00Z")
        #expect(try statuses(sink) == [.serviceUnknown, .serving])
        harness.core.health.setDamaged(.month(year: 2026, month: 2))
        #expect(try statuses(sink) == [.serviceUnknown, .serving, .notServing])
        #expect(try statuses(otherSink) == [.serviceUnknown])
        #expect(sink.status == nil && otherSink.status == nil)
        handler.ended()
        otherHandler.ended()
    }

    @Test("C8: Watch ends with UNAVAILABLE when the server drains")
    func watchingDrain() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let (handler, sink) = try watch(harness, "")
        harness.core.health.setServing(false)
        handler.draining()
        let (_, status) = sink.waitForEnd()
        #expect(try RefusedCall(decoding: status).reason == "DRAINING")
        #expect(try statuses(sink) == [.serving, .notServing])
        handler.ended()
    }

    @Test("Watch without a request is UNIMPLEMENTED, with a broken one INTERNAL")
    func watchingNothing() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let sink = TestSink()
        harness.open(.healthWatch, sink).halfClosed()
        #expect(sink.waitForEnd().status.code == .unimplemented)
        let other = TestSink()
        harness.open(.healthWatch, other).received(([0x0A, 200] as [UInt8]).span)
        #expect(other.waitForEnd().status.code == .internalError)
    }

    @Test("as many watch as may, and one more is told that it is too many")
    func watchersMax() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let calls = try (0..<HealthState.watchersMax).map { _ in try watch(harness, "") }
        let (_, refused) = try watch(harness, "")
        #expect(refused.waitForEnd().status.code == .resourceExhausted)
        calls[0].handler.ended()
        let (_, sink) = try watch(harness, "")
        #expect(try statuses(sink) == [.serving])
        for call in calls.dropFirst() { call.handler.ended() }
    }
}
