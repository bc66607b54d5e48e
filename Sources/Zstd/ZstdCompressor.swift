package import Bytes
internal import CZstd

/// Compresses a stream, piece by piece, to one frame with a checksum (RFC 8878). Takes some 4 MiB. Used by one thread
/// at a time.
@safe package final class ZstdCompressor {
    private let context: OpaquePointer

    /// zstd's own default: about as small as gzip's, several times as fast.
    private static let level: Int32 = 3

    package init() {
        guard let context = unsafe ZSTD_createCCtx() else { preconditionFailure("zstd is out of memory") }
        unsafe self.context = context
        // Both are parameters that every version since 1.4 knows, with values in their ranges.
        var code = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level)
        precondition(ZSTD_isError(code) == 0, "zstd has the level")
        code = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        precondition(ZSTD_isError(code) == 0, "zstd has the flag")
    }

    deinit { unsafe ZSTD_freeCCtx(context) }

    /// Takes the next bytes. What there is to be written by now is appended to `output`.
    package func compress(_ bytes: Span<UInt8>, into output: ByteArena) { run(bytes, ZSTD_e_continue, into: output) }

    /// Ends the frame. To be called once.
    package func finish(into output: ByteArena) {
        let nothing: [UInt8] = []
        run(nothing.span, ZSTD_e_end, into: output)
    }

    private func run(_ bytes: Span<UInt8>, _ directive: ZSTD_EndDirective, into output: ByteArena) {
        unsafe bytes.withUnsafeBytes { raw in
            // zstd reads these bytes during the calls below only.
            var input = unsafe ZSTD_inBuffer(src: raw.baseAddress, size: raw.count, pos: 0)
            var isDone = false
            while !isDone {
                let room = ZSTD_CStreamOutSize()
                _ = unsafe output.appendUnsafe(upTo: room) { buffer in
                    var target = unsafe ZSTD_outBuffer(dst: buffer.baseAddress, size: room, pos: 0)
                    let rest = unsafe ZSTD_compressStream2(context, &target, &input, directive)
                    precondition(ZSTD_isError(rest) == 0, "compression fails by want of memory alone")
                    isDone = unsafe directive == ZSTD_e_end ? rest == 0 : input.pos == input.size
                    return unsafe target.pos
                }
            }
        }
    }
}

@available(*, unavailable) extension ZstdCompressor: Sendable {}
