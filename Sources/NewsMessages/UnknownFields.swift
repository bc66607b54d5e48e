/// The numbers that fields may have (Protocol Buffers, "Assigning Field Numbers").
enum FieldNumber {
    static func isValid(_ number: UInt32) -> Bool { number > 0 && number < 1 << 29 }
}

/// Tags of fields that are kept as bytes.
enum UnknownFields {
    static func appendTag(_ number: UInt32, _ wireType: UInt32, to fields: inout [UInt8]) {
        var rest = UInt64(number) << 3 | UInt64(wireType)
        while rest >= 0x80 {
            fields.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        fields.append(UInt8(rest))
    }

    /// The first tag, and where it ends. `nil` when `fields` begins with no tag.
    static func firstTag(of fields: [UInt8]) -> (number: UInt32, wireType: UInt32, end: Int)? {
        var value: UInt64 = 0
        // A tag has at most 5 bytes: 29 bits of number, 3 of type.
        for (index, byte) in fields.prefix(5).enumerated() {
            value |= UInt64(byte & 0x7F) << (7 * index)
            guard byte < 0x80 else { continue }
            let number = UInt32(truncatingIfNeeded: value >> 3)
            return FieldNumber.isValid(number) ? (number, UInt32(value & 7), index + 1) : nil
        }
        return nil
    }
}
