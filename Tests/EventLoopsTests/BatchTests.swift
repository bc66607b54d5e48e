import Bytes
import EventLoops
import TestKit
import Testing
import Threads

/// What happens when several sockets have events in one turn. The loop is held in a job until they have.
@Suite("A turn with many events", .timeLimit(.minutes(5 * Patience.factor))) struct BatchTests {
    private let clients: LoopThread

    init() throws { clients = try LoopThread(name: "clients") }

    /// Three connections; "k" at one of them closes the others.
    private final class Group {
        var members: [Transport] = []
    }

    private final class Killer: TransportHandler {
        private unowned let transport: Transport
        private let group: Group
        private let log: SharedLog

        init(_ transport: Transport, _ group: Group, _ log: SharedLog) {
            (self.transport, self.group, self.log) = (transport, group, log)
        }

        func received(_ bytes: Span<UInt8>) -> Bool {
            let copy = [UInt8](copying: bytes)
            log.broadcast { log in log.received += copy }
            if copy.contains(UInt8(ascii: "k")) {
                for other in group.members where other !== transport { other.close(.local) }
            }
            return true
        }
        func produce(into output: ByteArena, limit: Int) -> Production { .drained }
        func closed(_ reason: CloseReason) { log.record(reason) }
    }

    @Test("drops the events of a connection that another's handler has closed")
    func closedByAnother() throws {
        let logs = (0..<3).map { _ in SharedLog(Log()) }
        let server = try Server { _ in nil }
        let address = try listen(server.thread, logs)
        let members = try (0..<3).map { _ in try connected(to: address, server.thread) }
        hold(server.thread) {
            say("k", members[1])
            say("a", members[0])
            say("a", members[2])
        }
        #expect(logs[0].closeReason == .local)
        #expect(logs[2].closeReason == .local)
        server.thread.finishTurn()
        #expect(logs.map(\.current.received) == [[], Array("k".utf8), []])
        #expect(logs.map(\.current.closedCount) == [1, 0, 1])
    }

    @Test("keeps the events of a closed connection from a new one that got its descriptor")
    func descriptorReuse() throws {
        let logs = (0..<3).map { _ in SharedLog(Log()) }
        let server = try Server { _ in nil }
        let address = try listen(server.thread, logs)
        let members = try (0..<2).map { _ in try connected(to: address, server.thread) }
        var late: LoopBound<Transport>?
        try hold(server.thread) {
            say("k", members[0])  // Closes the other one, ...
            late = try clients.connect(to: address)  // ... so that this one gets its descriptor in the same turn, ...
            say("old", members[1])  // ... and then its event comes.
        }
        let new = try #require(late)
        #expect(logs[1].closeReason == .local)
        clients.post { _ in new.value.start(Speaker(Array("new".utf8))) }
        #expect(logs[2].wait { $0.received.count == 3 }.received == Array("new".utf8))
        #expect(logs[2].current.closedCount == 0)
    }

    /// Listens on the loop of `thread`; the n-th connection writes the n-th log.
    private func listen(_ thread: LoopThread, _ logs: [SharedLog]) throws -> SocketAddress {
        let listening = thread.call { loop in
            let group = Group()
            return Result {
                try loop.listen(on: .ipv4(.loopback, port: 0), reusePort: false) { transport in
                    defer { group.members.append(transport) }
                    return Killer(transport, group, logs[group.members.count])
                }
            }
        }
        return try #require(listening).get()
    }

    /// A connection that was accepted.
    private func connected(to address: SocketAddress, _ thread: LoopThread) throws -> LoopBound<Transport> {
        let before = thread.call { loop in loop.transportCount } ?? 0
        let transport = try clients.connect(to: address)
        while thread.call({ loop in loop.transportCount }) == before {}
        return transport
    }

    /// Runs `body` while the loop of `thread` is busy, and so waits for no events.
    private func hold(_ thread: LoopThread, _ body: () throws -> Void) rethrows {
        let (isHeld, release) = (WaitFlag(), WaitFlag())
        thread.post { _ in
            isHeld.raise()
            release.wait()
        }
        isHeld.wait()
        defer { release.raise() }
        try body()
    }

    /// Sends, and returns when it was sent.
    private func say(_ text: String, _ transport: LoopBound<Transport>) {
        let log = SharedLog(Log())
        clients.post { _ in transport.value.start(Speaker(Array(text.utf8), log: log)) }
        log.wait { $0.producedByteCount == text.utf8.count }
        clients.finishTurn()
    }
}
