internal import Bytes
internal import EventLoops
internal import GRPCCall
internal import GRPCWire
internal import HTTP2
internal import TLS
internal import TLSTransport

/// One connection: joins a socket, an HTTP/2 session and the calls on it. Loop-bound.
final class ClientConnection {
    /// Strong, as `Subchannel.channel` is.
    let owner: Subchannel
    let transport: Transport
    private let settings: SessionSettings
    private lazy var session = ClientSession(settings: settings, events: self)
    /// By slot. A try that is over stays until its stream is closed.
    private var attempts: [CallAttempt?] = []
    /// Tries whose request was queued since bytes were last produced: none of it can have left.
    private var unproduced: [CallAttempt] = []
    private var keepalive: KeepaliveTimer?
    private var failure: SessionFailure?
    /// Nothing has come yet.
    private var isUntouched = true
    /// What the server speaks, if that is not HTTP/2 as it is spoken here.
    private var otherProtocol: String?
    /// Why this side has given the connection up.
    private var givenUpReason: String?
    /// The server's SETTINGS have come.
    private(set) var isReady = false
    /// What the server said when it announced its end.
    private(set) var leavingReason: String?
    /// New calls go elsewhere, and the connection is closed with its last one.
    private var isRetired = false
    /// A stream was freed or the limit has changed: waiting calls may go on.
    private var hasNews = false

    init(owner: Subchannel, transport: Transport, settings: SessionSettings) {
        self.owner = owner
        self.transport = transport
        self.settings = settings
    }

    private var channel: ClientChannel { owner.channel }

    var peer: String { transport.peer }

    /// Whether new calls may come here at all.
    var takesCalls: Bool {
        isReady && !isRetired && leavingReason == nil && givenUpReason == nil && session.takesRequests
    }

    /// Whether one more may come now. The peer says how many may run at once; more would be refused.
    var hasRoom: Bool { session.openStreamCount < Int(session.concurrentStreamsMax) }

    // MARK: Calls

    /// Gives a call a stream. `nil`: this connection takes no more.
    func open(_ call: ActiveCall, head: ClientRequestHead) -> CallAttempt? {
        guard let slot = session.open(head: HeaderBlock(head.fields)) else { return nil }
        let attempt = CallAttempt(of: call, on: self, slot: slot, limits: channel.callLimits)
        while attempts.count <= slot { attempts.append(nil) }
        attempts[slot] = attempt
        unproduced.append(attempt)
        keepalive?.callBegan()
        transport.wantsToSend()
        return attempt
    }

    func send(_ attempt: CallAttempt, _ bytes: [UInt8]) {
        session.send(attempt.slot, bytes)
        transport.wantsToSend()
    }

    /// Nothing more comes from this side of the call.
    func finish(_ attempt: CallAttempt) {
        session.finish(attempt.slot)
        attempt.machine.halfClosed()
        transport.wantsToSend()
    }

    /// Messages of the call were taken: the server may send as many bytes more.
    func consumed(_ attempt: CallAttempt, _ byteCount: Int) {
        session.consume(attempt.slot, stream: byteCount, connection: 0)
        transport.wantsToSend()
    }

    /// Says on the wire what the end of a try asks for, and ends it. Its stream is still open.
    func end(_ attempt: CallAttempt, _ ending: ClientCallEnding) {
        let isUnsent = session.unsentByteCount(attempt.slot) > 0
        if let reset = ending.reset ?? (isUnsent ? .noError : nil) {
            session.reset(attempt.slot, ErrorCode(rawValue: reset.rawValue))
            transport.wantsToSend()
        }
        hasNews = true
        channel.ended(attempt, ending)
    }

    // MARK: The end

    /// Says goodbye. What was queued leaves at the end of the turn.
    func terminate() {
        isRetired = true
        session.terminate(.noError)
        transport.wantsToSend()
    }

    /// Takes no new calls, and says goodbye after the last one.
    func finishCalls() {
        isRetired = true
        if session.openStreamCount == 0 { terminate() }
    }

    private func startKeepalive() {
        guard let settings = channel.keepalive else { return }
        let timer = KeepaliveTimer(settings, loop: transport.loop) { [unowned self] in
            session.openStreamCount > 0
        } ping: { [unowned self] in
            session.ping()
            transport.wantsToSend()
        } lost: { [unowned self] in
            givenUpReason = "no answer to a PING within \(settings.timeout)"
            transport.close(.local)
        }
        keepalive = timer
        timer.start()
    }

    private func tellNews() {
        guard hasNews else { return }
        hasNews = false
        if isRetired, session.openStreamCount == 0 { terminate() }
        owner.newsOf(self)
    }

    private func lost(_ reason: CloseReason) -> String {
        if let givenUpReason { return givenUpReason }
        if let otherProtocol { return otherProtocol }
        if let leavingReason { return "the server \(leavingReason)" }
        if let failure { return "HTTP/2 session failed: \(failure)" }
        guard isReady || reason != .local else { return "what answers is not an HTTP/2 server" }
        return reason.description
    }
}

extension ClientConnection: TransportHandler {
    func received(_ bytes: Span<UInt8>) -> Bool {
        if isUntouched {
            isUntouched = false
            otherProtocol = Self.otherProtocol(bytes)
            guard otherProtocol == nil else { return false }
        }
        keepalive?.received()
        if case .failed(let failure) = session.receive(bytes) { self.failure = failure }
        tellNews()
        return failure == nil
    }

    func produce(into output: ByteArena, limit: Int) -> Production {
        for attempt in unproduced { attempt.hasLeft = true }
        unproduced.removeAll(keepingCapacity: true)
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
        keepalive?.stop()
        keepalive = nil
        let text = lost(reason)
        let message = "connection to \(peer) was lost: \(text)"
        let open = attempts
        attempts = []
        unproduced = []
        for case let attempt? in open {
            guard let ending = attempt.machine.connectionLost(message, isUnprocessed: !attempt.hasLeft) else {
                continue
            }
            channel.ended(attempt, ending)
        }
        owner.closed(self, text)
    }
}

extension ClientConnection: SecuredHandler {
    func secured(_ peer: PeerIdentity?) {}
    func notSecured(_ fault: String) {}

    /// What a server speaks that begins so; `nil`: HTTP/2, for all that can be seen yet.
    private static func otherProtocol(_ bytes: Span<UInt8>) -> String? {
        switch FirstBytes(bytes) {
        case .tls: return "the server needs TLS"
        case .http1:
            // Its first line tells most: "HTTP/1.1 400 Bad Request".
            let line = String(repairing: bytes.extracting(..<min(bytes.count, 60)))
            return "the server speaks HTTP/1, not HTTP/2: \(line.prefix { $0.isASCII && $0 >= " " && $0 < "\u{7F}" })"
        case .http2, .other, nil: return nil
        }
    }
}

extension ClientConnection: StreamEvents {
    func streamOpened(_ slot: Int) {}

    func field(_ slot: Int, name: Span<UInt8>, value: Span<UInt8>) {
        attempt(slot)?.machine.field(name: name, value: value)
    }

    func fieldsEnded(_ slot: Int, isTrailer: Bool, endOfStream: Bool) {
        guard let attempt = attempt(slot) else { return }
        switch attempt.machine.fieldsEnded(isTrailer: isTrailer, endOfStream: endOfStream) {
        case .informational: session.expectMoreFields(slot)
        case .head(let metadata): attempt.call.answerBegan(metadata)
        case .wait: break
        case .ended(let ending): end(attempt, ending)
        }
    }

    func data(_ slot: Int, _ bytes: Span<UInt8>) {
        guard let attempt = attempt(slot), !attempt.machine.isOver else {
            // Nobody takes it, but the connection's other streams need the room.
            session.consume(slot, stream: 0, connection: bytes.count)
            return
        }
        var taken = 0
        let ending = attempt.receive(bytes, channel.compression, taken: &taken)
        session.consume(slot, stream: taken, connection: bytes.count)
        if let ending { end(attempt, ending) }
    }

    func endOfStream(_ slot: Int) {
        guard let attempt = attempt(slot), let ending = attempt.machine.endOfStream() else { return }
        end(attempt, ending)
    }

    func bodyDrained(_ slot: Int) {
        guard let attempt = attempt(slot), !attempt.machine.isOver else { return }
        attempt.call.exchange.left(attempt.call.givenByteCount)
    }

    func streamClosed(_ slot: Int, _ code: ErrorCode) {
        guard let attempt = attempt(slot) else { return }
        attempts[slot] = nil
        hasNews = true
        let isLate = attempt.call.deadline <= transport.loop.now
        guard let ending = attempt.machine.reset(code: code.rawValue, deadlinePassed: isLate) else { return }
        channel.ended(attempt, ending)
    }

    func goAway(lastStream: Int32, _ code: ErrorCode, debugData: Span<UInt8>) {
        let reason = String(repairing: debugData)
        leavingReason = reason.isEmpty ? "announced its end" : "announced its end: \(reason)"
        hasNews = true
        if code == .enhanceYourCalm, reason == "too_many_pings" { channel.slowDownKeepalive() }
        for case let attempt? in attempts where session.stream(of: attempt.slot) > lastStream {
            guard let ending = attempt.machine.refusedByGoAway(reason) else { continue }
            channel.ended(attempt, ending)
        }
    }

    func settingsReceived() {
        hasNews = true
        guard !isReady else { return }
        isReady = true
        transport.finishHandshake()
        startKeepalive()
    }

    private func attempt(_ slot: Int) -> CallAttempt? { slot < attempts.count ? attempts[slot] : nil }
}

@available(*, unavailable) extension ClientConnection: Sendable {}
