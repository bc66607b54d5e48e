import EventLoops
import GRPCCall
import GRPCWire
import NewsClient
import NewsServer
import Testing

@Suite("The end of a server") struct StopTests {
    @Test("C8: calls that run are answered, and then the server ends")
    func finishesCalls() async throws {
        let setup = try EchoSetup()
        async let answer = setup.call(.never, [4])
        let call = try #require(await setup.log.waitForCalls(1).first)
        async let stopped: Void = blocking { [server = setup.server] in server.stop() }
        call.complete(.success([44]))
        let bytes = try await answer
        #expect(bytes == [44])
        await stopped
        await setup.client.close()
    }

    @Test("C8: what does not finish within the grace is cut off")
    func grace() async throws {
        var settings = ServerSettings()
        settings.drainGrace = .milliseconds(20)
        let setup = try EchoSetup(settings: settings)
        async let answer = failure { try await setup.call(.never, [4]) }
        _ = await setup.log.waitForCalls(1)
        await blocking { setup.server.stop() }
        #expect(await answer?.code == .unavailable)
        await setup.client.close()
    }

    @Test("an idle connection does not hold up the end")
    func idle() async throws {
        let setup = try EchoSetup()
        #expect(try await setup.call(.say, [1]) == [1])
        await blocking { setup.server.stop() }
        await setup.client.close()
    }

    @Test("an address that is taken is refused by name")
    func addressTaken() async throws {
        let setup = try EchoSetup()
        #expect(throws: LoopError.self) { try EventLoop.requireUnused(setup.server.addresses[0]) }
        await setup.end()
    }
}
