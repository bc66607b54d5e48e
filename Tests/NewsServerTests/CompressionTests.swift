import GRPCCall
import GRPCWire
import NewsClient
import NewsServer
import Testing

@Suite("Compression over real sockets") struct CompressionTests {
    private let large = [UInt8](repeating: 0, count: 100_000)

    private func setup(replyMin: Int? = 2000) throws -> EchoSetup {
        var settings = ServerSettings()
        settings.call.compressedReplyMin = replyMin
        return try EchoSetup(settings: settings)
    }

    /// Calls a method and tells how the answer came.
    private func call(
        _ setup: EchoSetup, _ echo: Echo, _ message: [UInt8], _ method: MessageCompressionMethod? = nil
    ) async throws -> (answer: [UInt8], wasCompressed: Bool) {
        let options = CallOptions(compression: method)
        let call = try #require(setup.client.open(echo.method, message: message, options: options) as? ClientStream)
        let answer = try #require(try await call.next())
        let wasCompressed = call.lastWasCompressed
        #expect(try await call.next() == nil)
        return (answer, wasCompressed)
    }

    @Test("B15: requests are compressed as their call asks", arguments: MessageCompressionMethod.allCases)
    func requests(method: MessageCompressionMethod) async throws {
        let setup = try setup(replyMin: nil)
        #expect(try await call(setup, .press, large, method) == ([1] + large, false))
        #expect(try await call(setup, .press, large) == ([0] + large, false))
        // What would become larger goes as it is.
        #expect(try await call(setup, .press, [0, 7, 9], method) == ([0, 0, 7, 9], false))
        await setup.end()
    }

    @Test("B15: replies of a configured size are compressed, and a handler may ask otherwise")
    func replies() async throws {
        let setup = try setup()
        #expect(try await call(setup, .say, large) == (large, true))
        #expect(try await call(setup, .later, large) == (large, true))
        let small = Array(large.prefix(1999))
        #expect(try await call(setup, .say, small) == (small, false))
        #expect(try await call(setup, .later, small) == (small, false))
        let (wanted, unwanted) = ([1] + small.prefix(500), [2] + large)
        #expect(try await call(setup, .press, wanted) == ([0] + wanted, true))
        #expect(try await call(setup, .press, unwanted) == ([0] + unwanted, false))
        // The next call of the loop is treated as configured again.
        #expect(try await call(setup, .press, small) == ([0] + small, true))
        await setup.end()
    }

    @Test("B15: without configuration nothing is compressed, not even if its handler asks")
    func off() async throws {
        let setup = try setup(replyMin: nil)
        #expect(try await call(setup, .say, large) == (large, false))
        #expect(try await call(setup, .press, [1] + large) == ([0, 1] + large, false))
        await setup.end()
    }

    @Test("B15: each message of a stream says for itself whether it is compressed")
    func streamed() async throws {
        let setup = try setup(replyMin: 1 << 20)
        let options = CallOptions(compression: .gzip)
        let call = try #require(setup.client.open(Echo.chat.method, message: nil, options: options) as? ClientStream)
        for isCompressed in [true, false, false, true] {
            try await call.send(large, isCompressed: isCompressed)
            #expect(try await call.next() == large)
            #expect(call.lastWasCompressed == isCompressed)
        }
        call.finish()
        #expect(try await call.next() == nil)
        await setup.end()
    }

    @Test("B12: a request that becomes too large is RESOURCE_EXHAUSTED, unary or streamed, and the connection goes on")
    func bomb() async throws {
        let setup = try setup()
        var configuration = patient(target: "\(setup.server.addresses[0])")
        configuration.requestMessageMax = 64 << 20
        let client = try RPCClient(configuration)
        let bomb = [UInt8](repeating: 0, count: 32 << 20)
        let options = CallOptions(compression: .gzip)
        let unary = await failure { try await client.unary(Echo.say.method, message: bomb, options: options) }
        #expect(unary?.code == .resourceExhausted)
        let call = client.open(Echo.chat.method, message: nil, options: options)
        try await call.send([1, 2])
        #expect(try await call.next() == [1, 2])
        try await call.send(bomb)
        let streamed = await failure { try await call.next() }
        #expect(streamed?.code == .resourceExhausted)
        #expect(try await client.unary(Echo.say.method, message: [3], options: options) == [3])
        await client.close()
        await setup.end()
    }

    @Test("B14: a reply above the server's own limit is RESOURCE_EXHAUSTED, at once, later or streamed")
    func largeReply() async throws {
        var settings = ServerSettings()
        settings.call.replyMessageMax = 1000
        let setup = try EchoSetup(settings: settings)
        for echo in [Echo.say, .later] {
            let error = await failure { try await setup.call(echo, [UInt8](repeating: 1, count: 1001)) }
            #expect(error?.code == .resourceExhausted)
            #expect(try await setup.call(echo, [UInt8](repeating: 1, count: 1000)).count == 1000)
        }
        let call = setup.client.open(Echo.chat.method, message: nil, options: CallOptions())
        try await call.send([UInt8](repeating: 1, count: 1000))
        #expect(try await call.next()?.count == 1000)
        // The server may have ended the call before `send` returns.
        try? await call.send([UInt8](repeating: 1, count: 1001))
        let error = await failure { try await call.next() }
        #expect(error?.code == .resourceExhausted)
        await setup.end()
    }
}
