import Access
import GRPCCall
import GRPCWire
import NewsMessages
import NewsService
import Testing

@Suite("What methods ask of their caller") struct RouteNeedsTests {
    @Test("every method of the routing table has its need, and only health is open")
    func complete() {
        #expect(Route.needs.count == Route.table.count)
        for (method, need) in zip(Route.table, Route.needs) {
            let isOpen = method.service.description.hasPrefix("grpc.")
            #expect(need.isOpen == isOpen, "\(method.path)")
            #expect(need.scopes.isEmpty == isOpen, "\(method.path)")
        }
    }

    @Test("what administers asks for that, what changes nothing for reading, and everything else for writing")
    func scopes() {
        for (method, need) in zip(Route.table, Route.needs) where !need.isOpen {
            let writing: Scope =
                switch method.service.description {
                case "news.v1.AdminService": .admin
                case "news.v1.EngagementService": .engagementWrite
                default: .articlesWrite
                }
            let isReading = method.idempotency == .noSideEffects && writing != .admin
            let scope = isReading ? .articlesRead : writing
            #expect(need == .scope(scope), "\(method.path)")
        }
    }
}

@Suite("Refusals as statuses") struct AccessMappingTests {
    @Test(
        "have one code and reason each",
        arguments: [
            (.tokenMissing, .unauthenticated, "TOKEN_MISSING"), (.tokenUnknown, .unauthenticated, "TOKEN_UNKNOWN"),
            (.tokenExpired, .unauthenticated, "TOKEN_EXPIRED"),
            (.certificateUnknown, .permissionDenied, "CERTIFICATE_UNKNOWN"),
            (.scopeMissing(ScopeSet(.articlesWrite), caller: "me"), .permissionDenied, "SCOPE_MISSING"),
            (.tooFast(retryMilliseconds: 1500), .resourceExhausted, "RATE_LIMITED"),
            (.tooManyCalls(limit: 3), .resourceExhausted, "TOO_MANY_CALLS"),
            (.tooManyBytes(limit: 3), .resourceExhausted, "TOO_MANY_BYTES"),
        ] as [(AccessRefusal, StatusCode, String)])
    func codes(refusal: AccessRefusal, code: StatusCode, reason: String) throws {
        let refused = try RefusedCall(decoding: Failure(refusal).status)
        #expect(refused.code == code && refused.reason == reason)
        #expect(refused.retryDelay.map { $0.seconds * 1000 + Int64($0.nanos) / 1_000_000 } == refusal.retryMilliseconds)
    }

    @Test("name the scope that is missing")
    func scope() throws {
        let refusal = AccessRefusal.scopeMissing(ScopeSet([.admin, .reportsRead]), caller: "me")
        let refused = try RefusedCall(decoding: Failure(refusal).status)
        #expect(refused.message == "me may not do this: the method needs reports.read, admin")
        #expect(refused.metadata == ["scope": "reports.read, admin", "caller": "me"])
    }
}
