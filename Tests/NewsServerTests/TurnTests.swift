import Bytes
import EventLoops
import GRPCCall
import GRPCWire
import HTTP2
import NewsServer
import Synchronization
import Testing
import Threads

@Suite("The turns of a loop") struct TurnTests {
    @Test("C7: who works for a call that the peer resets hears of it in the turn in which the frame comes in")
    func cancellation() async throws {
        let setup = try TurnSetup()
        let peer = await setup.connect()
        for (method, mark) in [(Echo.ignore, "opened"), (.never, "handed on")] {
            setup.thread.post { _ in peer.value.open(method) }
            await setup.wait(for: mark)
        }
        // Both resets and the call leave in one piece, so the server reads them in one turn; that turn is the call's.
        setup.thread.post { _ in peer.value.resetAllAndOpen(.say) }
        await setup.wait(for: "asked")
        let events = setup.log.withLock { $0 }
        #expect(events.suffix(3).map(\.name) == ["ended", "abandoned", "asked"])
        #expect(Set(events.suffix(3).map(\.turn)).count == 1)
        await setup.end()
    }

    @Test("requests that come to a handler after a pause come a few in each turn, in their order")
    func resumedRequests() async throws {
        let setup = try TurnSetup()
        let peer = await setup.connect()
        setup.thread.post { _ in
            peer.value.open(.ignore)
            for number in 2...100 { peer.value.send(UInt8(number)) }
            peer.value.open(.say)
        }
        // By then all that was sent before it is there.
        await setup.wait(for: "asked")
        setup.calls.withLock { $0[0] }.request(100)
        let received = await blocking {
            setup.log.wait { events -> [TurnLog.Event]? in
                let received = events.filter { $0.name.hasPrefix("received") }
                return received.count == 100 ? received : nil
            }
        }
        #expect(received.map(\.name) == (1...100).map { "received \($0)" })
        let turns = Dictionary(grouping: received, by: \.turn).sorted { $0.key < $1.key }
        #expect(turns.map(\.value.count) == [32, 32, 32, 4])
        await setup.end()
    }
}

/// A server of one loop that notes its turns, and the thread of its peer.
private struct TurnSetup {
    let log = Monitor<[TurnLog.Event]>([])
    /// The streamed calls that were opened.
    let calls = Monitor<[CallReference]>([])
    let server: CallServer
    let thread: LoopThread

    init() throws {
        var configuration = CallServer.Configuration(
            addresses: [try SocketAddress(parsing: "127.0.0.1:0")], routing: Echo.routing)
        configuration.loopCount = 1
        server = try CallServer(configuration) { [log, calls] _ in TurnDispatcher(TurnLog(log), calls) }
        thread = try LoopThread(name: "peer")
    }

    func connect() async -> LoopBound<TurnPeer> { await TurnPeer.connect(to: server.addresses[0], on: thread) }

    /// Waits until something of this name has happened.
    func wait(for name: String) async {
        _ = await blocking { [log] in log.wait { events in events.contains { $0.name == name } ? true : nil } }
    }

    func end() async {
        await blocking { [server, thread] in
            thread.stop()
            server.stop()
        }
    }
}

/// What happened, and in which turn of the loop.
private final class TurnLog: Sendable {
    struct Event: Sendable {
        let name: String
        let turn: Int
    }

    private let events: Monitor<[Event]>
    private let turn = Atomic<Int>(0)

    init(_ events: Monitor<[Event]>) { self.events = events }

    func add(_ name: String) {
        let event = Event(name: name, turn: turn.load(ordering: .relaxed))
        events.broadcast { $0.append(event) }
    }

    func turnEnded() { turn.add(1, ordering: .relaxed) }
}

private final class TurnDispatcher: CallDispatcher {
    private let log: TurnLog
    private let calls: Monitor<[CallReference]>

    init(_ log: TurnLog, _ calls: Monitor<[CallReference]>) {
        self.log = log
        self.calls = calls
    }

    func unary(_ method: Int, _ request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome {
        guard Echo(rawValue: method) == .never else {
            log.add("asked")
            return .replied
        }
        log.add("handed on")
        call.observe(Observer(log))
        return .later
    }

    func open(_ method: Int, _ call: CallReference) -> any StreamHandler {
        calls.withLock { $0.append(call) }
        log.add("opened")
        return Handler(log)
    }

    func turnEnded() { log.turnEnded() }

    private final class Handler: StreamHandler {
        private let log: TurnLog
        init(_ log: TurnLog) { self.log = log }
        func received(_ message: Span<UInt8>) { log.add("received \(message[0])") }
        func halfClosed() {}
        func drained() {}
        func ended() { log.add("ended") }
    }

    private final class Observer: CallObserver {
        private let log: TurnLog
        init(_ log: TurnLog) { self.log = log }
        func abandoned() { log.add("abandoned") }
    }
}

/// A client that does several things at once: what it sends in one turn leaves in one piece.
private final class TurnPeer: TransportHandler, StreamEvents {
    private let transport: Transport
    private lazy var session = ClientSession(settings: SessionSettings(), events: self)
    private var open: [Int] = []

    private init(_ transport: Transport) { self.transport = transport }

    static func connect(to address: SocketAddress, on thread: LoopThread) async -> LoopBound<TurnPeer> {
        let made = Monitor<LoopBound<TurnPeer>?>(nil)
        thread.post { loop in
            loop.connect(to: address, timeout: .seconds(10)) { result in
                guard case .success(let transport) = result else { return }
                let peer = TurnPeer(transport)
                transport.start(peer)
                made.broadcast { $0 = LoopBound(peer, loop: loop) }
            }
        }
        return await blocking { made.wait { $0 } }
    }

    func open(_ method: Echo) {
        let head = HeaderBlock(literals: [
            ":method": "POST", ":scheme": "http", ":path": method.path, ":authority": "localhost",
            "te": "trailers", "content-type": "application/grpc",
        ])
        guard let slot = session.open(head: head), let framed = MessagePrefix.framed([1]) else { return }
        session.send(slot, framed)
        if method.isUnary { session.finish(slot) }
        open.append(slot)
        transport.wantsToSend()
    }

    /// One more message of the call that was opened last.
    func send(_ byte: UInt8) {
        guard let slot = open.last, let framed = MessagePrefix.framed([byte]) else { return }
        session.send(slot, framed)
        transport.wantsToSend()
    }

    func resetAllAndOpen(_ method: Echo) {
        for slot in open { session.reset(slot, .cancel) }
        open(method)
    }

    func received(_ bytes: Span<UInt8>) -> Bool { session.receive(bytes) == .taken }
    func produce(into output: ByteArena, limit: Int) -> Production {
        session.produce(into: output, limit: limit) == .more ? .more : .drained
    }
    func closed(_ reason: CloseReason) {}
    func streamOpened(_ slot: Int) {}
    func field(_ slot: Int, name: Span<UInt8>, value: Span<UInt8>) {}
    func fieldsEnded(_ slot: Int, isTrailer: Bool, endOfStream: Bool) {}
    func data(_ slot: Int, _ bytes: Span<UInt8>) {}
    func endOfStream(_ slot: Int) {}
    func bodyDrained(_ slot: Int) {}
    func streamClosed(_ slot: Int, _ code: ErrorCode) {}
    func goAway(lastStream: Int32, _ code: ErrorCode, debugData: Span<UInt8>) {}
    func settingsReceived() {}
}

@available(*, unavailable) extension TurnPeer: Sendable {}
