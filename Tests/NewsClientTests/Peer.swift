import Bytes
import EventLoops
import GRPCWire
import HTTP2
import NewsClient
import Synchronization
import Testing

/// A server in this process that does what a test tells it, on a real socket.
final class Peer: Sendable {
    /// What a stream of the peer has come to, when its script is asked what to do.
    enum Moment { case opened, data, ended }
    typealias Script = @Sendable (PeerConnection, _ slot: Int, Moment) -> Void

    let log = EventLog()
    let target: String
    private let thread: LoopThread
    private let state: LoopBound<State>

    /// Connections, on the peer's loop.
    final class State {
        var connections: [PeerConnection] = []
    }

    /// - Parameter address: port 0 and loopback unless the test needs another.
    init(
        on address: String = "127.0.0.1:0", settings: SessionSettings = SessionSettings(), _ script: @escaping Script
    ) throws {
        thread = try LoopThread(name: "peer")
        state = try #require(thread.call { loop in LoopBound(State(), loop: loop) })
        let wanted = try SocketAddress(parsing: address)
        let bound = thread.call { [log, state] loop in
            try? loop.listen(on: wanted, reusePort: false) { transport in
                log.add("connected")
                let connection = PeerConnection(transport, settings: settings, log: log, script: script)
                state.value.connections.append(connection)
                return connection
            }
        }
        target = try #require(bound ?? nil).description
    }

    /// Runs `body` on the peer's loop, with its connections in the order they were made.
    func act(_ body: @escaping @Sendable ([PeerConnection]) -> Void) {
        thread.post { [state] _ in body(state.value.connections) }
    }

    func stop() { thread.stop() }
}

/// What a peer saw, for tests to wait for.
final class EventLog: Sendable {
    private struct State {
        var events: [String] = []
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    var events: [String] { state.withLock { $0.events } }

    func count(_ event: String) -> Int { events.count { $0 == event } }

    func add(_ event: String) {
        let waiting = state.withLock { state in
            state.events.append(event)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until `event` has been seen `count` times.
    func wait(for event: String, count: Int = 1) async {
        while self.count(event) < count {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.events.count(where: { $0 == event }) >= count { return true }
                    state.waiting.append(continuation)
                    return false
                }
                if isThere { continuation.resume() }
            }
        }
    }
}

/// One connection of a peer, on its loop.
final class PeerConnection: TransportHandler, StreamEvents {
    struct Stream {
        var fields: [(name: String, value: String)] = []
        var body: [UInt8] = []
    }

    let transport: Transport
    let log: EventLog
    var streams: [Int: Stream] = [:]
    /// Whether the peer reads what comes.
    var consumes = true
    private let script: Peer.Script
    private let settings: SessionSettings
    private let replies = ByteArena()
    private(set) lazy var session = ServerSession(settings: settings, replies: replies, events: self)

    init(_ transport: Transport, settings: SessionSettings, log: EventLog, script: @escaping Peer.Script) {
        self.transport = transport
        self.settings = settings
        self.log = log
        self.script = script
    }

    static let head: [(name: String, value: String)] = [(":status", "200"), ("content-type", "application/grpc")]

    private func block(_ fields: [(name: String, value: String)]) -> HeaderBlock {
        HeaderBlock(fields.map { ($0.name, Array($0.value.utf8)) })
    }

    func field(_ slot: Int, _ name: String) -> String? { streams[slot]?.fields.first { $0.name == name }?.value }

    func begin(_ slot: Int, _ fields: [(name: String, value: String)] = head) {
        session.begin(slot, head: block(fields))
        transport.wantsToSend()
    }

    func send(_ slot: Int, _ message: [UInt8]) {
        session.send(slot, MessagePrefix.framed(message) ?? [])
        transport.wantsToSend()
    }

    func finish(_ slot: Int, _ trailers: [(name: String, value: String)] = [("grpc-status", "0")]) {
        session.finish(slot, trailers: block(trailers))
        transport.wantsToSend()
    }

    /// A whole unary reply.
    func reply(_ slot: Int, _ message: [UInt8]) {
        begin(slot)
        send(slot, message)
        finish(slot)
    }

    /// A reply of one header section.
    func refuse(_ slot: Int, _ fields: [(name: String, value: String)]) {
        session.reply(slot, headOnly: block(fields))
        transport.wantsToSend()
    }

    // MARK: TransportHandler

    func received(_ bytes: Span<UInt8>) -> Bool { session.receive(bytes) == .taken }

    func produce(into output: ByteArena, limit: Int) -> Production {
        switch session.produce(into: output, limit: limit) {
        case .drained: .drained
        case .more: .more
        case .finished: .finished
        case .failed: .failed
        }
    }

    func closed(_ reason: CloseReason) { log.add("closed") }

    // MARK: StreamEvents

    func streamOpened(_ slot: Int) { streams[slot] = Stream() }

    func field(_ slot: Int, name: Span<UInt8>, value: Span<UInt8>) {
        streams[slot]?.fields.append((String(repairing: name), String(repairing: value)))
    }

    func fieldsEnded(_ slot: Int, isTrailer: Bool, endOfStream: Bool) {
        log.add("opened")
        script(self, slot, .opened)
    }

    func data(_ slot: Int, _ bytes: Span<UInt8>) {
        streams[slot]?.body.append(copying: bytes)
        if consumes { session.consume(slot, stream: bytes.count, connection: bytes.count) }
        script(self, slot, .data)
    }

    func endOfStream(_ slot: Int) {
        log.add("ended")
        script(self, slot, .ended)
    }

    func bodyDrained(_ slot: Int) {}

    func streamClosed(_ slot: Int, _ code: ErrorCode) {
        log.add("stream closed \(code.rawValue)")
        streams[slot] = nil
    }

    func goAway(lastStream: Int32, _ code: ErrorCode, debugData: Span<UInt8>) { log.add("goaway \(code.rawValue)") }

    func settingsReceived() {}
}
