import Bytes
import EventLoops
import Testing

/// A server that sends given bytes once something has come, and knows no HTTP/2: for peers that misbehave.
final class RawPeer: Sendable {
    let log = EventLog()
    let target: String
    private let thread: LoopThread
    private let state: LoopBound<State>

    /// Connections, on the peer's loop.
    private final class State {
        var connections: [(handler: Handler, transport: Transport)] = []
    }

    /// - Parameters:
    ///   - replies: what is sent after the first bytes of each connection, and after the later ones, in order.
    ///   - closes: whether the connection is closed after the last of them.
    convenience init(replies: [[UInt8]], closes: Bool = false) throws {
        try self.init(connections: [replies], closes: closes)
    }

    /// - Parameters:
    ///   - connections: the replies of the first connection, of the second one, and so on; those of the last one hold
    ///     for all that follow.
    ///   - byByte: whether each byte is sent on its own.
    init(
        connections: [[[UInt8]]], closes: Bool = false, answersPings: Bool = false, byByte: Bool = false
    ) throws {
        thread = try LoopThread(name: "raw peer")
        let wanted = SocketAddress.ipv4(.loopback, port: 0)
        state = try #require(thread.call { loop in LoopBound(State(), loop: loop) })
        let bound = thread.call { [log, state] loop in
            var left = connections[...]
            return try? loop.listen(on: wanted, reusePort: false) { transport in
                log.add("connected")
                let replies = left.count > 1 ? left.removeFirst() : left.first ?? []
                let handler = Handler(replies, closes: closes, answersPings: answersPings, byByte: byByte, log: log)
                state.value.connections.append((handler, transport))
                return handler
            }
        }
        target = try #require(bound ?? nil).description
    }

    func stop() { thread.stop() }

    /// Sends bytes on the connection that was made last.
    func send(_ bytes: [UInt8]) {
        thread.post { [state] _ in
            guard let (handler, transport) = state.value.connections.last else { return }
            handler.waiting += bytes
            transport.wantsToSend()
        }
    }

    private final class Handler: TransportHandler {
        private var replies: [[UInt8]]
        private let closes: Bool
        private let answersPings: Bool
        private let byByte: Bool
        private let log: EventLog
        fileprivate var waiting: [UInt8] = []
        private var sentCount = 0
        private var received: [UInt8] = []
        private var hasPreface = false

        init(_ replies: [[UInt8]], closes: Bool, answersPings: Bool, byByte: Bool, log: EventLog) {
            self.replies = replies
            self.closes = closes
            self.answersPings = answersPings
            self.byByte = byByte
            self.log = log
        }

        func received(_ bytes: Span<UInt8>) -> Bool {
            received.append(copying: bytes)
            logFrames()
            if !replies.isEmpty { waiting += replies.removeFirst() }
            return true
        }

        /// Notes what came, such as "frame 6 1" for the acknowledgement of a PING: type and flags.
        private func logFrames() {
            let prefaceByteCount = 24
            if !hasPreface, received.count >= prefaceByteCount {
                hasPreface = true
                received.removeFirst(prefaceByteCount)
            }
            while hasPreface, received.count >= 9 {
                let length = Int(received[0]) << 16 | Int(received[1]) << 8 | Int(received[2])
                guard received.count >= 9 + length else { return }
                log.add("frame \(received[3]) \(received[4])")
                if answersPings, received[3] == 6, received[4] == 0 {
                    waiting += RawFrame.frame(type: 6, flags: 1, Array(received[9..<17]))
                }
                received.removeFirst(9 + length)
            }
        }

        func produce(into output: ByteArena, limit: Int) -> Production {
            let end = byByte ? min(sentCount + 1, waiting.count) : waiting.count
            output.append(Array(waiting[sentCount..<end]))
            sentCount = end
            guard sentCount == waiting.count else { return .more }
            waiting = []
            sentCount = 0
            return closes && replies.isEmpty ? .finished : .drained
        }

        func closed(_ reason: CloseReason) { log.add("closed") }
    }
}

/// HTTP/2 frames by hand (RFC 9113 section 4.1) and header fields without compression (RFC 7541 section 6.2.2).
enum RawFrame {
    static func frame(type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        let length = payload.count
        let header = [UInt8(length >> 16), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), type, flags]
        return header + bigEndian(stream) + payload
    }

    /// The peer's settings, and its word that it has taken the client's.
    static let settings = frame(type: 4) + frame(type: 4, flags: 1)

    static func goAway(lastStream: UInt32, code: UInt32, _ text: String) -> [UInt8] {
        frame(type: 7, bigEndian(lastStream) + bigEndian(code) + Array(text.utf8))
    }

    static func headers(stream: UInt32, _ fields: [(String, String)], endOfStream: Bool = false) -> [UInt8] {
        let endOfHeaders: UInt8 = 4
        var block: [UInt8] = []
        for (name, value) in fields { block += [0] + text(name) + text(value) }
        return frame(type: 1, flags: endOfHeaders | (endOfStream ? 1 : 0), stream: stream, block)
    }

    static let ping = frame(type: 6, [1, 2, 3, 4, 5, 6, 7, 8])

    /// A whole unary reply.
    static func reply(stream: UInt32, _ text: String) -> [UInt8] {
        let message = [0, 0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8)
        return headers(stream: stream, [(":status", "200"), ("content-type", "application/grpc")])
            + frame(type: 0, stream: stream, message)
            + headers(stream: stream, [("grpc-status", "0")], endOfStream: true)
    }

    static func data(stream: UInt32, _ bytes: [UInt8], endOfStream: Bool = false) -> [UInt8] {
        frame(type: 0, flags: endOfStream ? 1 : 0, stream: stream, bytes)
    }

    static func reset(stream: UInt32, code: UInt32) -> [UInt8] { frame(type: 3, stream: stream, bigEndian(code)) }

    /// A string literal without Huffman coding; its length is an integer with a prefix of 7 bits (RFC 7541 section 5).
    private static func text(_ text: String) -> [UInt8] {
        var length = text.utf8.count
        guard length >= 127 else { return [UInt8(length)] + Array(text.utf8) }
        var bytes: [UInt8] = [127]
        length -= 127
        while length >= 128 {
            bytes.append(UInt8(length & 127) | 128)
            length >>= 7
        }
        return bytes + [UInt8(length)] + Array(text.utf8)
    }

    static func data(stream: UInt32, _ bytes: [UInt8], padding: UInt8) -> [UInt8] {
        let padded: UInt8 = 8
        let payload = [padding] + bytes + [UInt8](repeating: 0, count: Int(padding))
        return frame(type: 0, flags: padded, stream: stream, payload)
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }
}
