import Bytes
import EventLoops

/// A client that says what it is told, and looks at no more of the answers than that they are frames.
final class Speaker: TransportHandler {
    var transport: Transport?
    private(set) var received: [UInt8] = []
    private(set) var isClosed = false
    private var unsent: [UInt8] = []
    private var hasMoved = false

    func say(_ bytes: [UInt8]) {
        guard !isClosed else { return }
        unsent += bytes
        transport?.wantsToSend()
    }

    /// Whether bytes went one way or the other since this was asked last.
    func takeHasMoved() -> Bool {
        defer { hasMoved = false }
        return hasMoved
    }

    func received(_ bytes: Span<UInt8>) -> Bool {
        received += [UInt8](copying: bytes)
        hasMoved = true
        return true
    }

    func peerFinished() -> Bool {
        hasMoved = true
        return false
    }

    func produce(into output: ByteArena, limit: Int) -> Production {
        let count = min(limit, unsent.count)
        guard count > 0 else { return .drained }
        output.append(Array(unsent[..<count]))
        unsent.removeFirst(count)
        hasMoved = true
        return unsent.isEmpty ? .drained : .more
    }

    func closed(_ reason: CloseReason) {
        isClosed = true
        hasMoved = true
    }

    /// Holds what came against the form of frames (RFC 9113 section 4.1): SETTINGS first, none longer than the peer was
    /// promised, the last one perhaps cut off. A peer that does not speak HTTP/2 gets text.
    func check() {
        guard received.count >= 9, !received.starts(with: Array("HTTP/".utf8)), received[3] <= 9 else { return }
        precondition(received[3] == 4 && received[4] == 0, "the server does not begin with SETTINGS")
        var start = 0
        while start + 9 <= received.count {
            let count = Int(received[start]) << 16 | Int(received[start + 1]) << 8 | Int(received[start + 2])
            precondition(count <= 1 << 14, "a frame is longer than the peer takes")
            precondition(received[start + 3] <= 9, "a frame is of no known type")
            start += 9 + count
        }
    }
}

/// A call of a client that does nothing wrong.
enum WitnessCall {
    static let bytes: [UInt8] = {
        let path = "/news.v1.NewsService/GetArticle"
        var block: [UInt8] = []
        for (name, value) in [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "w"), ("te", "trailers"),
            ("content-type", "application/grpc"),
        ] {
            // A literal that enters no table (RFC 7541 section 6.2.2).
            block += [0, UInt8(name.utf8.count)] + name.utf8 + [UInt8(value.utf8.count)] + value.utf8
        }
        let name = Array("articles/fuzz-0".utf8)
        let message = [0x0A, UInt8(name.count)] + name
        let data = [0, 0, 0, 0, UInt8(message.count)] + message
        return SessionScript.preface + frame(type: 1, flags: 4, block) + frame(type: 0, flags: 1, data)
    }()

    /// A frame of stream 1.
    private static func frame(type: UInt8, flags: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF), type, flags, 0, 0, 0, 1] + payload
    }
}
