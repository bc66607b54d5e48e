import EventLoops
import HTTP2
import NewsClient
import TestKit
import Testing

@Suite("A client's connections", .timeLimit(.minutes(5 * Patience.factor))) struct RPCClientConnectionTests {
    @Test("D10: after GOAWAY the running call ends well and the next one uses a new connection")
    func goAway() async throws {
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .ended else { return }
            if connection.streams[slot]?.body.last == UInt8(ascii: "!") { connection.session.finishShutdown() }
            echo(connection, slot, moment)
        }
        try await withPeer(script) { peer, client in
            let last = try await client.unary("last!")
            #expect(last == "last!")
            let first = try await client.unary("first")
            #expect(first == "first")
            #expect(peer.log.count("connected") == 2)
            await peer.log.wait(for: "closed")
        }
    }

    @Test("D10: a call above the last stream of GOAWAY moves to another connection unnoticed")
    func goAwayBefore() async throws {
        // The first bytes are the preface; the request follows the peer's SETTINGS.
        let goAway = RawFrame.goAway(lastStream: 0, code: 0, "max_age")
        let good = [RawFrame.settings, RawFrame.reply(stream: 1, "here")]
        let peer = try RawPeer(connections: [[RawFrame.settings, goAway], good])
        defer { peer.stop() }
        let client = try makeClient(peer.target)
        let answer = try await client.unary("x")
        #expect(answer == "here")
        #expect(peer.log.count("connected") == 2)
        await client.close()
    }

    @Test("D10: a call that two connections leave behind is UNAVAILABLE, with the reason of the second")
    func goAwayTwice() async throws {
        let goAway = RawFrame.goAway(lastStream: 0, code: 0, "max_age")
        let peer = try RawPeer(replies: [RawFrame.settings, goAway])
        defer { peer.stop() }
        let client = try makeClient(peer.target)
        let thrown = await error { _ = try await client.unary("x") }
        #expect(thrown?.code == .unavailable)
        #expect(thrown?.message == "the server is leaving: max_age")
        #expect(peer.log.count("connected") == 2)
        await client.close()
    }

    @Test("D10: no caller notices a server that leaves again and again")
    func goAwayUnderLoad() async throws {
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .ended else { return }
            echo(connection, slot, moment)
            if connection.log.count("ended") % 10 == 0 { connection.session.finishShutdown() }
        }
        try await withPeer(script) { peer, client in
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<200 { group.addTask { try await client.read("\(number)") } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(answers.count == 200)
            #expect(peer.log.count("connected") > 1)
        }
    }

    @Test("D16: a PING is answered")
    func ping() async throws {
        let peer = try RawPeer(replies: [RawFrame.settings, RawFrame.ping + RawFrame.reply(stream: 1, "x")])
        defer { peer.stop() }
        let client = try makeClient(peer.target)
        _ = try await client.unary("x")
        await peer.log.wait(for: "frame 6 1")
        await client.close()
    }

    @Test("D11: a connection that is lost in a call makes it UNAVAILABLE, and the next call connects again")
    func lost() async throws {
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .ended else { return }
            guard connection.streams[slot]?.body.count == 5 else { return echo(connection, slot, moment) }
            connection.transport.close(.local)
        }
        try await withPeer(script) { peer, client in
            let thrown = await error { _ = try await client.unary("") }
            #expect(thrown?.code == .unavailable)
            #expect(thrown?.origin == .local)
            let again = try await client.unary("again")
            #expect(again == "again")
            #expect(peer.log.count("connected") == 2)
        }
    }

    @Test("D12: the deadline runs while the connection is being made")
    func deadlineWhileConnecting() async throws {
        let peer = try RawPeer(replies: [])
        defer { peer.stop() }
        let client = try makeClient(peer.target)
        let thrown = await error { _ = try await client.unary("x", timeout: .milliseconds(30)) }
        #expect(thrown?.code == .deadlineExceeded)
        await client.close()
    }

    @Test("D14: more calls than the server lets run at once wait for their turn")
    func maxConcurrentStreams() async throws {
        // SETTINGS_MAX_CONCURRENT_STREAMS is 1: a second stream beside the first would end the connection.
        var settings = SessionSettings()
        settings.concurrentStreamsMax = 1
        let peer = try Peer(settings: settings, echo)
        defer { peer.stop() }
        let client = try makeClient(peer.target)
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<30 { group.addTask { try await client.unary("\(number)") } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers.count == 30)
        #expect(peer.log.count("connected") == 1)
        await client.close()
    }

    @Test("D15: padding is given back to flow control")
    func padding() async throws {
        // 12,000 frames of 5 bytes and 255 bytes of padding are three times the window of a stream.
        let message: [UInt8] = [0, 0, 0, 0, 0]
        let body = (0..<12_000).flatMap { _ in RawFrame.data(stream: 1, message, padding: 255) }
        let head = RawFrame.headers(stream: 1, [(":status", "200"), ("content-type", "application/grpc")])
        let trailers = RawFrame.headers(stream: 1, [("grpc-status", "0")], endOfStream: true)
        let peer = try RawPeer(replies: [RawFrame.settings, head + body + trailers])
        defer { peer.stop() }
        let client = try makeClient(peer.target)
        let call = client.openStream()
        call.finish()
        var count = 0
        while try await call.next() != nil { count += 1 }
        #expect(count == 12_000)
        await client.close()
    }

    @Test("D21: without a server a call was not sent, and calls fail at once while the client rests")
    func noServer() async throws {
        let directory = try TemporaryDirectory("client")
        let client = try makeClient("unix:" + directory.entry("socket"))
        for _ in 0..<3 {
            let thrown = await error { _ = try await client.unary("x") }
            #expect(thrown?.code == .unavailable)
            #expect(thrown?.origin == .notConnected)
            #expect(thrown?.message.hasPrefix("no connection to unix:") == true)
        }
        await client.close()
    }

    @Test("D21: the client connects again once the server is there")
    func serverComesLater() async throws {
        let directory = try TemporaryDirectory("client")
        let target = "unix:" + directory.entry("socket")
        let client = try makeClient(target) { $0.backOff.initial = .milliseconds(1) }
        _ = await error { _ = try await client.unary("x") }
        let peer = try Peer(on: target, echo)
        defer { peer.stop() }
        // Calls fail at once until the pause, a tick or two, is over.
        var answer: String?
        while answer == nil {
            answer = try? await client.unary("x")
            await Task.yield()
        }
        #expect(answer == "x")
        await client.close()
    }

    @Test(
        "what is no HTTP/2 server gives no connection",
        arguments: [Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8), []] as [[UInt8]])
    func notHTTP2(reply: [UInt8]) async throws {
        let peer = try RawPeer(replies: [reply], closes: true)
        defer { peer.stop() }
        let client = try makeClient(peer.target)
        let thrown = await error { _ = try await client.unary("x") }
        #expect(thrown?.code == .unavailable)
        #expect(thrown?.origin == .notConnected)
        let cause = "the server speaks HTTP/1, not HTTP/2: HTTP/1.1 400 Bad Request"
        if !reply.isEmpty { #expect(thrown?.message.hasSuffix(cause) == true, "\(thrown?.message ?? "")") }
        await client.close()
    }

    @Test("D13: a call that is cancelled while it waits for its turn is never sent")
    func cancelledInQueue() async throws {
        var settings = SessionSettings()
        settings.concurrentStreamsMax = 1
        let peer = try Peer(settings: settings) { _, _, _ in }
        defer { peer.stop() }
        let client = try makeClient(peer.target)
        let first = Task { await error { _ = try await client.unary("x") } }
        await peer.log.wait(for: "ended")
        let second = Task { await error { _ = try await client.unary("y") } }
        second.cancel()
        #expect(await second.value?.code == .cancelled)
        let late = await error { _ = try await client.unary("z", timeout: .milliseconds(20)) }
        #expect(late?.code == .deadlineExceeded)
        #expect(late?.origin == .notConnected)
        #expect(late?.message.contains("while the call waited for its turn") == true)
        first.cancel()
        #expect(await first.value?.code == .cancelled)
        #expect(peer.log.count("opened") == 1)
        await client.close()
    }

    @Test("a host name is looked up")
    func hostName() async throws {
        let peer = try Peer(echo)
        defer { peer.stop() }
        let port = try #require(peer.target.split(separator: ":").last)
        let client = try makeClient("localhost:\(port)")
        let answer = try await client.unary("x")
        #expect(answer == "x")
        await client.close()
    }

    @Test(
        "a target that is no address is refused when the client is made",
        arguments: ["", "localhost", "a:b", "unix:", "::1:50051", "host:70000"])
    func badTarget(target: String) {
        do throws(RPCError) {
            _ = try RPCClient(RPCClient.Configuration(target: target))
            Issue.record("\(target) was taken")
        } catch {
            #expect(error.code == .invalidArgument)
            #expect(error.origin == .notConnected)
        }
    }

    @Test("closing ends the calls that run and refuses later ones, and says goodbye")
    func close() async throws {
        try await withPeer({ _, _, _ in }) { peer, client in
            let running = Task { await error { _ = try await client.unary("x") } }
            await peer.log.wait(for: "ended")
            await client.close()
            #expect(await running.value?.code == .cancelled)
            let late = await error { _ = try await client.unary("x") }
            #expect(late?.message == "the client has been closed")
            await peer.log.wait(for: "goaway 0")
            await peer.log.wait(for: "closed")
        }
    }

    @Test("a client that is let go closes its connection")
    func letGo() async throws {
        let peer = try Peer(echo)
        defer { peer.stop() }
        do {
            let client = try makeClient(peer.target)
            let answer = try await client.unary("x")
            #expect(answer == "x")
        }
        await peer.log.wait(for: "closed")
    }
}
