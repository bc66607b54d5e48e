/// ASCII digits and numbers.
enum Decimal {
    static func digit(_ byte: UInt8) -> Int? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
    }

    /// The number that 1 to 18 digits write; `nil` for anything else.
    static func value(of bytes: some Collection<UInt8>) -> Int? {
        guard (1...18).contains(bytes.count) else { return nil }
        var value = 0
        for byte in bytes {
            guard let digit = digit(byte) else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// The number that the digits of `range` write; `nil` when one is not a digit.
    static func value(of bytes: Span<UInt8>, in range: Range<Int>) -> Int? {
        guard range.upperBound <= bytes.count, (1...18).contains(range.count) else { return nil }
        var value = 0
        for offset in range {
            guard let digit = digit(bytes[offset]) else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// The last `width` digits of a number that is not negative.
    static func append(_ value: Int, width: Int, to bytes: inout [UInt8]) {
        var unit = 1
        for _ in 1..<width { unit *= 10 }
        while unit > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(value / unit % 10))
            unit /= 10
        }
    }

    static func padded(_ value: Int, width: Int) -> String {
        let digits = String(value.magnitude)
        let zeros = String(repeating: "0", count: max(0, width - digits.utf8.count))
        return (value < 0 ? "-" : "") + zeros + digits
    }
}
