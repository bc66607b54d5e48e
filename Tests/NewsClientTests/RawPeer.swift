import Bytes
import EventLoops
import Testing

/// A server that sends given bytes once something has come, and knows no HTTP/2: for peers that misbehave.
final class RawPeer: Sendable {
    let log = EventLog()
    let target: String
    private let thread: LoopThread

    /// - Parameters:
    ///   - replies: what is sent after the first bytes of each connection, and after the later ones, in order.
    ///   - closes: whether the connection is closed after the last of them.
    convenience init(replies: [[UInt8]], closes: Bool = false) throws {
        try self.init(connections: [replies], closes: closes)
    }

    /// - Parameter connections: the replies of the first connection, of the second one, and so on; those of the last
    ///   one hold for all that follow.
    init(connections: [[[UInt8]]], closes: Bool = false) throws {
        thread = try LoopThread(name: "raw peer")
        let wanted = SocketAddress.ipv4(.loopback, port: 0)
        let bound = thread.call { [log] loop in
            var left = connections[...]
            return try? loop.listen(on: wanted, reusePort: false) { _ in
                log.add("connected")
                let replies = left.count > 1 ? left.removeFirst() : left.first ?? []
                return Handler(replies: replies, closes: closes, log: log)
            }
        }
        target = try #require(bound ?? nil).description
    }

    func stop() { thread.stop() }

    private final class Handler: TransportHandler {
        private var replies: [[UInt8]]
        private let closes: Bool
        private let log: EventLog
        private var waiting: [UInt8] = []
        private var received: [UInt8] = []
        private var hasPreface = false

        init(replies: [[UInt8]], closes: Bool, log: EventLog) {
            self.replies = replies
            self.closes = closes
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
                received.removeFirst(9 + length)
            }
        }

        func produce(into output: ByteArena, limit: Int) -> Production {
            output.append(waiting)
            waiting = []
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
        for (name, value) in fields {
            block += [0, UInt8(name.utf8.count)] + Array(name.utf8)
            block += [UInt8(value.utf8.count)] + Array(value.utf8)
        }
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

    static func data(stream: UInt32, _ bytes: [UInt8], padding: UInt8) -> [UInt8] {
        let padded: UInt8 = 8
        let payload = [padding] + bytes + [UInt8](repeating: 0, count: Int(padding))
        return frame(type: 0, flags: padded, stream: stream, payload)
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }
}
