internal import Bytes

/// Protobuf fields, appended to replies where they lie.
extension ByteWriter {
    /// A field of wire type VARINT, left out when zero as proto3 does.
    @inline(__always) mutating func append(field number: UInt64, varint value: Int64) {
        guard value != 0 else { return }
        append(varint: number << 3)
        append(varint: UInt64(bitPattern: value))
    }

    /// The head of a field of wire type LEN; its content follows.
    @inline(__always) mutating func append(field number: UInt64, byteCount: Int) {
        append(varint: number << 3 | 2)
        append(varint: UInt64(byteCount))
    }

    /// Begins a field of wire type LEN whose content has fewer than 128 bytes most of the time; `close` ends it.
    @inline(__always) mutating func open(field number: UInt64) -> Int {
        append(varint: number << 3 | 2)
        return open(1)
    }

    @inline(__always) mutating func close(_ offset: Int) { closeLength(at: offset, openCount: 1) }
}
