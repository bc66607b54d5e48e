internal import NewsModel

/// A piece of a line, character by character (Unicode code points).
typealias Scalars = ArraySlice<Unicode.Scalar>

extension Unicode.Scalar {
    /// A digit 0 to 9.
    var digit: Int? { ("0"..."9").contains(self) ? Int(value - 0x30) : nil }

    /// A letter a to z or A to Z.
    var isLatinLetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }

    /// A Han character of any plane.
    var isHan: Bool {
        switch value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x3FFFF, 0xF900...0xFAFF: true
        case 0x3007: true  // The zero of Chinese numbers.
        default: false
        }
    }

    /// White space as pages use it: also the spaces that don't break, of Chinese width, and of no width.
    var isBlank: Bool {
        switch value {
        case 0x20, 0x09, 0x0B, 0x0C, 0xA0, 0x3000, 0x2000...0x200B, 0x202F, 0xFEFF: true
        default: false
        }
    }
}

extension ArraySlice<Unicode.Scalar> {
    /// By way of UTF-8: views of strings take about ten times as long.
    var text: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 3)
        for scalar in self { bytes.append(scalar) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Without white space at its ends.
    var trimmed: Scalars { trimmed { $0.isBlank } }

    /// Without the characters at its ends that the test names.
    func trimmed(_ isPadding: (Unicode.Scalar) -> Bool) -> Scalars {
        var start = startIndex
        var end = endIndex
        while start < end, isPadding(self[start]) { start += 1 }
        while end > start, isPadding(self[end - 1]) { end -= 1 }
        return self[start..<end]
    }

    func begins(with literal: String) -> Bool { end(of: literal, at: startIndex) != nil }

    /// The index after `literal`, if it stands at `index`.
    func end(of literal: String, at index: Int) -> Int? {
        var index = index
        for scalar in literal.unicodeScalars {
            guard index < endIndex, self[index] == scalar else { return nil }
            index += 1
        }
        return index
    }

    func ends(with literal: String) -> Bool {
        let count = literal.unicodeScalars.count
        return count <= self.count && end(of: literal, at: endIndex - count) != nil
    }

    /// Where `literal` first stands.
    func range(of literal: String) -> Range<Int>? {
        guard let first = literal.unicodeScalars.first else { return nil }
        for index in indices where self[index] == first {
            if let end = end(of: literal, at: index) { return index..<end }
        }
        return nil
    }

    func contains(_ literal: String) -> Bool { range(of: literal) != nil }

    /// Equal to the literal.
    func matches(_ literal: String) -> Bool { end(of: literal, at: startIndex) == endIndex }

    /// The index after the white space at `index`.
    func afterBlanks(_ index: Int) -> Int {
        var index = index
        while index < endIndex, self[index].isBlank { index += 1 }
        return index
    }

    /// The run of digits at `index`, as a number; `nil` without digits or beyond `Int64`.
    func number(at index: Int) -> (value: Int64, end: Int)? {
        var value: Int64 = 0
        var end = index
        while end < endIndex, let digit = self[end].digit {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(digit))
            if overflow || carry { return nil }
            value = sum
            end += 1
        }
        return end == index ? nil : (value, end)
    }

    /// Pieces between the characters that the test names, trimmed, without empty ones.
    func pieces(_ isSeparator: (Unicode.Scalar) -> Bool) -> [Scalars] {
        split(whereSeparator: isSeparator).map(\.trimmed).filter { !$0.isEmpty }
    }
}
