import Access
import EventLoops
import NewsClient
import NewsModel
import Testing

@testable import NewsServer

@Suite("Who may call") struct CallerTests {
    private func setup(
        _ entries: [AccessEntry], _ change: (inout AccessControl.Configuration) -> Void = { _ in }
    ) throws -> EchoSetup {
        var configuration = AccessKit.configuration(entries)
        change(&configuration)
        return try EchoSetup(access: AccessControl(configuration))
    }

    @Test("a token with the method's scope may call, again and again, and beside other tokens")
    func accepted() async throws {
        let setup = try setup([AccessKit.entry("a", .articlesRead), AccessKit.entry("b", .articlesRead, .admin)])
        for number in 0..<6 {
            let name = number % 3 == 2 ? "b" : "a"
            #expect(try await setup.call(.say, [UInt8(number)], as: name) == [UInt8(number)])
        }
        await setup.end()
    }

    @Test(
        "what is no known token is UNAUTHENTICATED, whatever it looks like",
        arguments: [
            ([], "tokenMissing"), (["Basic dG9rZW4tb2YtYTo="], "tokenMissing"), (["Bearer"], "tokenMissing"),
            (["token-of-a"], "tokenMissing"), (["Bearer wrong"], "tokenUnknown"),
            (["Bearer token-of-A"], "tokenUnknown"),
            (["Bearer token-of-a x"], "tokenUnknown"), (["Bearer token-of-aa"], "tokenUnknown"),
            (["Bearer token-of-a", "Bearer token-of-a"], "tokenUnknown"),
            (["Bearer token-of-a", "Bearer wrong"], "tokenUnknown"),
            (["Bearer " + String(repeating: "x", count: 6000)], "tokenUnknown"),
        ] as [([String], String)])
    func refused(values: [String], refusal: String) async throws {
        let setup = try setup([AccessKit.entry("a", .articlesRead)])
        var options = AccessKit.options()
        options.metadata = values.map { MetadataField("authorization", $0) }
        for _ in 0..<2 {
            let error = await failure {
                try await setup.client.unary(Echo.say.method, message: [1], options: options)
            }
            #expect(error?.code == .unauthenticated && error?.message == refusal)
            // An accepted token before it makes no difference.
            #expect(try await setup.call(.say, [1], as: "a") == [1])
        }
        await setup.end()
    }

    @Test("a scope that is missing is PERMISSION_DENIED and named, for streamed methods too")
    func scopes() async throws {
        let setup = try setup([AccessKit.entry("a", .articlesRead), AccessKit.entry("w", .articlesWrite)])
        let error = await failure { try await setup.call(.say, [1], as: "w") }
        #expect(error?.code == .permissionDenied)
        #expect(error?.message.contains("caller: \"w\"") == true)
        let options = AccessKit.options("Bearer token-of-a")
        let stream = setup.client.open(Echo.chat.method, message: nil, options: options)
        #expect(await failure { try await stream.next() }?.code == .permissionDenied)
        await setup.end()
    }

    @Test("open methods need no token, unless the server is told otherwise", arguments: [false, true])
    func open(isClosed: Bool) async throws {
        let setup = try setup([AccessKit.entry("a")]) { $0.closesOpenMethods = isClosed }
        let without = await failure { try await setup.call(.fail, [5]) }
        #expect(without?.code == (isClosed ? .unauthenticated : .notFound))
        let unknown = await failure { try await setup.call(.fail, [5], as: "nobody") }
        #expect(unknown?.code == (isClosed ? .unauthenticated : .notFound))
        // No scope is asked for.
        #expect(await failure { try await setup.call(.fail, [5], as: "a") }?.code == .notFound)
        await setup.end()
    }

    @Test("a token expires at its moment, on a connection that is open as well")
    func expires() async throws {
        let clock = HandClock()
        let expires = Instant(microseconds: 2_000_000)
        let setup = try setup([AccessKit.entry("a", .articlesRead, expires: expires)]) { configuration in
            configuration.now = { clock.now }
            configuration.wallNow = { clock.now / 1000 }
        }
        #expect(try await setup.call(.say, [1], as: "a") == [1])
        clock.advance(999_999_999)
        #expect(try await setup.call(.say, [1], as: "a") == [1])
        clock.advance(1)
        for _ in 0..<2 {
            let error = await failure { try await setup.call(.say, [1], as: "a") }
            #expect(error?.code == .unauthenticated && error?.message == "tokenExpired")
        }
        await setup.end()
    }

    @Test("a new table holds at once on open connections, and what runs goes on")
    func replaced() async throws {
        let setup = try setup([AccessKit.entry("a", .articlesRead, .articlesWrite)])
        let options = AccessKit.options("Bearer token-of-a")
        let stream = setup.client.open(Echo.chat.method, message: nil, options: options)
        try await stream.send([1])
        #expect(try await stream.next() == [1])
        #expect(try await setup.call(.say, [2], as: "a") == [2])
        await blocking { setup.server.replaceCallers(AccessTable([AccessKit.entry("b", .articlesRead)])) }
        #expect(await failure { try await setup.call(.say, [3], as: "a") }?.message == "tokenUnknown")
        #expect(try await setup.call(.say, [3], as: "b") == [3])
        try await stream.send([4])
        #expect(try await stream.next() == [4])
        // The same token with fewer scopes.
        await blocking { setup.server.replaceCallers(AccessTable([AccessKit.entry("b", .articlesWrite)])) }
        #expect(await failure { try await setup.call(.say, [3], as: "b") }?.code == .permissionDenied)
        await setup.end()
    }

    @Test("tables that come while calls run fail none of them")
    func replacedMeanwhile() async throws {
        let entry = AccessKit.entry("a", .articlesRead)
        var configuration = AccessKit.configuration([entry])
        configuration.limits.callsInFlight = 1000
        let control = AccessControl(configuration)
        let setup = try EchoSetup(loops: 2, access: control)
        async let replacing: Void = blocking {
            for _ in 0..<100 { setup.server.replaceCallers(AccessTable([entry])) }
        }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask { try await setup.call(number % 2 == 0 ? .say : .later, [7], as: "a") == [7] }
            }
            for try await isRight in group { #expect(isRight) }
        }
        await replacing
        await setup.end()
        #expect(control.accountCount == 0)
    }

    @Test("a certificate's names stand for their entry, and a token stands before them")
    func certificates() throws {
        let gateway = AccessEntry(
            name: "gateway", credential: .certificate("spiffe://news/gateway"), scopes: ScopeSet(.articlesRead),
            created: .epoch)
        let control = AccessControl(AccessKit.configuration([gateway, AccessKit.entry("w", .articlesWrite)]))
        let loop = try EventLoop()
        let access = LoopAccess(control, loop: loop)
        let connection = try #require(access.connect(nil))
        func admit(_ echo: Echo, token: String? = nil) -> AccessRefusal? {
            connection.begin()
            if let token { connection.authorization(Array("Bearer \(token)".utf8).span) }
            defer { connection.ended(0) }
            return connection.admit(0, echo.rawValue)
        }
        #expect(admit(.say) == .tokenMissing)
        connection.certificateNames = ["spiffe://news/other", "spiffe://news/gateway"]
        #expect(admit(.say) == nil)
        #expect(admit(.chat) == .scopeMissing(ScopeSet(.articlesWrite), caller: "gateway"))
        #expect(admit(.chat, token: "token-of-w") == nil)
        #expect(admit(.say, token: "token-of-w") == .scopeMissing(ScopeSet(.articlesRead), caller: "w"))
        #expect(admit(.say, token: "wrong") == .tokenUnknown)
        #expect(admit(.say) == nil)
        access.replace(AccessTable([]))
        #expect(admit(.say) == .certificateUnknown)
        #expect(admit(.say, token: "wrong") == .tokenUnknown)
        connection.closed()
        withExtendedLifetime(loop) {}
    }
}
