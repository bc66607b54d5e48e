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
    /// Bytes of requests in memory.
    private var bufferedByteCount = 0
    /// Bytes the session has not yet been told are taken.
    private var unconsumedByteCount = 0
    private var peerHasFinished = false
    /// Who the peer is by its verified certificate; `nil` without TLS, or when it has shown none. Set before the first
    /// byte of HTTP/2 comes in, and does not change.
    var peerIdentity: PeerIdentity?
    /// How others reach the connection for as long as it is there.
    let place = ConnectionSink.Place()
    let sink: ConnectionSink

    init(number: Int, transport: Transport, context: LoopContext) {
        self.number = number
        self.transport = transport
        self.context = context
        sink = ConnectionSink(place, loop: context.loop)
        care = ConnectionCare(context.settings.care, now: context.loop.now)
        strikes = PingStrikes(context.settings.care)
        counters = PeerCounters(context.settings.peer)
        lastCall = context.loop.now
        place.connection = self
        transport.writeStallTimeout = context.settings.writeStallTimeout
        session = ServerSession(settings: context.settings.session, replies: context.replies, events: self)
        transport.limitHandshake(to: context.settings.handshakeTimeout)
        attend()
    }

    /// The session lives from `init` to `closed`, and nothing is asked of it after that.
    func withSession(_ body: (ServerSession) -> Void) {
        if let session { body(session) }
    }

    /// Copies replies that wait for the peer out of the loop's arena.
    func detachReplies() {
        withSession { $0.detachReplies() }
        watchWindow()
    }

    /// A streamed request of so many bytes has been handed on: the peer may send as many more.
    func took(_ byteCount: Int, _ slot: Int) {
        bufferedByteCount -= byteCount
        withSession { $0.consume(slot, stream: byteCount, connection: 0) }
    }

    // MARK: Answers

    func refuse(_ slot: Int, _ status: Status, _ fields: ReplyFields? = nil) {
        calls[slot].end()
        let status = context.detailed(status)
        withSession { $0.reply(slot, headOnly: ReplyHeaders.trailersOnly(status, fields)) }
    }

    /// The call was not begun, and may be tried again at once (RFC 9113 section 8.7).
    private func refuseStream(_ slot: Int) {
        calls[slot].end()
        withSession { $0.reset(slot, .refusedStream) }
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
            handOn(slot)
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
        case .failed(let failure):
            failed(failure)
            return false
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
        for slot in running.keys.sorted() { endRunning(slot) }
        context.remove(self)
    }
}

extension ServerConnection: StreamEvents {
    func streamOpened(_ slot: Int) {
        if slot == calls.count { calls.append(ServerCall()) }
        calls[slot].begin()
    }

    func field(_ slot: Int, name: Span<UInt8>, value: Span<UInt8>) {
        calls[slot].field(name: name, value: value, routing: context.routing, limits: context.settings.call)
    }

    func fieldsEnded(_ slot: Int, isTrailer: Bool, endOfStream: Bool) {
        guard !isTrailer else { return }
        switch calls[slot].fieldsEnded(routing: context.routing, limits: context.settings.call) {
        case .refuseHTTP(let status): refuse(slot, http: status)
        case .refuse(let status): refuse(slot, status)
        case .call(let method):
            guard !hasTooManyCalls else { return refuseStream(slot) }
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
        lastCall = context.loop.now
        if calls[slot].phase == .collecting || calls[slot].phase == .streaming {
            bufferedByteCount -= calls[slot].bufferedByteCount
        }
        calls[slot].end()
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
