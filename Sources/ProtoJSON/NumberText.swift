/// Integers written in decimal, also as `1e3` or `5.0`, which are integers to JSON.
enum IntegerText {
    enum Reading: Equatable {
        case integer(Int128)
        /// More digits than any integer field holds.
        case tooLarge
        case notAnInteger
    }

    /// Largest integer fields have 20 digits; what needs more than this is out of range, however it is written.
    private static let digitsMax = 30

    /// Reads the text of a JSON number.
    static func read(_ text: String) -> Reading {
        guard let parts = parts(of: text) else { return .notAnInteger }
        var digits = parts.digits
        var exponent = parts.exponent
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        guard !digits.isEmpty else { return .integer(0) }
        guard exponent >= 0 else { return .notAnInteger }
        guard exponent <= digitsMax, digits.count + exponent <= digitsMax else { return .tooLarge }
        var value: Int128 = 0
        for digit in digits { value = value * 10 + Int128(digit) }
        for _ in 0..<exponent { value *= 10 }
        return .integer(parts.isNegative ? -value : value)
    }

    static func isNumber(_ text: String) -> Bool { parts(of: text) != nil }

    /// The value is ± digits x 10^exponent; leading zeros are dropped.
    private static func parts(of text: String) -> (isNegative: Bool, digits: [UInt8], exponent: Int)? {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        let whole = takeDigits(&rest)
        guard !whole.isEmpty else { return nil }
        var fraction: [UInt8] = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = takeDigits(&rest)
            guard !fraction.isEmpty else { return nil }
        }
        var exponent = 0
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            let isDown = rest.first == UInt8(ascii: "-")
            if isDown || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            let digits = takeDigits(&rest)
            guard !digits.isEmpty else { return nil }
            // Beyond a million it makes no difference any more, and the sum below must not overflow.
            let size = digits.reduce(0) { min($0 * 10 + Int($1), 1_000_000) }
            exponent = isDown ? -size : size
        }
        guard rest.isEmpty else { return nil }
        let digits = Array((whole + fraction).drop { $0 == 0 })
        return (isNegative, digits, exponent - fraction.count)
    }

    private static func takeDigits(_ rest: inout Substring.UTF8View) -> [UInt8] {
        let digits = rest.prefix { $0.isDigit }
        rest = rest.dropFirst(digits.count)
        return digits.map { $0 - UInt8(ascii: "0") }
    }
}

/// Floating-point numbers as JSON: the shortest digits that read back the same.
enum FloatText {
    static func node<T: BinaryFloatingPoint & CustomStringConvertible>(of value: T) -> JSONNode {
        if value.isNaN { return .string("NaN") }
        if value.isInfinite { return .string(value < 0 ? "-Infinity" : "Infinity") }
        let text = value.description
        return JSONNode(.number(text.hasSuffix(".0") ? String(text.dropLast(2)) : text))
    }
}
