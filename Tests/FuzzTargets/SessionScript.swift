/// What a client does in one run, as the bytes of a fuzzer say it.
///
/// The first byte: bit 0 leaves the preface out, the others are the size of the pieces in which bytes are sent, 0 for
/// all at once. The rest is sent as it is. Frames of types that HTTP/2 does not know, which it has servers ignore, say
/// beside that what else happens there; so steps move with the frames between which they stand.
struct SessionScript {
    enum Step: Equatable {
        case send([UInt8])
        /// Milliseconds that pass once all has been answered.
        case pass(Int64)
        /// The server is told to stop.
        case drain
        /// The client sends no more, and reads on.
        case halfClose
    }

    /// The types of frames that are steps.
    private enum Mark {
        /// 2 to the power of the frame's flags, in milliseconds; 20 and more are 12 days.
        static let pass: UInt8 = 0xF0
        static let drain: UInt8 = 0xF1
        static let halfClose: UInt8 = 0xF2
    }

    private(set) var steps: [Step] = []

    /// What a client says first: the preface, and SETTINGS without any.
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    private static let frameHeadByteCount = 9
    /// More pieces would only take longer.
    private static let pieceCountMax = 512

    init(_ bytes: [UInt8]) {
        guard let choice = bytes.first else { return }
        let stream = (choice & 1 == 0 ? Self.preface : []) + bytes.dropFirst()
        let pieceByteCount =
            choice >> 1 == 0 ? max(stream.count, 1) : max(Int(choice >> 1), stream.count / Self.pieceCountMax)
        var sent = 0
        var frame = choice & 1 == 0 ? Self.preface.count : 0
        while frame + Self.frameHeadByteCount <= stream.count {
            let payload = Int(stream[frame]) << 16 | Int(stream[frame + 1]) << 8 | Int(stream[frame + 2])
            let end = min(frame + Self.frameHeadByteCount + payload, stream.count)
            if let step = Self.step(type: stream[frame + 3], flags: stream[frame + 4]) {
                send(stream[sent..<end], by: pieceByteCount)
                steps.append(step)
                sent = end
            }
            frame = end
        }
        send(stream[sent...], by: pieceByteCount)
    }

    private static func step(type: UInt8, flags: UInt8) -> Step? {
        switch type {
        case Mark.pass: .pass(1 << min(Int64(flags), 30))
        case Mark.drain: .drain
        case Mark.halfClose: .halfClose
        default: nil
        }
    }

    private mutating func send(_ bytes: ArraySlice<UInt8>, by pieceByteCount: Int) {
        var rest = bytes
        while !rest.isEmpty {
            steps.append(.send(Array(rest.prefix(pieceByteCount))))
            rest = rest.dropFirst(pieceByteCount)
        }
    }
}
