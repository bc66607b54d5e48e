package import Bytes
internal import CZlib

/// Why bytes could not be decompressed.
package enum InflateError: Error, Hashable, Sendable {
    /// Not the format, or a checksum that does not fit. What zlib says about it, if anything.
    case corrupt(String)
    /// The bytes end before the compressed message does.
    case truncated
    /// So many bytes follow the compressed message.
    case trailingBytes(Int)
    /// The message is larger than the limit, in bytes. How much larger nobody has looked.
    case tooLarge(limit: Int)
}

/// Decompresses messages, one after the other and each on its own: nothing of one is left for the next but memory, some
/// 40 KiB. Used on one thread.
@safe package final class Inflater {
    // zlib keeps the address of the stream inside its state, so it must never move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Bytes that are asked for at a time: few enough for a small message, doubled up to many for a large one.
    private static let chunkMin = 1 << 10
    private static let chunkMax = 256 << 10

    package init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let code = unsafe inflateInit2_(
            stream, CompressionFormat.gzip.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib is out of memory or of another version")
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Appends the decompressed message to `output`; nothing if it throws.
    ///
    /// - Parameter limit: largest message. Decompression stops one byte above it, whatever the bytes would become.
    package func inflate(
        _ bytes: Span<UInt8>, _ format: CompressionFormat, limit: Int, into output: ByteArena
    ) throws(InflateError) {
        let start = output.count
        let verdict = unsafe bytes.withUnsafeBytes { raw in
            unsafe run(raw, format, limit: limit, into: output)
        }
        guard let error = verdict else { return }
        output.truncate(to: start)
        throw error
    }

    private func run(
        _ raw: UnsafeRawBufferPointer, _ format: CompressionFormat, limit: Int, into output: ByteArena
    ) -> InflateError? {
        precondition(unsafe inflateReset2(stream, format.windowBits) == Z_OK, "zlib's state is broken")
        // zlib reads through this pointer and never writes; it is forgotten before the bytes go away.
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
            mutating: raw.baseAddress?.assumingMemoryBound(to: Bytef.self))
        unsafe stream.pointee.avail_in = UInt32(raw.count)
        defer {
            unsafe stream.pointee.next_in = nil
            unsafe stream.pointee.next_out = nil
        }
        var made = 0
        var chunk = min(max(raw.count, Self.chunkMin), Self.chunkMax)
        while true {
            let room = min(chunk, limit - made + 1)
            let (code, count) = step(room: room, into: output)
            made += count
            if made > limit { return .tooLarge(limit: limit) }
            switch code {
            case Z_STREAM_END:
                let rest = unsafe Int(stream.pointee.avail_in)
                return rest == 0 ? nil : .trailingBytes(rest)
            // With room left, zlib stops for want of bytes only.
            case Z_OK where count < room, Z_BUF_ERROR: return .truncated
            case Z_OK: chunk = min(chunk * 2, Self.chunkMax)
            default: return .corrupt(unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "code \(code)")
            }
        }
    }

    /// Lets zlib write at most `room` bytes.
    private func step(room: Int, into output: ByteArena) -> (code: Int32, count: Int) {
        var code = Z_OK
        let count = unsafe output.appendUnsafe(upTo: room) { buffer in
            unsafe stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: Bytef.self)
            unsafe stream.pointee.avail_out = UInt32(room)
            code = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
            return room - Int(unsafe stream.pointee.avail_out)
        }
        return (code, count)
    }
}

@available(*, unavailable) extension Inflater: Sendable {}
