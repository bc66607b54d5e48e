import EventLoops
import TestKit
import Testing
import Threads

@Suite("Time limits of connections", .timeLimit(.minutes(5 * Patience.factor))) struct TimeLimitTests {
    private let clients: LoopThread
    private let clock = ManualClock()
    private let log = SharedLog(Log())

    init() throws { clients = try LoopThread(name: "clients") }

    private var configuration: EventLoop.Configuration {
        var configuration = EventLoop.Configuration()
        configuration.clock = { [clock] in clock.now }
        return configuration
    }

    /// Turns the clock and has the loop look at it.
    private func pass(_ duration: Duration, _ server: Server) {
        clock.advance(by: duration)
        server.thread.finishTurn()
        server.thread.finishTurn()  // The turn after: timers ring after the jobs of a turn.
    }

    @Test("close a connection on which no byte has moved for the idle timeout, and no other")
    func idle() throws {
        var configuration = configuration
        configuration.idleTimeout = .seconds(60)
        let server = try Server(configuration: configuration) { [log] _ in Echo(log) }
        let client = try clients.connect(to: server.address) { Speaker([1], log: $0) }
        client.log.wait { $0.received.count == 1 }
        pass(.seconds(59), server)
        #expect(log.current.reason == nil)
        client.say([2], on: clients)
        client.log.wait { $0.received.count == 2 }
        pass(.seconds(59), server)
        #expect(log.current.reason == nil)
        pass(.seconds(2), server)
        #expect(log.current.reason == .idle)
        #expect(client.log.closeReason == .peer)
    }

    @Test("close a connection whose handshake is not finished in time")
    func handshake() throws {
        let server = try Server(configuration: configuration) { [log] transport in
            transport.limitHandshake(to: .seconds(10))
            return Echo(log)
        }
        let client = try clients.connect(to: server.address) { Speaker([1], log: $0) }
        client.log.wait { $0.received.count == 1 }
        pass(.seconds(9), server)
        #expect(log.current.reason == nil)
        pass(.seconds(2), server)
        #expect(log.current.reason == .handshakeTimeout)
    }

    @Test("leave a connection alone whose handshake is finished")
    func finishedHandshake() throws {
        let server = try Server(configuration: configuration) { [log] transport in
            transport.limitHandshake(to: .seconds(10))
            transport.finishHandshake()
            return Echo(log)
        }
        let client = try clients.connect(to: server.address) { Speaker([1], log: $0) }
        client.log.wait { $0.received.count == 1 }
        pass(.seconds(3_600), server)
        #expect(log.current.reason == nil)
    }

    @Test("close a connection whose peer takes nothing of what waits for it")
    func stalled() throws {
        var configuration = configuration
        configuration.writeStallTimeout = .seconds(20)
        let writer = Monitor<LoopBound<Transport>?>(nil)
        let server = try Server(configuration: configuration) { [log] transport in
            writer.signal { $0 = LoopBound(transport, loop: transport.loop) }
            return Speaker(pattern(16 << 20), log: log)
        }
        let reader = try clients.connect(to: server.address)
        let transport = writer.wait { $0 }
        while server.thread.call({ _ in transport.value.unsentByteCount }) == 0 {}
        pass(.seconds(19), server)
        #expect(log.current.reason == nil)
        pass(.seconds(2), server)
        #expect(log.current.reason == .writeStalled)
        clients.post { _ in reader.value.close(.local) }
    }

    @Test("an alarm rings once at its time, and rings again when it is set again")
    func alarm() throws {
        let server = try Server(configuration: configuration) { [log, clock] transport in
            transport.alarm = clock.now + 30_000_000_000
            return Ringing(transport, log: log)
        }
        let client = try clients.connect(to: server.address) { Speaker([1], log: $0) }
        client.log.wait { $0.received.count == 1 }
        pass(.seconds(29), server)
        #expect(log.current.alarmCount == 0)
        pass(.seconds(2), server)
        #expect(log.current.alarmCount == 1)
        pass(.seconds(9), server)
        #expect(log.current.alarmCount == 1)
        pass(.seconds(2), server)
        #expect(log.current.alarmCount == 2)
        pass(.seconds(1000), server)
        #expect(log.current.alarmCount == 2)
        #expect(log.current.reason == nil)
    }

    @Test("end the wait for a peer that does not close after the last byte")
    func lingering() throws {
        let server = try Server(configuration: configuration) { [log] _ in
            Speaker([1], isLastWord: true, log: log)
        }
        // Never started, so it neither reads nor closes.
        let client = try clients.connect(to: server.address)
        #expect(log.closeReason == .local)
        #expect(server.thread.call { $0.transportCount } == 1)
        pass(.milliseconds(1_100), server)
        #expect(server.thread.call { $0.transportCount } == 0)
        clients.post { _ in client.value.close(.local) }
    }
}
