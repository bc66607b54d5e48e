import EventLoops
import GRPCWire
import HTTP2
import NewsClient
import TestKit
import Testing
import Threads

@Suite("A client's retries", .timeLimit(.minutes(5 * Patience.factor))) struct RPCClientRetryTests {
    /// Fails the first `count` requests with `fields`, and echoes the later ones. Logs what each says of earlier tries.
    private func failing(_ count: Int, _ fields: [(name: String, value: String)]) -> Peer.Script {
        { connection, slot, moment in
            guard moment == .ended else { return }
            connection.log.add("tries before: \(connection.field(slot, "grpc-previous-rpc-attempts") ?? "none")")
            guard connection.log.count("ended") <= count else { return echo(connection, slot, moment) }
            connection.refuse(slot, PeerConnection.head + fields)
        }
    }

    private let unavailable = [(name: "grpc-status", value: "14"), (name: "grpc-message", value: "busy")]

    private func noPause(_ configuration: inout RPCClient.Configuration) { configuration.random = { 0 } }

    @Test("D22: a call that may be repeated is tried again, and says how often it was tried before")
    func retried() async throws {
        try await withPeer(failing(3, unavailable), change: noPause) { peer, client in
            let answer = try await client.read("x")
            #expect(answer == "x")
            for number in ["none", "1", "2", "3"] { #expect(peer.log.count("tries before: \(number)") == 1) }
        }
    }

    @Test("D22: after the last try the call ends with what that ended with")
    func exhausted() async throws {
        try await withPeer(failing(100, unavailable), change: noPause) { peer, client in
            let thrown = await error { _ = try await client.read("x") }
            #expect(thrown?.code == .unavailable)
            #expect(thrown?.message == "busy")
            #expect(thrown?.origin == .server)
            #expect(peer.log.count("ended") == 4)
        }
    }

    @Test("D22: a call that may not be repeated is tried once, unless it says that it may")
    func notIdempotent() async throws {
        try await withPeer(failing(2, unavailable), change: noPause) { peer, client in
            let thrown = await error { _ = try await client.unary("x") }
            #expect(thrown?.code == .unavailable)
            #expect(peer.log.count("ended") == 1)
            let answer = try await client.unary("x", CallOptions(isIdempotent: true))
            #expect(answer == "x")
            #expect(peer.log.count("ended") == 3)
        }
    }

    @Test("D22: a call can do without retries")
    func noRetries() async throws {
        try await withPeer(failing(1, unavailable), change: noPause) { peer, client in
            let thrown = await error { _ = try await client.read("x", CallOptions(maxAttempts: 1)) }
            #expect(thrown?.code == .unavailable)
            #expect(peer.log.count("ended") == 1)
        }
    }

    @Test("D22: a refused stream is tried again at once without a policy, and once only", arguments: [1, 2])
    func refused(count: Int) async throws {
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .ended else { return }
            guard connection.log.count("ended") > count else { return connection.session.reset(slot, .refusedStream) }
            #expect(connection.field(slot, "grpc-previous-rpc-attempts") == nil)
            echo(connection, slot, moment)
        }
        try await withPeer(script) { peer, client in
            if count == 1 {
                let answer = try await client.unary("x")
                #expect(answer == "x")
            } else {
                let thrown = await error { _ = try await client.unary("x") }
                #expect(thrown?.code == .unavailable)
            }
            #expect(peer.log.count("ended") == 2)
        }
    }

    @Test("D22: push-back that says no stops, also when it cannot be read", arguments: ["-1", "later"])
    func pushbackStops(value: String) async throws {
        let fields = unavailable + [(name: "grpc-retry-pushback-ms", value: value)]
        try await withPeer(failing(100, fields), change: noPause) { peer, client in
            let thrown = await error { _ = try await client.read("x") }
            #expect(thrown?.code == .unavailable)
            #expect(peer.log.count("ended") == 1)
        }
    }

    @Test("D22: push-back in place of the own pause")
    func pushback() async throws {
        let fields = unavailable + [(name: "grpc-retry-pushback-ms", value: "0")]
        // The own pause would outlast the test.
        func longPause(_ configuration: inout RPCClient.Configuration) {
            configuration.retryPolicy?.initialBackOff = .seconds(3600)
            configuration.retryPolicy?.maxBackOff = .seconds(3600)
            configuration.random = { 0.99 }
        }
        try await withPeer(failing(1, fields), change: longPause) { _, client in
            let answer = try await client.read("x", CallOptions(timeout: CallOptions.noTimeout))
            #expect(answer == "x")
        }
    }

    @Test("D22: a pause that outlasts the deadline is not waited for: the caller learns the cause at once")
    func pauseBeyondDeadline() async throws {
        let fields = unavailable + [(name: "grpc-retry-pushback-ms", value: "100000")]
        try await withPeer(failing(100, fields)) { peer, client in
            let thrown = await error { _ = try await client.read("x", CallOptions(timeout: .seconds(50))) }
            #expect(thrown?.code == .unavailable)
            #expect(thrown?.message == "busy")
            #expect(peer.log.count("ended") == 1)
        }
    }

    @Test("D22: a call that rests can be cancelled")
    func cancelledWhileResting() async throws {
        let fields = unavailable + [(name: "grpc-retry-pushback-ms", value: "1000000")]
        let log = EventLog()
        try await withPeer(failing(100, fields), change: { $0.log = { log.add(String($0.prefix(12))) } }) { _, client in
            let options = CallOptions(timeout: CallOptions.noTimeout)
            let task = Task { await error { _ = try await client.read("x", options) } }
            await log.wait(for: "test.Service")
            task.cancel()
            #expect(await task.value?.code == .cancelled)
        }
    }

    @Test("D22: an answer that has begun is the call's, however it ends")
    func committed() async throws {
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .ended else { return }
            connection.begin(slot)
            connection.finish(slot, [("grpc-status", "14")])
        }
        try await withPeer(script, change: noPause) { peer, client in
            let thrown = await error { _ = try await client.read("x") }
            #expect(thrown?.code == .unavailable)
            #expect(peer.log.count("ended") == 1)
        }
    }

    @Test("D11, D22: a read whose connection is lost is sent again on the next one")
    func lostConnection() async throws {
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .ended else { return }
            guard connection.log.count("ended") > 1 else { return connection.transport.close(.local) }
            echo(connection, slot, moment)
        }
        try await withPeer(script, change: noPause) { peer, client in
            let answer = try await client.read("x")
            #expect(answer == "x")
            #expect(peer.log.count("connected") == 2)
        }
    }

    @Test("D22: further tries of a read find the server when it is back")
    func restartedServer() async throws {
        let directory = try TemporaryDirectory("client")
        let target = "unix:" + directory.entry("socket")
        let first = try Peer(on: target) { connection, _, moment in
            if moment == .ended { connection.transport.close(.local) }
        }
        // The server is back before the next try, whenever this test has its next turn.
        let second = Monitor((isBegun: false, peer: nil as Peer?))
        let client = try makeClient(target) { configuration in
            configuration.backOff.initial = .milliseconds(1)
            configuration.backOff.maximum = .milliseconds(10)
            configuration.random = { 0.99 }
            configuration.retryPolicy?.initialBackOff = .milliseconds(500)
            configuration.log = { line in
                let isFirst = second.withLock { second in
                    defer { second.isBegun = second.isBegun || line.contains("is tried again") }
                    return !second.isBegun && line.contains("is tried again")
                }
                guard isFirst else { return }
                _ = Thread.start(name: "restart") {
                    first.stop()
                    let peer = try? Peer(on: target, echo)
                    second.broadcast { $0.peer = peer }
                }
            }
        }
        let answer = try await client.read("x")
        #expect(answer == "x")
        second.withLock { $0.peer }?.stop()
        await client.close()
    }

    @Test("D22: a read whose server stays away ends after its tries")
    func serverGone() async throws {
        let directory = try TemporaryDirectory("client")
        let target = "unix:" + directory.entry("socket")
        let tries = EventLog()
        let peer = try Peer(on: target) { connection, _, moment in
            if moment == .ended { connection.transport.loop.closeListeners() }
            if moment == .ended { connection.transport.close(.local) }
        }
        defer { peer.stop() }
        let client = try makeClient(target) { configuration in
            noPause(&configuration)
            configuration.log = { line in if line.contains("is tried again") { tries.add("retry") } }
        }
        let thrown = await error { _ = try await client.read("x") }
        #expect(thrown?.code == .unavailable)
        #expect(thrown?.origin == .local)
        #expect(tries.count("retry") == 3)
        await client.close()
    }

    @Test("D22: the messages of a stream are sent again")
    func stream() async throws {
        let script: Peer.Script = { connection, slot, moment in
            let body = connection.streams[slot]?.body ?? []
            if moment == .data, connection.log.count("opened") == 1, body.count >= 18 {
                connection.refuse(slot, PeerConnection.head + [("grpc-status", "14")])
            }
            guard moment == .ended else { return }
            connection.reply(slot, body)
        }
        try await withPeer(script, change: noPause) { peer, client in
            let call = client.openStream(isIdempotent: true)
            for text in ["a", "b", "c"] { try await call.send(text) }
            await peer.log.wait(for: "opened", count: 2)
            try await call.send("d")
            call.finish()
            let answer = try await call.next()
            #expect(answer == ["a", "b", "c", "d"].flatMap { [0, 0, 0, 0, 1] + Array($0.utf8) })
        }
    }

    @Test("D22: a stream that has sent more than is kept is not tried again")
    func largeStream() async throws {
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .data, (connection.streams[slot]?.body.count ?? 0) > 300 << 10 else { return }
            connection.refuse(slot, PeerConnection.head + [("grpc-status", "14")])
        }
        try await withPeer(script, change: noPause) { peer, client in
            let call = client.openStream(isIdempotent: true)
            let message = [UInt8](repeating: 1, count: 64 << 10)
            let thrown = await error { while true { try await call.send(message) } }
            #expect(thrown?.code == .unavailable)
            #expect(peer.log.count("opened") == 1)
        }
    }

    @Test("D22: a server that fails at most calls gets no retries until calls succeed again")
    func throttled() async throws {
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .ended else { return }
            guard connection.streams[slot]?.body.count == 5 else { return echo(connection, slot, moment) }
            connection.refuse(slot, PeerConnection.head + [("grpc-status", "14")])
        }
        func change(_ configuration: inout RPCClient.Configuration) {
            configuration.random = { 0 }
            configuration.retryPolicy?.throttleTokens = 4
            configuration.retryPolicy?.throttleTokenRatio = 1
        }
        try await withPeer(script, change: change) { peer, client in
            // Tokens: 4, then 3 after the first try, 2 after the second: half of them, so that was the last one.
            _ = await error { _ = try await client.read("") }
            #expect(peer.log.count("ended") == 2)
            _ = await error { _ = try await client.read("") }
            #expect(peer.log.count("ended") == 3)
            for _ in 0..<4 { _ = try await client.read("x") }
            _ = await error { _ = try await client.read("") }
            #expect(peer.log.count("ended") == 9)
        }
    }
}
