import Bytes
import EventLoops
import TestKit
import Testing
import Threads

@Suite("The end of a connection", .timeLimit(.minutes(5 * Patience.factor))) struct CloseTests {
    private let clients: LoopThread
    private let log = SharedLog(Log())

    init() throws { clients = try LoopThread(name: "clients") }

    @Test("comes after everything was sent when the handler stops reading")
    func handlerStopsReading() throws {
        let server = try Server { [log] _ in Echo(log, until: .quit(UInt8(ascii: "q"))) }
        let client = try clients.connect(to: server.address) { Speaker(Array("last words: q".utf8), log: $0) }
        #expect(client.log.closeReason == .peer)
        #expect(client.log.current.received == Array("last words: q".utf8))
        #expect(log.closeReason == .local)
    }

    @Test("comes after everything was sent when the handler is finished, even to a peer that goes on sending")
    func handlerIsFinished() throws {
        // Closing with unread bytes in the socket would make the system reset the connection and drop what was sent.
        let script = pattern(1 << 20)
        let server = try Server { [log] _ in Speaker(script, isLastWord: true, log: log) }
        let client = try clients.connect(to: server.address) { Speaker(pattern(8 << 20), log: $0) }
        #expect(client.log.closeReason != .local)
        #expect(client.log.current.received == script)
        #expect(log.closeReason == .local)
    }

    @Test("comes at once when the handler has failed")
    func handlerFails() throws {
        let server = try Server { [log] _ in Echo(log, until: .fail(UInt8(ascii: "!"))) }
        let client = try clients.connect(to: server.address) { Speaker(Array("!".utf8), log: $0) }
        #expect(log.closeReason == .failed)
        #expect(client.log.closeReason == .peer)
        #expect(client.log.current.received.isEmpty)
    }

    @Test("is the peer's when the peer closes")
    func peerCloses() throws {
        let server = try Server { [log] _ in Echo(log) }
        let client = try clients.connect(to: server.address) { log in
            Speaker(Array("bye".utf8), isLastWord: true, log: log)
        }
        #expect(log.closeReason == .peer)
        #expect(log.current.received == Array("bye".utf8))
        #expect(client.log.closeReason == .local)
    }

    @Test("is a reset when the peer goes without having read what was sent")
    func peerResets() throws {
        let server = try Server { [log] _ in Speaker([1, 2, 3], log: log) }
        let client = try clients.connect(to: server.address)
        log.wait { $0.producedByteCount == 3 }
        server.thread.finishTurn()  // Sent, and not read: the client's transport was never started.
        clients.post { _ in client.value.close(.local) }
        #expect(log.closeReason == .reset)
    }

    @Test("is told once, and not within the call that caused it", arguments: [CloseReason.local, .error("enough")])
    func deferred(reason: CloseReason) throws {
        let order = Monitor<[String]>([])
        let server = try Server { transport in
            Closing(transport, reason, order)
        }
        let client = try clients.connect(to: server.address) { Speaker([1], log: $0) }
        #expect(client.log.closeReason == .peer)
        server.thread.finishTurn()
        let events = order.withLock { $0 }
        #expect(events.suffix(2) == ["close", "closed: \(reason)"])
        #expect(!events.contains("produce: false"))
    }

    @Test("comes with the loop's")
    func loopStops() throws {
        let server = try Server { [log] _ in Echo(log) }
        let client = try clients.connect(to: server.address) { Speaker([1], log: $0) }
        log.wait { $0.received.count == 1 }
        server.thread.stop()
        #expect(log.current.reason == .loopStopped)
        #expect(client.log.closeReason == .peer)
        #expect(log.current.closedCount == 1)
    }

    @Test("waits for the answer when only the peer's sending side is closed")
    func halfClosed() throws {
        let made = Monitor<LoopBound<Speaker>?>(nil)
        let transports = Monitor<LoopBound<Transport>?>(nil)
        let server = try Server { [log] transport in
            let speaker = Speaker([], awaitsAnswer: true, log: log)
            made.signal { $0 = LoopBound(speaker, loop: transport.loop) }
            transports.signal { $0 = LoopBound(transport, loop: transport.loop) }
            return speaker
        }
        let client = try clients.connect(to: server.address) { Speaker([1, 2], log: $0) }
        clients.post { _ in client.transport.value.finishSending() }
        log.wait { $0.isPeerFinished }
        server.thread.finishTurn()
        #expect(log.current.received == [1, 2])
        #expect(log.current.reason == nil)

        let (speaker, transport) = (made.wait { $0 }, transports.wait { $0 })
        server.thread.post { _ in
            speaker.value.say([3, 4], isLastWord: true)
            transport.value.wantsToSend()
        }
        #expect(client.log.closeReason == .peer)
        #expect(client.log.current.received == [3, 4])
        #expect(log.closeReason == .peer)
    }

    @Test("waits for what is ready when only the peer's sending side is closed and the handler is done")
    func halfClosedEcho() throws {
        let server = try Server { [log] _ in Echo(log) }
        let script = pattern(1 << 20)
        let client = try clients.connect(to: server.address) { Speaker(script, log: $0) }
        clients.post { _ in client.transport.value.finishSending() }
        #expect(client.log.closeReason == .peer)
        #expect(client.log.current.received == script)
    }

    @Test("of a connection that is refused comes at once")
    func refused() throws {
        let server = try Server { _ in nil }
        let client = try clients.connect(to: server.address) { Speaker([], log: $0) }
        #expect([.peer, .reset].contains(client.log.closeReason))
    }
}

/// Closes from inside `received`.
private final class Closing: TransportHandler {
    private unowned let transport: Transport
    private let reason: CloseReason
    private let order: Monitor<[String]>

    init(_ transport: Transport, _ reason: CloseReason, _ order: Monitor<[String]>) {
        self.transport = transport
        self.reason = reason
        self.order = order
    }

    func received(_ bytes: Span<UInt8>) -> Bool {
        transport.close(reason)
        transport.close(.failed)
        order.withLock { $0.append("close") }
        return true
    }
    func produce(into output: ByteArena, limit: Int) -> Production {
        order.withLock { $0.append("produce: \(transport.isOpen)") }
        return .drained
    }
    func closed(_ reason: CloseReason) { order.withLock { $0.append("closed: \(reason)") } }
}
