/// The short text of an article that came without one.
package enum Excerpt {
    /// Half-width columns, as content systems cut theirs: 60 Chinese characters or 120 Latin ones.
    package static let columns = 120

    /// The beginning of a body: white space narrowed to single spaces, cut where the columns end.
    ///
    /// - Parameter isHTML: Leaves tags out.
    package static func of(_ body: String, isHTML: Bool = false) -> String {
        var excerpt = ""
        // Bytes that are taken over as they are, single spaces between them included; many bodies begin with all.
        var run = 0..<0
        var used = 0
        var isInTag = false
        var place = 0
        for scalar in body.unicodeScalars {
            let start = place
            place += scalar.utf8Count
            if isHTML, scalar == "<" || isInTag {
                isInTag = scalar != ">"
                continue
            }
            if scalar.isWhiteSpace { continue }
            let isApart = start > run.upperBound && used > 0
            let width = scalar.isASCII ? 1 : 2
            guard used + (isApart ? 1 : 0) + width <= columns else { break }
            used += (isApart ? 1 : 0) + width
            if start == run.upperBound || isApart && isSpace(body, run.upperBound..<start) {
                run = run.lowerBound..<place
            } else {
                excerpt.append(contentsOf: text(body, run))
                if isApart { excerpt.append(" ") }
                run = start..<place
            }
        }
        excerpt.append(contentsOf: text(body, run))
        return excerpt
    }

    /// Whether one space lies there, and nothing else.
    private static func isSpace(_ body: String, _ range: Range<Int>) -> Bool {
        range.count == 1 && body.utf8Span.span[range.lowerBound] == UInt8(ascii: " ")
    }

    private static func text(_ body: String, _ range: Range<Int>) -> Substring {
        let utf8 = body.utf8
        let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
        return body[start..<utf8.index(start, offsetBy: range.count)]
    }
}

extension Unicode.Scalar {
    fileprivate var utf8Count: Int {
        switch value {
        case ..<0x80: 1
        case ..<0x800: 2
        case ..<0x10000: 3
        default: 4
        }
    }
}
