import Bytes
import GRPCCall
import GRPCWire
import HTTP2

/// A whole connection of a server, without a socket: HTTP/2, calls, and services that send back what comes.
enum SessionFuzzing {
    static let routing = RoutingTable([
        MethodDescriptor(
            path: "/t/Say", kind: .unary, idempotency: .unknown, service: "t", name: "Say", index: 0),
        MethodDescriptor(
            path: "/t/Chat", kind: .bidirectional, idempotency: .unknown, service: "t", name: "Chat", index: 1),
    ])

    /// What a client says first: the preface, and SETTINGS without any.
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]

    /// The first byte says in what pieces the bytes come, and whether the preface is put before them.
    static func play(_ bytes: [UInt8]) {
        guard let choice = bytes.first else { return }
        let stream = (choice & 1 == 0 ? preface : []) + bytes.dropFirst()
        let size = choice >> 1 == 0 ? max(stream.count, 1) : Int(choice >> 1)
        let connection = SessionConnection()
        var start = 0
        while start < stream.count, connection.receive(Array(stream[start..<min(start + size, stream.count)])) {
            start += size
        }
        connection.close()
    }
}

private final class SessionConnection: StreamEvents {
    private let replies = ByteArena()
    private let output = ByteArena()
    private let compression = MessageCompression()
    private var session: ServerSession?
    private var calls: [ServerCall] = []
    private var open: Set<Int> = []
    private let limits: CallLimits

    private static let head = HeaderBlock(literals: [":status": "200", "content-type": "application/grpc"])
    private static let ok = HeaderBlock(literals: ["grpc-status": "0"])
    private static let refused = HeaderBlock(
        literals: [":status": "200", "content-type": "application/grpc", "grpc-status": "13"])

    init() {
        var limits = CallLimits()
        limits.messageMax = 1 << 12
        limits.keepsMetadata = true
        limits.compressedReplyMin = 64
        self.limits = limits
        session = ServerSession(settings: SessionSettings(), replies: replies, events: self)
    }

    /// `false` when the connection has failed.
    func receive(_ bytes: [UInt8]) -> Bool {
        guard let session, case .taken = session.receive(bytes.span) else { return false }
        while true {
            let outcome = session.produce(into: output, limit: 64 << 10)
            output.removeAll(keeping: 64 << 10)
            switch outcome {
            case .more: continue
            case .drained:
                session.detachReplies()
                replies.removeAll()
                return true
            case .finished, .failed: return false
            }
        }
    }

    /// Letting go of the session ends the cycle between the two.
    func close() {
        precondition(session?.openStreamCount == open.count, "streams were opened or closed unseen")
        session = nil
    }

    func streamOpened(_ slot: Int) {
        if slot == calls.count { calls.append(ServerCall()) }
        precondition(open.insert(slot).inserted, "a slot was given to two streams")
        calls[slot].begin()
    }

    func field(_ slot: Int, name: Span<UInt8>, value: Span<UInt8>) {
        calls[slot].field(name: name, value: value, routing: SessionFuzzing.routing, limits: limits)
    }

    func fieldsEnded(_ slot: Int, isTrailer: Bool, endOfStream: Bool) {
        guard !isTrailer else { return }
        switch calls[slot].fieldsEnded(routing: SessionFuzzing.routing, limits: limits) {
        case .refuse, .refuseHTTP: refuse(slot)
        case .call:
            guard calls[slot].phase == .streaming else { return }
            calls[slot].addCredit(1 << 20)
            session?.begin(slot, head: Self.head)
        }
    }

    func data(_ slot: Int, _ bytes: Span<UInt8>) {
        session?.consume(slot, stream: bytes.count, connection: bytes.count)
        if calls[slot].receive(bytes, limits: limits).fault != nil { return end(slot) }
        if calls[slot].phase == .streaming { answer(slot) }
    }

    func endOfStream(_ slot: Int) {
        switch calls[slot].endOfStream() {
        case .invoke: invoke(slot)
        case .halfClose: answer(slot)
        case .refuse: refuse(slot)
        case .ignore: break
        }
    }

    func bodyDrained(_ slot: Int) {}

    func streamClosed(_ slot: Int, _ code: ErrorCode) {
        precondition(open.remove(slot) != nil, "a stream was closed twice")
        _ = calls[slot].end()
    }

    func goAway(lastStream: Int32, _ code: ErrorCode, debugData: Span<UInt8>) {}

    func settingsReceived() {}

    private func refuse(_ slot: Int) {
        _ = calls[slot].end()
        session?.reply(slot, headOnly: Self.refused)
    }

    /// A call that may have begun to answer goes wrong.
    private func end(_ slot: Int) {
        guard calls[slot].phase == .streaming else { return refuse(slot) }
        _ = calls[slot].end()
        session?.finish(slot, trailers: Self.ok)
    }

    private func invoke(_ slot: Int) {
        let request = calls[slot].takeRequest()
        let start = replies.count
        replies.append(request)
        if request[0] == MessagePrefix.compressedFlag {
            let payload = request.span.extracting(MessagePrefix.byteCount..<request.count)
            _ = try? compression.decompressed(
                payload, calls[slot].head.encoding ?? .identity, limit: limits.messageMax)
        }
        calls[slot].giveBack(request)
        _ = calls[slot].end()
        session?.reply(slot, head: Self.head, body: start..<replies.count, trailers: Self.ok)
    }

    private func answer(_ slot: Int) {
        while true {
            switch calls[slot].next(limits: limits) {
            case .message(let message), .compressed(let message):
                if let framed = MessagePrefix.framed(message) { session?.send(slot, framed) }
            case .wait: return
            case .end, .refuse:
                _ = calls[slot].end()
                session?.finish(slot, trailers: Self.ok)
                return
            }
        }
    }
}
