internal import Bytes
internal import EventLoops
internal import GRPCCall
internal import GRPCWire
internal import HTTP2

/// One connection: joins a socket, an HTTP/2 session and the calls on it. Loop-bound.
final class ClientConnection {
    /// Strong: a client that is let go stays until its connections are closed, which takes them off its list.
    private let channel: ClientChannel
    private let transport: Transport
    private let settings: SessionSettings
    private lazy var session = ClientSession(settings: settings, events: self)
    /// By slot. A call that is over stays until its stream is closed.
    private var calls: [ActiveCall?] = []
    private var failure: SessionFailure?
    /// The server's SETTINGS have come.
    private(set) var isReady = false
    /// What the server said when it announced its end.
    private var leavingReason: String?
    /// A stream was freed or the limit has changed: waiting calls may go on.
    private var hasNews = false

    init(channel: ClientChannel, transport: Transport, settings: SessionSettings) {
        self.channel = channel
        self.transport = transport
        self.settings = settings
    }

    var peer: String { transport.peer }

    /// Whether new calls may come here at all.
    var takesCalls: Bool { isReady && leavingReason == nil && session.takesRequests }

    /// Whether one more may come now. The peer says how many may run at once; more would be refused.
    var hasRoom: Bool { session.openStreamCount < Int(session.concurrentStreamsMax) }

    /// Gives a call its stream. `false`: this connection takes no more.
    func open(_ call: ActiveCall, head: ClientRequestHead) -> Bool {
        guard let slot = session.open(head: HeaderBlock(head.fields)) else { return false }
        while calls.count <= slot { calls.append(nil) }
        calls[slot] = call
        for bytes in call.attach(to: self, slot: slot) { session.send(slot, bytes) }
        if call.isFinished { finish(call) }
        transport.wantsToSend()
        return true
    }

    func send(_ call: ActiveCall, _ bytes: [UInt8]) {
        session.send(call.slot, bytes)
        transport.wantsToSend()
    }

    /// Nothing more comes from this side of the call.
    func finish(_ call: ActiveCall) {
        session.finish(call.slot)
        call.machine.halfClosed()
        transport.wantsToSend()
    }

    /// Messages of the call were taken: the server may send as many bytes more.
    func consumed(_ call: ActiveCall, _ byteCount: Int) {
        session.consume(call.slot, stream: byteCount, connection: 0)
        transport.wantsToSend()
    }

    /// Says on the wire what a call's end asks for, and ends it. Its stream is still open.
    func end(_ call: ActiveCall, _ ending: ClientCallEnding) {
        let isUnsent = session.unsentByteCount(call.slot) > 0
        if let reset = ending.reset ?? (isUnsent ? .noError : nil) {
            session.reset(call.slot, ErrorCode(rawValue: reset.rawValue))
            transport.wantsToSend()
        }
        channel.ended(call, ending)
    }

    /// Says goodbye. What was queued leaves at the end of the turn.
    func terminate() {
        session.terminate(.noError)
        transport.wantsToSend()
    }

    private func tellNews() {
        guard hasNews else { return }
        hasNews = false
        channel.roomChanged(self)
    }

    private func lost(_ reason: CloseReason) -> String {
        if let failure { return "HTTP/2 session failed: \(failure)" }
        guard isReady || reason != .local else { return "what answers is not an HTTP/2 server" }
        return reason.description
    }
}

extension ClientConnection: TransportHandler {
    func received(_ bytes: Span<UInt8>) -> Bool {
        if case .failed(let failure) = session.receive(bytes) { self.failure = failure }
        tellNews()
        return failure == nil
    }

    func produce(into output: ByteArena, limit: Int) -> Production {
        let outcome = session.produce(into: output, limit: limit)
        tellNews()
        switch outcome {
        case .drained: return .drained
        case .more: return .more
        case .finished: return .finished
        case .failed(let failure):
            self.failure = failure
            return .failed
        }
    }

    func closed(_ reason: CloseReason) {
        let text = lost(reason)
        for case let call? in calls {
            let message = "connection to \(peer) was lost: \(text)"
            guard let ending = call.machine.connectionLost(message, isUnprocessed: false) else { continue }
            channel.ended(call, ending)
        }
        calls = []
        channel.closed(self, text)
    }
}

extension ClientConnection: StreamEvents {
    func streamOpened(_ slot: Int) {}

    func field(_ slot: Int, name: Span<UInt8>, value: Span<UInt8>) {
        call(slot)?.machine.field(name: name, value: value)
    }

    func fieldsEnded(_ slot: Int, isTrailer: Bool, endOfStream: Bool) {
        guard let call = call(slot) else { return }
        switch call.machine.fieldsEnded(isTrailer: isTrailer, endOfStream: endOfStream) {
        case .informational: session.expectMoreFields(slot)
        case .head(let metadata): call.exchange.began(metadata)
        case .wait: break
        case .ended(let ending): end(call, ending)
        }
    }

    func data(_ slot: Int, _ bytes: Span<UInt8>) {
        guard let call = call(slot), !call.machine.isOver else {
            // Nobody takes it, but the connection's other streams need the room.
            session.consume(slot, stream: 0, connection: bytes.count)
            return
        }
        var taken = 0
        let ending = call.receive(bytes, channel.compression, taken: &taken)
        session.consume(slot, stream: taken, connection: bytes.count)
        if let ending { end(call, ending) }
    }

    func endOfStream(_ slot: Int) {
        guard let call = call(slot), let ending = call.machine.endOfStream() else { return }
        end(call, ending)
    }

    func bodyDrained(_ slot: Int) {
        guard let call = call(slot) else { return }
        call.exchange.left(call.givenByteCount)
    }

    func streamClosed(_ slot: Int, _ code: ErrorCode) {
        guard let call = call(slot) else { return }
        calls[slot] = nil
        hasNews = true
        let isLate = call.deadline <= transport.loop.now
        guard let ending = call.machine.reset(code: code.rawValue, deadlinePassed: isLate) else { return }
        channel.ended(call, ending)
    }

    func goAway(lastStream: Int32, _ code: ErrorCode, debugData: Span<UInt8>) {
        let reason = String(repairing: debugData)
        leavingReason = reason
        hasNews = true
        for case let call? in calls where session.stream(of: call.slot) > lastStream {
            guard let ending = call.machine.refusedByGoAway(reason) else { continue }
            channel.ended(call, ending)
        }
    }

    func settingsReceived() {
        hasNews = true
        guard !isReady else { return }
        isReady = true
        transport.finishHandshake()
    }

    private func call(_ slot: Int) -> ActiveCall? { slot < calls.count ? calls[slot] : nil }
}
