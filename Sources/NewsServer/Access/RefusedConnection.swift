internal import Bytes
internal import EventLoops
internal import HTTP2

/// A connection that is one too many: it is told so in HTTP/2, and closed. It has no session and no buffers.
final class RefusedConnection: TransportHandler {
    private static let frames = RefusalFrames.bytes(.enhanceYourCalm, "too many connections from this address")

    func received(_ bytes: Span<UInt8>) -> Bool { false }

    func produce(into output: ByteArena, limit: Int) -> Production {
        output.append(Self.frames.span)
        return .finished
    }

    func closed(_ reason: CloseReason) {}
}
