internal import Access
internal import Bytes
internal import EventLoops
internal import GRPCCall
internal import GRPCWire
internal import HTTP2
internal import TLS

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
    private var session: ServerSession?
    var calls: [ServerCall] = []
    /// Of calls that outlive a turn, by slot.
    var running: [Int: RunningCall] = [:]
    /// Bytes of requests in memory.
    private var bufferedByteCount = 0
    /// Bytes the session has not yet been told are taken.
    private var unconsumedByteCount = 0
    private var peerHasFinished = false
    /// Who the peer is by its verified certificate; `nil` without TLS, or when it has shown none. Set before the first
    /// byte of HTTP/2 comes in, and does not change.
    var peerIdentity: PeerIdentity? {
        didSet { access?.certificateNames = peerIdentity.map { $0.uris + $0.dnsNames } ?? [] }
    }
    /// How others reach the connection for as long as it is there.
    let place = ConnectionSink.Place()
    let sink: ConnectionSink

    init(number: Int, transport: Transport, context: LoopContext, access: ConnectionAccess?) {
        self.number = number
        self.transport = transport
        self.context = context
        self.access = access
        sink = ConnectionSink(place, loop: context.loop)
        place.connection = self
        transport.idleTimeout = context.settings.idleTimeout
        transport.writeStallTimeout = context.settings.writeStallTimeout
        session = ServerSession(settings: context.settings.session, replies: context.replies, events: self)
        transport.limitHandshake(to: context.settings.handshakeTimeout)
    }

    /// The session lives from `init` to `closed`, and nothing is asked of it after that.
    func withSession(_ body: (ServerSession) -> Void) {
        if let session { body(session) }
    }

    /// Copies replies that wait for the peer out of the loop's arena.
    func detachReplies() { withSession { $0.detachReplies() } }

    /// Takes no new calls; the connection closes with its last call.
    func drain() {
        withSession { session in
            session.announceShutdown()
            session.finishShutdown()
        }
        transport.wantsToSend()
    }

    /// A streamed request of so many bytes has been handed on: the peer may send as many more.
    func took(_ byteCount: Int, _ slot: Int) {
        bufferedByteCount -= byteCount
        _ = access?.hold(slot, calls[slot].bufferedByteCount)
        withSession { $0.consume(slot, stream: byteCount, connection: 0) }
    }

    // MARK: Answers

    func refuse(_ slot: Int, _ status: Status, _ fields: ReplyFields? = nil) {
        calls[slot].end()
        let status = context.detailed(status)
        withSession { $0.reply(slot, headOnly: ReplyHeaders.trailersOnly(status, fields)) }
    }

    private func refuse(_ slot: Int, _ refusal: AccessRefusal) {
        let status = context.status(of: refusal, from: transport.peer)
        if calls[slot].phase == .streaming, running[slot] != nil {
            return handle(.finish(status), slot: slot, generation: calls[slot].generation)
        }
        calls[slot].end()
        let head = ReplyHeaders.trailersOnly(status, retryMilliseconds: refusal.retryMilliseconds)
        withSession { $0.reply(slot, headOnly: head) }
    }

    private func refuse(_ slot: Int, http status: Int) {
        calls[slot].end()
        withSession { $0.reply(slot, headOnly: ReplyHeaders.http(status)) }
    }

    /// Runs the unary method that `slot` asks for.
    private func invoke(_ slot: Int) {
        let arena = context.replies
        let call = calls[slot]
        let start = arena.reserve(MessagePrefix.byteCount)
        context.call.begin(sink, slot: Int32(slot), generation: call.generation)
        if context.settings.call.keepsMetadata { context.call.metadata = call.head.metadata }
        bufferedByteCount -= call.bufferedByteCount
        let request = call.takeRequest()
        let outcome: UnaryOutcome
        if request[0] == MessagePrefix.plainFlag {
            let message = request.span.extracting(MessagePrefix.byteCount..<request.count)
            outcome = context.dispatcher.unary(call.method, message, context.call)
        } else {
            outcome = runCompressed(slot, request)
        }
        call.giveBack(request)
        switch outcome {
        case .replied:
            let count = arena.count - start - MessagePrefix.byteCount
            guard count <= context.call.plainReplyMax else {
                replyWithExtras(slot, from: start)
                return
            }
            arena.store(MessagePrefix.plainFlag, at: start)
            arena.storeBigEndian(UInt32(count), at: start + 1)
            call.end()
            session?.reply(slot, head: ReplyHeaders.head, body: start..<arena.count, trailers: ReplyHeaders.ok)
        case .failed(let status):
            arena.truncate(to: start)
            refuse(slot, status, context.call.takeReplyExtras().fields)
        case .later:
            arena.truncate(to: start)
            startRunning(slot, handler: nil)
            let (fields, compression) = context.call.takeReplyExtras()
            running[slot]?.fields = fields
            running[slot]?.compression = compression
        }
    }
}

extension ServerConnection: TransportHandler {
    func received(_ bytes: Span<UInt8>) -> Bool {
        guard let session else { return false }
        switch session.receive(bytes) {
        case .taken:
            if unconsumedByteCount >= 16 << 10 {
                session.consume(0, stream: 0, connection: unconsumedByteCount)
                unconsumedByteCount = 0
            }
            return true
        case .failed: return false
        }
    }

    func peerFinished() -> Bool {
        peerHasFinished = true
        return session.map { $0.openStreamCount > 0 } ?? false
    }

    func produce(into output: ByteArena, limit: Int) -> Production {
        guard let session else { return .failed }
        switch session.produce(into: output, limit: limit) {
        case .more:
            // What is left may have to wait for the peer, while others of this loop answer in the same arena.
            context.produced(self, stillRefers: session.hasRepliesInArena)
            return .more
        case .drained:
            context.produced(self, stillRefers: session.hasRepliesInArena)
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
        context.remove(self)
    }
}

extension ServerConnection: StreamEvents {
    func streamOpened(_ slot: Int) {
        if slot == calls.count { calls.append(ServerCall()) }
        calls[slot].begin()
        access?.begin()
    }

    func field(_ slot: Int, name: Span<UInt8>, value: Span<UInt8>) {
        let isAuthorization = calls[slot].field(
            name: name, value: value, routing: context.routing, limits: context.settings.call)
        if isAuthorization { access?.authorization(value) }
    }

    func fieldsEnded(_ slot: Int, isTrailer: Bool, endOfStream: Bool) {
        guard !isTrailer else { return }
        switch calls[slot].fieldsEnded(routing: context.routing, limits: context.settings.call) {
        case .refuseHTTP(let status): refuse(slot, http: status)
        case .refuse(let status): refuse(slot, status)
        case .call(let method):
            if let refusal = access?.admit(slot, method) { return refuse(slot, refusal) }
            if calls[slot].phase == .streaming { open(slot, method) }
        }
    }

    func data(_ slot: Int, _ bytes: Span<UInt8>) {
        unconsumedByteCount += bytes.count
        let call = calls[slot]
        let before = call.bufferedByteCount
        if let status = call.receive(bytes, limits: context.settings.call) {
            bufferedByteCount -= before
            refuse(slot, status)
            return
        }
        let after = call.bufferedByteCount
        bufferedByteCount += after - before
        if let refusal = access?.hold(slot, after) {
            bufferedByteCount -= after
            return refuse(slot, refusal)
        }
        switch call.phase {
        case .streaming: deliver(slot)
        case .collecting:
            guard bufferedByteCount <= context.settings.bufferedRequestBytesMax else {
                bufferedByteCount -= after
                refuse(slot, Status(.resourceExhausted, "the connection's requests take too much memory"))
                return
            }
            // Most requests fit the stream's window; it is opened again only for those that do not.
            if after > Int(context.settings.session.streamWindow) / 2 {
                session?.consume(slot, stream: bytes.count, connection: 0)
            }
        case .fields, .answering, .over: break
        }
    }

    func endOfStream(_ slot: Int) {
        let buffered = calls[slot].bufferedByteCount
        switch calls[slot].endOfStream() {
        case .invoke: invoke(slot)
        case .halfClose: deliver(slot)
        case .refuse(let status):
            bufferedByteCount -= buffered
            refuse(slot, status)
        case .ignore: break
        }
    }

    func bodyDrained(_ slot: Int) { running[slot]?.handler?.drained() }

    func streamClosed(_ slot: Int, _ code: ErrorCode) {
        if calls[slot].phase == .collecting || calls[slot].phase == .streaming {
            bufferedByteCount -= calls[slot].bufferedByteCount
        }
        calls[slot].end()
        access?.ended(slot)
        if !running.isEmpty { endRunning(slot) }
    }

    func goAway(lastStream: Int32, _ code: ErrorCode, debugData: Span<UInt8>) {}

    func settingsReceived() { transport.finishHandshake() }
}

@available(*, unavailable) extension ServerConnection: Sendable {}
