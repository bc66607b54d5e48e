import Bytes
import HTTP2

/// Writes down the events of a session, and lets a test react to them.
final class Recorder: StreamEvents {
    struct Stream {
        var fields: [String] = []
        var sections: [String] = []
        var body: [UInt8] = []
        var isEnded = false
        var closeCode: ErrorCode?
    }

    /// By slot, latest stream in it.
    var streams: [Int: Stream] = [:]
    var goAways: [ErrorCode] = []
    var settingsCount = 0
    var settingsAcknowledgedCount = 0
    var pingCount = 0
    var answerCount = 0
    var signs: [PeerSign] = []
    var onEnd: (Int) -> Void = { _ in }
    var onData: (Int, Int) -> Void = { _, _ in }
    var onDrained: (Int) -> Void = { _ in }

    func streamOpened(_ slot: Int) { streams[slot] = Stream() }
    func field(_ slot: Int, name: Span<UInt8>, value: Span<UInt8>) {
        let name = String(decoding: [UInt8](copying: name), as: UTF8.self)
        streams[slot]?.fields.append(name + ": " + String(decoding: [UInt8](copying: value), as: UTF8.self))
    }
    func fieldsEnded(_ slot: Int, isTrailer: Bool, endOfStream: Bool) {
        streams[slot]?.sections.append((isTrailer ? "trailer" : "head") + (endOfStream ? " end" : ""))
    }
    func data(_ slot: Int, _ bytes: Span<UInt8>) {
        streams[slot]?.body.append(copying: bytes)
        onData(slot, bytes.count)
    }
    func endOfStream(_ slot: Int) {
        streams[slot]?.isEnded = true
        onEnd(slot)
    }
    func bodyDrained(_ slot: Int) { onDrained(slot) }
    func streamClosed(_ slot: Int, _ code: ErrorCode) { streams[slot]?.closeCode = code }
    func goAway(lastStream: Int32, _ code: ErrorCode, debugData: Span<UInt8>) { goAways.append(code) }
    func settingsReceived() { settingsCount += 1 }
    func settingsAcknowledged() { settingsAcknowledgedCount += 1 }
    func pingReceived() { pingCount += 1 }
    func pingAnswered() { answerCount += 1 }
    func noticed(_ sign: PeerSign) { signs.append(sign) }
}

/// A client and a server session joined in memory, without sockets. Bytes cross in pieces of `cut`.
final class Pipe {
    let replies = ByteArena()
    let output = ByteArena()
    let clientEvents = Recorder()
    let serverEvents = Recorder()
    let client: ClientSession
    let server: ServerSession
    var cut: Int
    /// Every byte that crossed, for tests that look at frames.
    var toClient: [UInt8] = []
    var outcomes: [ReceiveOutcome] = []

    init(cut: Int = .max, client: SessionSettings = SessionSettings(), server: SessionSettings = SessionSettings()) {
        self.cut = cut
        self.client = ClientSession(settings: client, events: clientEvents)
        self.server = ServerSession(settings: server, replies: replies, events: serverEvents)
    }

    /// Moves bytes both ways until none are left.
    func settle() {
        var moved = true
        while moved {
            moved = false
            output.removeAll()
            _ = client.produce(into: output, limit: 1 << 20)
            if output.count > 0 {
                moved = true
                feed(take()) { server.receive($0) }
            }
            output.removeAll()
            _ = server.produce(into: output, limit: 1 << 20)
            if output.count > 0 {
                moved = true
                let bytes = take()
                toClient += bytes
                feed(bytes) { client.receive($0) }
            }
        }
    }

    private func take() -> [UInt8] { output.withBytes(in: 0..<output.count) { [UInt8](copying: $0) } }

    private func feed(_ bytes: [UInt8], _ receive: (Span<UInt8>) -> ReceiveOutcome) {
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + min(cut, bytes.count))
            let outcome = receive(Array(bytes[start..<end]).span)
            if outcome != .taken { outcomes.append(outcome) }
            start = end
        }
    }

    /// A request of one body, as gRPC sends it.
    func request(path: String = "/test/Method", body: [UInt8] = [1, 2, 3], end: Bool = true) -> Int? {
        let head = HeaderBlock([
            (":method", Array("POST".utf8)), (":scheme", Array("http".utf8)), (":path", Array(path.utf8)),
            (":authority", Array("localhost".utf8)), ("te", Array("trailers".utf8)),
        ])
        guard let slot = client.open(head: head) else { return nil }
        client.send(slot, body)
        if end { client.finish(slot) }
        return slot
    }
}

let okHead = HeaderBlock(literals: [":status": "200"])
let okTrailers = HeaderBlock(literals: ["grpc-status": "0"])
