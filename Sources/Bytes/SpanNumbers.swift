/// Numbers in bytes, mostly least significant byte first as they are stored. Reading outside the span traps.
///
/// Inlined into their callers: a head has a dozen of them, and a list fifty heads.
extension Span where Element == UInt8 {
    @inlinable package func littleEndian16(at offset: Int) -> UInt16 {
        precondition(offset >= 0 && offset <= count - 2, "number outside the bytes")
        // In bounds by the line above, and any two bytes are a number.
        return unsafe withUnsafeBytes { raw in
            unsafe UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
        }
    }

    @inlinable package func littleEndian32(at offset: Int) -> UInt32 {
        precondition(offset >= 0 && offset <= count - 4, "number outside the bytes")
        return unsafe withUnsafeBytes { raw in
            unsafe UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
    }

    @inlinable package func littleEndian64(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset <= count - 8, "number outside the bytes")
        return unsafe withUnsafeBytes { raw in
            unsafe UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
    }

    /// Four bytes in network order.
    @inlinable package func bigEndian32(at offset: Int) -> UInt32 { littleEndian32(at: offset).byteSwapped }
}
