/// Appends fields in the wire format (Protocol Buffers encoding, "Message structure").
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ value: WireWriter.Value, field number: Int) {
        bytes.append(varint: UInt64(number) << 3 | value.wireType)
        append(value)
    }

    /// A value without its tag, as in a packed field.
    mutating func append(_ value: WireWriter.Value) {
        switch value {
        case .varint(let value): bytes.append(varint: value)
        case .fixed64(let value):
            for shift in stride(from: 0, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
            }
        case .fixed32(let value):
            for shift in stride(from: 0, to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
            }
        case .bytes(let payload):
            bytes.append(varint: UInt64(payload.count))
            bytes += payload
        }
    }
}

extension [UInt8] {
    /// Appends a number, seven bits a byte, the lowest first.
    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}

extension WireWriter {
    /// A value to be written.
    enum Value: Equatable {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes([UInt8])

        var wireType: UInt64 {
            switch self {
            case .varint: 0
            case .fixed64: 1
            case .bytes: 2
            case .fixed32: 5
            }
        }

        /// Whether proto3 leaves the value out of a message because a reader assumes it anyway.
        var isDefault: Bool {
            switch self {
            case .varint(let value), .fixed64(let value): value == 0
            case .fixed32(let value): value == 0
            case .bytes(let payload): payload.isEmpty
            }
        }
    }
}
