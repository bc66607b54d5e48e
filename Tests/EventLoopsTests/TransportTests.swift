import Bytes
import EventLoops
import TestKit
import Testing
import Threads

@Suite("Transports", .timeLimit(.minutes(5 * Patience.factor))) struct TransportTests {
    private let clients: LoopThread

    init() throws { clients = try LoopThread(name: "clients") }

    @Test("carry bytes both ways over TCP", arguments: ["127.0.0.1:0", "[::1]:0"])
    func echo(address: String) throws {
        let server = try Server(on: address) { _ in Echo() }
        #expect(server.address.port != 0)
        let client = try clients.connect(to: server.address) { Speaker(Array("hello".utf8), log: $0) }
        #expect(client.log.wait { $0.received.count == 5 }.received == Array("hello".utf8))
    }

    @Test("deliver every byte in order, wherever the stream is cut", arguments: [1, 2, 7, 1_000, 65_536, 65_537])
    func cuts(pieceByteCount: Int) throws {
        let script = pattern(pieceByteCount < 100 ? 3_000 : 300_000)
        let server = try Server { _ in Echo() }
        let client = try clients.connect(to: server.address) { log in
            Speaker(script, pieceByteCount: pieceByteCount, log: log)
        }
        #expect(client.log.wait { $0.received.count >= script.count }.received == script)
    }

    @Test("hold back a handler whose peer does not read, and lose nothing when it reads at last")
    func slowReader() throws {
        let script = pattern(16 << 20)
        var configuration = EventLoop.Configuration()
        configuration.fillByteCountMax = 64 << 10
        let log = SharedLog(Log())
        let bound = Monitor<LoopBound<Transport>?>(nil)
        let server = try Server(configuration: configuration) { transport in
            bound.signal { $0 = LoopBound(transport, loop: transport.loop) }
            return Speaker(script, log: log)
        }
        let reader = try clients.connect(to: server.address)
        let writer = bound.wait { $0 }
        // Until the reader starts, the system's buffers fill up and then one fill waits.
        while server.thread.call({ _ in writer.value.unsentByteCount }) == 0 {}
        let held = log.current.producedByteCount
        #expect(held < script.count)
        #expect(try #require(server.thread.call { _ in writer.value.unsentByteCount }) <= 64 << 10)
        server.thread.finishTurn()
        #expect(log.current.producedByteCount == held, "nothing more is asked for")

        let heard = SharedLog(Log())
        clients.post { _ in reader.value.start(Speaker([], log: heard)) }
        let isWhole = heard.wait { $0.received.count >= script.count }.received == script
        #expect(isWhole)
        #expect(server.thread.call { _ in writer.value.unsentByteCount } == 0)
    }

    @Test("serve the others while one handler never stops producing")
    func fairness() throws {
        let both = try LoopThread(name: "both")
        let addresses = try #require(
            both.call { loop in
                Result {
                    let any = SocketAddress.ipv4(.loopback, port: 0)
                    let flood = try loop.listen(on: any, reusePort: false) { _ in Flood() }
                    let echo = try loop.listen(on: any, reusePort: false) { _ in Echo() }
                    return (flood, echo)
                }
            }
        ).get()
        let reader = try LoopThread(name: "reader")
        let listener = try reader.connect(to: addresses.0) { Drain($0) }
        listener.log.wait { $0.producedByteCount > 1 << 20 }
        let client = try clients.connect(to: addresses.1) { Speaker(Array("hello".utf8), log: $0) }
        client.log.wait { $0.received.count == 5 }
    }

    @Test("ask for bytes that became ready later")
    func laterReplies() throws {
        let made = Monitor<LoopBound<Speaker>?>(nil)
        let transports = Monitor<LoopBound<Transport>?>(nil)
        let server = try Server { transport in
            let speaker = Speaker([])
            made.signal { $0 = LoopBound(speaker, loop: transport.loop) }
            transports.signal { $0 = LoopBound(transport, loop: transport.loop) }
            return speaker
        }
        let client = try clients.connect(to: server.address) { Speaker([], log: $0) }
        let speaker = made.wait { $0 }
        let transport = transports.wait { $0 }
        server.thread.post { _ in
            speaker.value.say([1, 2, 3])
            transport.value.wantsToSend()
            transport.value.wantsToSend()
        }
        #expect(client.log.wait { $0.received.count == 3 }.received == [1, 2, 3])
    }
}

/// Produces without end.
final class Flood: TransportHandler {
    func received(_ bytes: Span<UInt8>) -> Bool { true }
    func produce(into output: ByteArena, limit: Int) -> Production {
        output.append([UInt8](repeating: 0, count: limit))
        return .more
    }
    func closed(_ reason: CloseReason) {}
}

/// Counts what it hears (as produced) and keeps none of it.
final class Drain: TransportHandler {
    private let log: SharedLog
    init(_ log: SharedLog) { self.log = log }

    func received(_ bytes: Span<UInt8>) -> Bool {
        let count = bytes.count
        log.broadcast { log in log.producedByteCount += count }
        return true
    }
    func produce(into output: ByteArena, limit: Int) -> Production { .drained }
    func closed(_ reason: CloseReason) { log.record(reason) }
}
