import NewsClient
import TestKit
import Testing

@Suite("A client's quiet connections", .timeLimit(.minutes(5 * Patience.factor))) struct RPCClientSilenceTests {
    private func eager(_ configuration: inout RPCClient.Configuration) {
        configuration.keepaliveTimeMin = .milliseconds(1)
        configuration.keepalive = Keepalive(time: .milliseconds(10), timeout: .milliseconds(30))
    }

    @Test("D16: a server that has gone without a word is noticed, and its calls are UNAVAILABLE")
    func gone() async throws {
        let peer = try RawPeer(replies: [RawFrame.settings])
        defer { peer.stop() }
        let client = try makeClient(peer.target, eager)
        let thrown = await error { _ = try await client.unary("x") }
        #expect(thrown?.code == .unavailable)
        #expect(thrown?.message.hasSuffix("was lost: no answer to a PING within 0.03 seconds") == true)
        #expect(peer.log.count("frame 6 0") == 1)
        await client.close()
    }

    @Test("D16: a slow call on a connection that answers its PINGs goes on")
    func alive() async throws {
        let peer = try RawPeer(connections: [[RawFrame.settings]], answersPings: true)
        defer { peer.stop() }
        let client = try makeClient(peer.target) { configuration in
            eager(&configuration)
            configuration.keepalive?.timeout = .seconds(30)
        }
        let call = Task { await error { _ = try await client.unary("x") } }
        // Another one follows only when the one before was answered.
        await peer.log.wait(for: "frame 6 0", count: 3)
        call.cancel()
        #expect(await call.value?.code == .cancelled)
        await client.close()
    }

    @Test("D16: nothing is asked more often than every ten seconds, and nothing at all unless wanted")
    func offByDefault() {
        let configuration = RPCClient.Configuration(target: "127.0.0.1:1")
        #expect(configuration.keepalive == nil)
        #expect(configuration.keepaliveTimeMin == .seconds(10))
        #expect(Keepalive(time: .seconds(30)).timeout == .seconds(20))
    }

    @Test("D10: too_many_pings doubles the time between pings, and the call goes on elsewhere")
    func tooManyPings() async throws {
        let goAway = RawFrame.goAway(lastStream: 0, code: 11, "too_many_pings")
        let good = [RawFrame.settings, RawFrame.reply(stream: 1, "here")]
        let peer = try RawPeer(connections: [[RawFrame.settings, goAway], good])
        defer { peer.stop() }
        let log = EventLog()
        let client = try makeClient(peer.target) { configuration in
            configuration.keepalive = Keepalive(time: .seconds(15))
            configuration.log = { log.add($0) }
        }
        let answer = try await client.unary("x")
        #expect(answer == "here")
        #expect(
            log.events.contains("the server complains of too many pings: keepalive every 30.0 seconds from now on"))
        await client.close()
    }

    @Test("a connection without calls is closed after the idle time, and the next call opens another one")
    func idle() async throws {
        try await withPeer(echo, change: { $0.idleTimeout = .milliseconds(20) }) { peer, client in
            _ = try await client.unary("x")
            await peer.log.wait(for: "closed")
            #expect(peer.log.count("goaway 0") == 1)
            let again = try await client.unary("y")
            #expect(again == "y")
            #expect(peer.log.count("connected") == 2)
        }
    }
}
