internal import Bytes
internal import EventLoops
internal import GRPCCall
internal import GRPCWire
internal import HTTP2
internal import ServerLog
internal import TLS
internal import TLSTransport

/// One connection of a client: bytes between its socket and its HTTP/2 session, events between the session and the
/// calls.
///
/// A unary read goes through without leaving the thread and without an object of its own: fields and request bytes are
/// looked at where they lie, the method appends its reply to the loop's arena, and HTTP/2 frames it from there.
final class ServerConnection {
    let number: Int
    let transport: Transport
    let context: LoopContext
    /// Who calls, where the server asks for that.
    private let access: ConnectionAccess?
    // What every field and every message is held against, at hand.
    let routing: RoutingTable
    let limits: CallLimits
    /// From the first bytes of the peer, or the end of its TLS handshake, to `closed`: what is sent before would reach
    /// peers that speak something else.
    private(set) var session: ServerSession?
    var calls: [ServerCall] = []
    /// Of calls that outlive a turn, by slot.
    var running: [Int: RunningCall] = [:]
    /// Calls whose streams are gone and for which something still works, see `hasTooManyCalls`.
    var abandoned: Set<CallKey> = []
    /// Pings, age and end of the connection, see ServerConnection+Care.swift.
    var care: ConnectionCare
    var strikes: PingStrikes
    var counters: PeerCounters
    var stall = WindowStall()
    /// When the last call ended, or the connection began.
    private(set) var lastCall: Int64
    /// Unary calls whose requests are complete and whose replies find no room as yet.
    var waiting = WaitingCalls()
    /// Bytes of requests in memory.
    private(set) var bufferedByteCount = 0
    /// Bytes the session has not yet been told are taken.
    private var unconsumedByteCount = 0
    private var peerHasFinished = false
    /// First bytes that do not tell yet what the peer speaks.
    private var undecided: [UInt8] = []
    /// The last words to a peer that does not speak HTTP/2.
    private var lastWords: [UInt8]?
    /// Replies of this connection lie in the loop's arena; kept by `LoopContext`.
    var isHoldingReplies = false
    /// Who the peer is by its verified certificate; `nil` without TLS, or when it has shown none. Set before the first
    /// byte of HTTP/2 comes in, and does not change.
    var peerIdentity: PeerIdentity? {
        didSet { access?.certificateNames = peerIdentity.map { $0.uris + $0.dnsNames } }
    }
    /// How others reach the connection for as long as it is there.
    let place: ConnectionSink.Place
    let sink: ConnectionSink

    init(number: Int, transport: Transport, context: LoopContext, access: ConnectionAccess?) {
        self.number = number
        self.transport = transport
        self.context = context
        self.access = access
        routing = context.routing
        limits = context.settings.call
        place = ConnectionSink.Place(context.handedOn)
        sink = ConnectionSink(place, loop: context.loop)
        care = ConnectionCare(context.settings.care, now: context.loop.now)
        strikes = PingStrikes(context.settings.care)
        counters = PeerCounters(context.settings.peer)
        lastCall = context.loop.now
        place.connection = self
        transport.writeStallTimeout = context.settings.writeStallTimeout
        transport.limitHandshake(to: context.settings.handshakeTimeout)
        attend()
    }

    private func begin() -> ServerSession {
        let session = ServerSession(
            settings: context.settings.session, replies: context.replies, memory: context.sessionMemory, events: self)
        self.session = session
        return session
    }

    /// Nothing is asked of a session before it begins, or once it is closed.
    func withSession(_ body: (ServerSession) -> Void) {
        if let session { body(session) }
    }

    /// Copies replies that wait for the peer out of the loop's arena.
    func detachReplies() {
        withSession { $0.detachReplies() }
        countHeldReplies()
        watchWindow()
    }

    /// A streamed request of so many bytes has been handed on: the peer may send as many more.
    func took(_ byteCount: Int, _ slot: Int) {
        letGo(byteCount)
        access?.letGo(slot, byteCount)
        let window = calls[slot].windowToOpen(forHandedOn: byteCount)
        withSession { $0.consume(slot, stream: window, connection: 0) }
    }

    /// So many bytes of requests are no longer in memory.
    func letGo(_ byteCount: Int) {
        bufferedByteCount -= byteCount
        context.requestByteCount -= byteCount
    }

    /// So many bytes of requests are in memory again.
    func hold(_ byteCount: Int) {
        bufferedByteCount += byteCount
        context.requestByteCount += byteCount
    }

    /// Replies that did not leave count for their callers from now on.
    private func countHeldReplies() {
        guard let access, let session, session.heldByteCount > 0 else { return }
        for slot in calls.indices { countHeldReply(slot, session, access) }
    }

    private func countHeldReply(_ slot: Int, _ session: ServerSession, _ access: ConnectionAccess) {
        access.holdReply(slot, session.heldByteCount(slot))
    }

    /// A message of a reply waits for the peer.
    func countHeldReply(_ slot: Int) {
        if let access, let session { countHeldReply(slot, session, access) }
    }

    /// The call takes no more requests: what it has in memory counts no longer.
    func end(_ slot: Int) { letGo(calls[slot].end()) }

    /// Gives up the session and all that the connection has in memory. Never called while the session works.
    ///
    /// - Parameter words: what the peer is still told.
    func leave(lastWords words: [UInt8]? = nil) {
        session = nil
        lastWords = words
        letGo(bufferedByteCount)
        calls = []
        waiting = WaitingCalls()
    }

    /// The call was not begun, and may be tried again at once (RFC 9113 section 8.7).
    private func refuseStream(_ slot: Int) {
        end(slot)
        withSession { $0.reset(slot, .refusedStream) }
    }
}

extension ServerConnection: TransportHandler {
    func received(_ bytes: Span<UInt8>) -> Bool {
        context.checkUnreadReplies()
        guard let session else { return receivedFirst(bytes) }
        switch session.receive(bytes) {
        case .taken:
            if unconsumedByteCount >= 16 << 10 {
                session.consume(0, stream: 0, connection: unconsumedByteCount)
                unconsumedByteCount = 0
            }
            return true
        case .failed(.badPreface):
            refuse(FirstBytes(bytes) ?? .other)
            return false
        case .failed(let failure):
            failed(failure)
            return false
        }
    }

    /// Nothing is said before it is known what the peer speaks: HTTP/1 may begin with the first letter of HTTP/2.
    private func receivedFirst(_ bytes: Span<UInt8>) -> Bool {
        guard lastWords == nil else { return false }
        let first = undecided + [UInt8](copying: bytes)
        guard let kind = FirstBytes(first.span) else {
            undecided = first
            return true
        }
        undecided = []
        guard kind == .http2 else {
            refuse(kind)
            return false
        }
        _ = begin()
        return received(first.span)
    }

    /// The peer speaks something else than HTTP/2.
    private func refuse(_ peer: FirstBytes) {
        leave(lastWords: WrongPort.answerWithoutTLS(to: peer))
        let kind = peer == .tls ? "TLS" : peer == .http1 ? "HTTP/1" : "something else"
        context.log.note(.info, "not HTTP/2", from: transport.peer, ["speaks": kind])
    }

    func peerFinished() -> Bool {
        peerHasFinished = true
        return session.map { $0.openStreamCount > 0 } ?? false
    }

    func produce(into output: ByteArena, limit: Int) -> Production {
        guard let session else {
            guard let lastWords else { return .drained }
            output.append(lastWords)
            return .finished
        }
        let end = output.count + limit
        var outcome = session.produce(into: output, limit: limit)
        while outcome == .drained, !waiting.isEmpty, takeWaiting() {
            outcome = session.produce(into: output, limit: end - output.count)
        }
        switch outcome {
        case .more:
            // What is left may have to wait for the peer, while others of this loop answer in the same arena.
            context.produced(self, stillRefers: session.hasRepliesInArena)
            return .more
        case .drained:
            context.produced(self, stillRefers: session.hasRepliesInArena)
            // Answered calls are gone now: what is left has not come whole, or runs, or waits for the peer to read.
            if session.openStreamCount > running.count { watchUnfinished() }
            return peerHasFinished && session.openStreamCount == 0 ? .finished : .drained
        case .finished:
            context.produced(self, stillRefers: false)
            return .finished
        case .failed: return .failed
        }
    }

    func closed(_ reason: CloseReason) {
        session = nil
        place.connection = nil
        access?.closed()
        for slot in running.keys.sorted() { endRunning(slot) }
        leave()
        context.remove(self)
    }
}

extension ServerConnection: SecuredHandler {
    func secured(_ peer: PeerIdentity?) {
        peerIdentity = peer
        _ = begin()
    }

    func notSecured(_ fault: String) {
        context.log.note(.info, "handshake failed", from: transport.peer, ["reason": fault])
    }
}

extension ServerConnection: StreamEvents {
    func streamOpened(_ slot: Int) {
        if slot == calls.count { calls.append(ServerCall()) }
        calls[slot].begin()
        access?.begin()
    }

    func field(_ slot: Int, name: Span<UInt8>, value: Span<UInt8>) {
        let isAuthorization = calls[slot].field(name: name, value: value, routing: routing, limits: limits)
        if isAuthorization { access?.authorization(value) }
    }

    func fieldsEnded(_ slot: Int, isTrailer: Bool, endOfStream: Bool) {
        guard !isTrailer else { return }
        switch calls[slot].fieldsEnded(routing: routing, limits: limits) {
        case .refuseHTTP(let status): refuse(slot, http: status)
        case .refuse(let status): refuse(slot, status)
        case .call(let method):
            guard !hasTooManyCalls else { return refuseStream(slot) }
            if let refusal = access?.admit(slot, method) { return refuse(slot, refusal) }
            if calls[slot].phase == .streaming { open(slot, method) }
        }
    }

    func data(_ slot: Int, _ bytes: Span<UInt8>) {
        unconsumedByteCount += bytes.count
        let received = calls[slot].receive(bytes, limits: limits)
        letGo(received.before - received.after)
        if let status = received.fault {
            refuse(slot, status)
            return
        }
        if let refusal = access?.hold(slot, received.after) { return refuse(slot, refusal) }
        switch calls[slot].phase {
        case .streaming: deliver(slot)
        case .collecting:
            guard bufferedByteCount <= context.settings.bufferedRequestBytesMax else {
                refuse(slot, Status(.resourceExhausted, "the connection's requests take too much memory"))
                return
            }
            // Most requests fit the stream's window; it is opened again only for those that do not.
            if received.after > Int(context.settings.session.streamWindow) / 2 {
                session?.consume(slot, stream: bytes.count, connection: 0)
            }
        case .fields, .answering, .over: break
        }
        context.checkRequests()
    }

    func endOfStream(_ slot: Int) {
        switch calls[slot].endOfStream() {
        case .invoke: invokeInTurn(slot)
        case .halfClose: deliver(slot)
        case .refuse(let status): refuse(slot, status)
        case .ignore: break
        }
    }

    func bodyDrained(_ slot: Int) {
        access?.holdReply(slot, 0)
        running[slot]?.handler?.drained()
    }

    func streamClosed(_ slot: Int, _ code: ErrorCode) {
        lastCall = context.loop.now
        end(slot)
        access?.ended(slot)
        if !running.isEmpty { endRunning(slot) }
    }

    func goAway(lastStream: Int32, _ code: ErrorCode, debugData: Span<UInt8>) {}

    func settingsReceived() { transport.finishHandshake() }

    func settingsAcknowledged() { care.settingsAcknowledged() }

    func pingReceived() { countPing() }

    func pingAnswered() {
        if let action = care.pingAnswered(now: context.loop.now) { perform(action) }
    }

    func noticed(_ sign: PeerSign) {
        if let excess = counters.count(sign, now: context.loop.now) { abort(.enhanceYourCalm, excess) }
    }
}

@available(*, unavailable) extension ServerConnection: Sendable {}
