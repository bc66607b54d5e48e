package import Bytes
internal import CZstd

/// Bytes that are no zstd stream, or a damaged one; in zstd's words.
package struct ZstdError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}

/// Decompresses a stream, piece by piece. A stream asks for memory by its window: 128 MiB at most, which is zstd's own
/// limit; those of `ZstdCompressor` take some 2 MiB. Used by one thread at a time.
@safe package final class ZstdDecompressor {
    private let context: OpaquePointer
    /// Whether the stream may end here: all frames that have begun have ended, their checksums included.
    package private(set) var isAtFrameEnd = true

    package init() {
        guard let context = unsafe ZSTD_createDCtx() else { preconditionFailure("zstd is out of memory") }
        unsafe self.context = context
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    /// Decompresses from `offset` on and appends at most `room` bytes to `output`.
    ///
    /// - Returns: how many of the compressed bytes were taken. All, and room left: it waits for more.
    package func decompress(
        _ bytes: Span<UInt8>, from offset: Int, room: Int, into output: ByteArena
    ) throws(ZstdError) -> Int {
        precondition(offset >= 0 && offset <= bytes.count && room > 0, "a place in the bytes, and room")
        var (taken, made) = (0, 0)
        var code = 0
        unsafe bytes.withUnsafeBytes { raw in
            // zstd reads these bytes during the call only; `offset` lies within them.
            var input = unsafe ZSTD_inBuffer(src: raw.baseAddress, size: raw.count, pos: offset)
            made = unsafe output.appendUnsafe(upTo: room) { buffer in
                var target = unsafe ZSTD_outBuffer(dst: buffer.baseAddress, size: room, pos: 0)
                code = unsafe ZSTD_decompressStream(context, &target, &input)
                return unsafe target.pos
            }
            taken = unsafe input.pos - offset
        }
        guard ZSTD_isError(code) == 0 else {
            // A static text, ended by a NUL.
            throw ZstdError(description: unsafe String(cString: ZSTD_getErrorName(code)))
        }
        // With nothing to do it tells how much it would like of a next frame.
        if taken > 0 || made > 0 { isAtFrameEnd = code == 0 }
        return taken
    }
}

@available(*, unavailable) extension ZstdDecompressor: Sendable {}
