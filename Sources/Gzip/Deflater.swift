package import Bytes
internal import CZlib

/// Compresses messages, one after the other and each on its own. Takes some 260 KiB. Used on one thread.
@safe package final class Deflater {
    // zlib keeps the address of the stream inside its state, so it must never move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// zlib's own default.
    private static let memoryLevel: Int32 = 8

    package init(_ format: CompressionFormat) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let code = unsafe deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, format.windowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib is out of memory or of another version")
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Appends the compressed message to `output`.
    package func deflate(_ bytes: Span<UInt8>, into output: ByteArena) {
        // Messages are at most as long as their prefix can say, which is what zlib counts with.
        precondition(bytes.count <= UInt32.max, "more than 4 GiB at once")
        precondition(unsafe deflateReset(stream) == Z_OK, "zlib's state is broken")
        // The most that the message can become: one step does it all.
        let room = Int(unsafe deflateBound(stream, UInt(bytes.count)))
        _ = unsafe output.appendUnsafe(upTo: room) { buffer in
            unsafe bytes.withUnsafeBytes { raw in
                // zlib reads through this pointer and never writes.
                unsafe stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: raw.baseAddress?.assumingMemoryBound(to: Bytef.self))
                unsafe stream.pointee.avail_in = UInt32(raw.count)
                unsafe stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: Bytef.self)
                unsafe stream.pointee.avail_out = UInt32(room)
                let code = unsafe CZlib.deflate(stream, Z_FINISH)
                precondition(code == Z_STREAM_END, "zlib needs more room than it asked for")
            }
            let left = unsafe Int(stream.pointee.avail_out)
            unsafe stream.pointee.next_in = nil
            unsafe stream.pointee.next_out = nil
            return room - left
        }
    }
}

@available(*, unavailable) extension Deflater: Sendable {}
