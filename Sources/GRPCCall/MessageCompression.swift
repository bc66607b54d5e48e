internal import Bytes
package import GRPCWire
internal import Gzip

/// Why a compressed message could not be read.
package enum CompressionError: Error, Hashable, Sendable {
    /// What is wrong with the compressed bytes.
    case corrupt(MessageEncoding, String)
    /// The message is larger than the limit, in bytes.
    case tooLarge(limit: Int)
}

/// Compresses and decompresses messages on one thread.
///
/// Each message is compressed on its own. The memory that zlib needs is taken when the first message needs it, and
/// serves all that follow: a loop whose calls are never compressed has none.
package final class MessageCompression {
    private var inflater: Inflater?
    private var gzip: Deflater?
    private var zlib: Deflater?
    private let scratch = ByteArena(capacity: 64)

    /// Memory for results that is kept between messages, in bytes.
    private static let keptScratch = 64 << 10

    package init() {}

    /// The message behind a prefix that says "compressed".
    ///
    /// - Parameter limit: largest message. What would become larger is not decompressed beyond it.
    package func decompressed(
        _ payload: Span<UInt8>, _ encoding: MessageEncoding, limit: Int
    ) throws(CompressionError) -> [UInt8] {
        guard let format = encoding.format else { return [UInt8](copying: payload) }
        let inflater = self.inflater ?? Inflater()
        self.inflater = inflater
        do throws(InflateError) {
            try inflater.inflate(payload, format, limit: limit, into: scratch)
        } catch {
            scratch.removeAll(keeping: Self.keptScratch)
            throw CompressionError(error, encoding)
        }
        return takeScratch()
    }

    /// The message as it is sent behind a prefix that says "compressed".
    package func compressed(_ message: Span<UInt8>, _ encoding: MessageEncoding) -> [UInt8] {
        guard let format = encoding.format else { return [UInt8](copying: message) }
        deflater(format).deflate(message, into: scratch)
        return takeScratch()
    }

    private func takeScratch() -> [UInt8] {
        defer { scratch.removeAll(keeping: Self.keptScratch) }
        return scratch.withBytes(in: 0..<scratch.count) { [UInt8](copying: $0) }
    }

    private func deflater(_ format: CompressionFormat) -> Deflater {
        switch format {
        case .gzip:
            let deflater = gzip ?? Deflater(.gzip)
            gzip = deflater
            return deflater
        case .zlib:
            let deflater = zlib ?? Deflater(.zlib)
            zlib = deflater
            return deflater
        }
    }
}

@available(*, unavailable) extension MessageCompression: Sendable {}

extension MessageEncoding {
    fileprivate var format: CompressionFormat? {
        switch self {
        case .identity: nil
        case .gzip: .gzip
        case .deflate: .zlib
        }
    }
}

extension CompressionError {
    fileprivate init(_ error: InflateError, _ encoding: MessageEncoding) {
        self =
            switch error {
            case .corrupt(let text): .corrupt(encoding, text)
            case .truncated: .corrupt(encoding, "it ends too early")
            case .trailingBytes(let count): .corrupt(encoding, "\(count) bytes follow its end")
            case .tooLarge(let limit): .tooLarge(limit: limit)
            }
    }
}

// What a peer is told of a message that cannot be read. `message` is "the request message" or "the response message".
extension Status {
    package init(_ error: CompressionError, of message: String) {
        switch error {
        case .corrupt(let encoding, let text):
            self.init(.internalError, "\(message) is not \(encoding.rawValue): \(text)")
        case .tooLarge(let limit): self.init(.resourceExhausted, "\(message) is larger than \(limit) bytes")
        }
    }

    init(_ error: FrameError, of message: String) {
        switch error {
        case .compressed:
            self.init(.internalError, "\(message) is compressed, but the call names no grpc-encoding")
        case .unknownFlag(let flag): self.init(.internalError, "flag \(flag) of \(message): must be 0 or 1")
        case .tooLarge(let count, let limit):
            self.init(.resourceExhausted, "\(message) of \(count) bytes is larger than \(limit)")
        case .truncated: self.init(.internalError, "the stream ends within \(message)")
        }
    }
}
