import EventLoops
import HTTP2
import NewsClient
import Synchronization
import TestKit
import Testing
import Threads

@Suite("A client's addresses", .timeLimit(.minutes(5 * Patience.factor))) struct RPCClientTargetTests {
    /// Answers look-ups with one list after the other, the last one for good.
    private final class Names: Sendable {
        private let answers: Mutex<[Result<[SocketAddress], AddressError>]>

        init(_ answers: [Result<[SocketAddress], AddressError>]) { self.answers = Mutex(answers) }

        init(targets: [[String]]) throws {
            answers = Mutex(try targets.map { .success(try $0.map(SocketAddress.init(parsing:))) })
        }

        func look(_ name: String) throws(AddressError) -> [SocketAddress] {
            try answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }.get()
        }
    }

    /// Where nobody listens: the system gave the port to a peer that is gone.
    private func deadTarget() throws -> String {
        let peer = try Peer(echo)
        peer.stop()
        return peer.target
    }

    private func client(
        _ names: Names, _ change: (inout RPCClient.Configuration) -> Void = { _ in }
    ) throws -> RPCClient {
        try makeClient("news.test:1") { configuration in
            configuration.lookup = names.look
            configuration.backOff.initial = .milliseconds(1)
            configuration.backOff.maximum = .milliseconds(20)
            change(&configuration)
        }
    }

    @Test("D21: pick_first goes to the first address that answers")
    func pickFirst() async throws {
        let peers = [try Peer(echo), try Peer(echo)]
        defer { for peer in peers { peer.stop() } }
        let client = try client(Names(targets: [[try deadTarget(), peers[0].target, peers[1].target]]))
        for _ in 0..<4 { _ = try await client.unary("x") }
        #expect(peers.map { $0.log.count("ended") } == [4, 0])
        await client.close()
    }

    @Test("D21: an address that takes connections and says nothing holds up nobody for long")
    func silentAddress() async throws {
        let silent = try RawPeer(replies: [])
        let peer = try Peer(echo)
        defer {
            silent.stop()
            peer.stop()
        }
        let client = try client(Names(targets: [[silent.target, peer.target]])) {
            $0.connectionAttemptDelay = .milliseconds(20)
        }
        let answer = try await client.unary("x")
        #expect(answer == "x")
        await silent.log.wait(for: "closed")
        await client.close()
    }

    @Test("several addresses of a target without a name are tried in order")
    func literals() async throws {
        let peer = try Peer(echo)
        defer { peer.stop() }
        let client = try makeClient("ipv4:\(try deadTarget()),\(peer.target)")
        let answer = try await client.unary("x")
        #expect(answer == "x")
        await client.close()
    }

    @Test("an IPv6 address is called")
    func ipv6() async throws {
        // A machine may have no IPv6, not even loopback.
        guard let peer = try? Peer(on: "[::1]:0", echo) else { return }
        defer { peer.stop() }
        for target in [peer.target, "ipv6:\(peer.target)"] {
            let client = try makeClient(target)
            let answer = try await client.unary("x")
            #expect(answer == "x")
            await client.close()
        }
    }

    @Test("round_robin calls all addresses in turn")
    func roundRobin() async throws {
        let peers = [try Peer(echo), try Peer(echo), try Peer(echo)]
        defer { for peer in peers { peer.stop() } }
        let client = try client(Names(targets: [peers.map(\.target)])) { $0.balancing = .roundRobin }
        // The first calls go to whatever is connected first.
        while peers.contains(where: { $0.log.count("ended") == 0 }) { _ = try await client.unary("x") }
        let before = peers.map { $0.log.count("ended") }
        for _ in 0..<30 { _ = try await client.unary("x") }
        #expect(zip(peers, before).map { $0.log.count("ended") - $1 } == [10, 10, 10])
        await client.close()
    }

    @Test("round_robin goes on with the addresses that are left")
    func roundRobinLoss() async throws {
        let peers = [try Peer(echo), try Peer(echo)]
        defer { peers[1].stop() }
        let client = try client(Names(targets: [peers.map(\.target)])) { $0.balancing = .roundRobin }
        while peers.contains(where: { $0.log.count("ended") == 0 }) { _ = try await client.unary("x") }
        peers[0].stop()
        for _ in 0..<20 {
            let answer = try await client.read("x")
            #expect(answer == "x")
        }
        await client.close()
    }

    @Test("round_robin learns of new addresses when one is lost")
    func roundRobinChange() async throws {
        let peers = [try Peer(echo), try Peer(echo), try Peer(echo)]
        defer { for peer in peers.dropFirst() { peer.stop() } }
        let targets = peers.map(\.target)
        let client = try client(Names(targets: [[targets[0], targets[1]], [targets[1], targets[2]]])) {
            $0.balancing = .roundRobin
            $0.lookupInterval = .zero
        }
        while peers[0].log.count("ended") == 0 { _ = try await client.unary("x") }
        peers[0].stop()
        while peers[2].log.count("ended") == 0 { _ = try await client.read("x") }
        await client.close()
    }

    @Test("D21: the name is looked up again when no address answers any more")
    func resolvedAgain() async throws {
        let old = try Peer(echo)
        let new = try Peer(echo)
        defer { new.stop() }
        let client = try client(Names(targets: [[old.target], [new.target]]))
        _ = try await client.unary("x")
        old.stop()
        let answer = try await client.unary("y", CallOptions(waitForReady: true))
        #expect(answer == "y")
        #expect(new.log.count("ended") == 1)
        await client.close()
    }

    @Test("a name without an address fails calls that do not wait, with the reason")
    func unknownName() async throws {
        let names = Names([.failure(.unknownHost(host: "news.test", reason: "not known"))])
        let client = try client(names)
        let thrown = await error { _ = try await client.unary("x") }
        #expect(thrown?.code == .unavailable)
        #expect(thrown?.origin == .notConnected)
        #expect(thrown?.message == "no connection to news.test:1: host \"news.test\": not known")
        await client.close()
    }

    @Test("a name that is found at the second look serves calls that wait")
    func foundLater() async throws {
        let peer = try Peer(echo)
        defer { peer.stop() }
        let found = Result<[SocketAddress], AddressError>.success([try SocketAddress(parsing: peer.target)])
        let client = try client(Names([.failure(.unknownHost(host: "news.test", reason: "not known")), found]))
        let answer = try await client.unary("x", CallOptions(waitForReady: true))
        #expect(answer == "x")
        await client.close()
    }

    @Test("a name service that does not answer is not waited for")
    func slowNameService() async throws {
        let release = Monitor(false)
        let client = try makeClient("news.test:1") { configuration in
            configuration.lookupTimeout = .milliseconds(20)
            configuration.lookup = { _ throws(AddressError) in
                _ = release.wait { $0 ? true : nil }
                return []
            }
        }
        let thrown = await error { _ = try await client.unary("x") }
        #expect(thrown?.code == .unavailable)
        #expect(thrown?.message.hasSuffix("the name service did not answer within 0.02 seconds") == true)
        await client.close()
        release.signal { $0 = true }
    }

    @Test("D21: wait-for-ready waits for a server that comes later")
    func waitForReady() async throws {
        let directory = try TemporaryDirectory("client")
        let target = "unix:" + directory.entry("socket")
        let log = EventLog()
        let client = try makeClient(target) { configuration in
            configuration.backOff.initial = .milliseconds(1)
            configuration.backOff.maximum = .milliseconds(20)
            configuration.log = { line in if line.hasPrefix("no connection") { log.add("failed") } }
        }
        let waiting = Task { try await client.unary("x", CallOptions(waitForReady: true)) }
        await log.wait(for: "failed", count: 3)
        let impatient = await error { _ = try await client.unary("y") }
        #expect(impatient?.code == .unavailable)
        let peer = try Peer(on: target, echo)
        defer { peer.stop() }
        let answer = try await waiting.value
        #expect(answer == "x")
        await client.close()
    }

    @Test("D21: a call that waits in vain ends with its deadline and tells what it waited for")
    func waitInVain() async throws {
        let directory = try TemporaryDirectory("client")
        let client = try makeClient("unix:" + directory.entry("socket"))
        let options = CallOptions(timeout: .milliseconds(500), waitForReady: true)
        let thrown = await error { _ = try await client.unary("x", options) }
        #expect(thrown?.code == .deadlineExceeded)
        #expect(thrown?.origin == .notConnected)
        #expect(thrown?.message.contains("waited for a connection: no connection to unix:") == true)
        #expect(thrown?.message.hasSuffix("No such file or directory") == true)
        await client.close()
    }
}
