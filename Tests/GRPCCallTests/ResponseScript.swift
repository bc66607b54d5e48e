import GRPCCall
import GRPCWire

/// What a peer sends in one response, played into a call.
enum ResponseStep: Sendable {
    /// The first header sections. Ends the stream when `ends`.
    case head([String: String], ends: Bool = false)
    case data([UInt8])
    case trailers([String: String])
    case end
    case reset(UInt32)
}

/// What came of playing steps into a call.
struct Played {
    var messages: [[UInt8]] = []
    var metadata: Metadata?
    /// Every ending that the call gave; one at most is right.
    var endings: [ClientCallEnding] = []
    var ending: ClientCallEnding? { endings.first }
}

let responseHead = [":status": "200", "content-type": "application/grpc"]
let okTrailers = ["grpc-status": "0"]

func message(_ text: String, flag: UInt8 = 0) -> [UInt8] {
    let bytes = Array(text.utf8)
    return [flag, 0, 0, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
}

extension ClientCall {
    private mutating func section(_ fields: [String: String], isTrailer: Bool, ends: Bool, _ played: inout Played) {
        // Pseudo-header fields come first: ':' sorts before letters.
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            field(name: Array(name.utf8).span, value: Array(value.utf8).span)
        }
        switch fieldsEnded(isTrailer: isTrailer, endOfStream: ends) {
        case .informational, .wait: break
        case .head(let metadata): played.metadata = metadata
        case .ended(let ending): played.endings.append(ending)
        }
        if ends, let ending = endOfStream() { played.endings.append(ending) }
    }

    mutating func play(_ steps: [ResponseStep]) -> Played {
        var played = Played()
        for step in steps {
            switch step {
            case .head(let fields, let ends): section(fields, isTrailer: false, ends: ends, &played)
            case .trailers(let fields): section(fields, isTrailer: true, ends: true, &played)
            case .data(let bytes):
                var messages: [[UInt8]] = []
                let ending = data(bytes.span, MessageCompression()) { message, _ in
                    messages.append(message.indices.map { message[$0] })
                }
                played.messages += messages
                if let ending { played.endings.append(ending) }
            case .end: if let ending = endOfStream() { played.endings.append(ending) }
            case .reset(let code):
                if let ending = reset(code: code, deadlinePassed: false) { played.endings.append(ending) }
            }
        }
        return played
    }
}

/// Plays a response to a call that has sent its request.
func play(
    _ steps: [ResponseStep], to kind: MethodKind = .unary, limits: ClientCallLimits = ClientCallLimits()
) -> Played {
    var call = ClientCall(kind: kind, limits: limits)
    call.halfClosed()
    return call.play(steps)
}
