/// What is fed with whatever bytes a fuzzer thinks of. Each target holds what it made of them against itself; what does
/// not fit ends the process, which is how a fuzzer learns of it.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// Length-prefixed messages, cut anywhere.
    case frames
    /// Header fields of requests and responses, one a line.
    case headers
    /// Small values of header fields: timeouts, messages, binary metadata.
    case text
    /// Compressed messages.
    case gzip
    /// Messages of the contract, by a first byte that says which.
    case messages
    /// A connection of a server, from its first byte.
    case session
    /// A captured page.
    case capture

    public func run(_ bytes: [UInt8]) {
        switch self {
        case .frames: WireFuzzing.frames(bytes)
        case .headers: WireFuzzing.headers(bytes)
        case .text: WireFuzzing.text(bytes)
        case .gzip: WireFuzzing.gzip(bytes)
        case .messages: MessageFuzzing.roundTrip(bytes)
        case .session: SessionFuzzing.play(bytes)
        case .capture: MessageFuzzing.capture(bytes)
        }
    }
}
