/// Writes JSON (RFC 8259).
package enum JSONWriter {
    /// The text of `node` in UTF-8, without a line break at its end.
    ///
    /// - Parameter indent: Spaces for each level, one member to a line; `nil`: all on one line and no spaces.
    package static func text(of node: JSONNode, indent: Int? = nil) -> [UInt8] {
        var text: [UInt8] = []
        append(node, to: &text, indent: indent)
        return text
    }

    /// Appends the text of `node`. Lines after the first are indented `level` deep.
    package static func append(_ node: JSONNode, to text: inout [UInt8], indent: Int? = nil, level: Int = 0) {
        switch node.content {
        case .null: text += "null".utf8
        case .bool(let value): text += (value ? "true" : "false").utf8
        case .number(let number): text += number.utf8
        case .string(let string): append(string, to: &text)
        case .array(let elements):
            text.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                separate(index, &text, indent, level + 1)
                append(element, to: &text, indent: indent, level: level + 1)
            }
            if !elements.isEmpty { breakLine(&text, indent, level) }
            text.append(UInt8(ascii: "]"))
        case .object(let members):
            text.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                separate(index, &text, indent, level + 1)
                append(member.key, to: &text)
                text += (indent == nil ? ":" : ": ").utf8
                append(member.value, to: &text, indent: indent, level: level + 1)
            }
            if !members.isEmpty { breakLine(&text, indent, level) }
            text.append(UInt8(ascii: "}"))
        }
    }

    private static func separate(_ index: Int, _ text: inout [UInt8], _ indent: Int?, _ level: Int) {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        breakLine(&text, indent, level)
    }

    private static func breakLine(_ text: inout [UInt8], _ indent: Int?, _ level: Int) {
        guard let indent else { return }
        text.append(UInt8(ascii: "\n"))
        text += repeatElement(UInt8(ascii: " "), count: indent * level)
    }

    /// Escapes what the grammar demands, and besides DEL, U+0080 to U+009F (a terminal would obey them) and U+2028,
    /// U+2029 (line breaks to JavaScript).
    private static func append(_ string: String, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\"".utf8
            case "\\": text += "\\\\".utf8
            case "\u{8}": text += "\\b".utf8
            case "\u{C}": text += "\\f".utf8
            case "\n": text += "\\n".utf8
            case "\r": text += "\\r".utf8
            case "\t": text += "\\t".utf8
            case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
            default: text += scalar.utf8
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}
