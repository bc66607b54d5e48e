/// The schema, for reflection and for conversion to JSON.
public enum DescriptorSet {
    /// An encoded google.protobuf.FileDescriptorSet of all files, those they import before them, without comments.
    public static let bytes: [UInt8] = decode(base64)

    /// Base64 that we wrote ourselves: whole groups of four, `=` only at the end.
    private static func decode(_ text: StaticString) -> [UInt8] {
        text.withUTF8Buffer { digits in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(digits.count / 4 * 3)
            var bits: UInt32 = 0
            var count = 0
            for index in digits.indices {
                guard let value = unsafe value(of: digits[index]) else { break }
                bits = bits << 6 | value
                count += 6
                if count >= 8 {
                    count -= 8
                    bytes.append(UInt8(truncatingIfNeeded: bits >> count))
                }
            }
            return bytes
        }
    }

    private static func value(of digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
