/// Reads JSON (RFC 8259) exactly: what the grammar does not allow is an error that says where.
///
/// Stricter than the grammar in three ways: text must be UTF-8, a name may stand once in an object, and values may be
/// nested `depthMax` deep. Time and memory grow with the length of the text.
package struct JSONReader {
    /// Deepest nesting of arrays and objects. Keeps hostile text from exhausting the stack.
    package static let depthMax = 100

    private let text: [UInt8]
    private let end: Int
    private var position: Int
    private var depth = 0

    private init(_ text: [UInt8], _ range: Range<Int>) {
        self.text = text
        position = range.lowerBound
        end = range.upperBound
    }

    /// Reads the one value that `text` holds, with white space around it. A byte order mark is skipped.
    package static func read(_ text: [UInt8]) throws(JSONError) -> JSONNode {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        return try read(text, in: (text.starts(with: mark) ? mark.count : 0)..<text.count)
    }

    /// Reads the one value in a part of `text`; offsets count from the start of `text`.
    package static func read(_ text: [UInt8], in range: Range<Int>) throws(JSONError) -> JSONNode {
        var reader = JSONReader(text, range)
        let node = try reader.value()
        reader.skipSpace()
        guard reader.position == reader.end else {
            throw reader.failure("expected the end of the text, found \(reader.found)")
        }
        return node
    }
}

// MARK: - Values

extension JSONReader {
    private mutating func value() throws(JSONError) -> JSONNode {
        skipSpace()
        let start = position
        guard let byte = peek else { throw failure("expected a value, found the end of the text") }
        switch byte {
        case UInt8(ascii: "{"):
            return JSONNode(.object(try nested { reader throws(JSONError) in try reader.members() }), offset: start)
        case UInt8(ascii: "["):
            return JSONNode(.array(try nested { reader throws(JSONError) in try reader.elements() }), offset: start)
        case UInt8(ascii: "\""): return JSONNode(.string(try string()), offset: start)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return JSONNode(.number(try number()), offset: start)
        default: return JSONNode(try word(), offset: start)
        }
    }

    private mutating func nested<T>(
        _ read: (inout JSONReader) throws(JSONError) -> T
    ) throws(JSONError) -> T {
        guard depth < Self.depthMax else { throw failure("nested more than \(Self.depthMax) deep") }
        depth += 1
        defer { depth -= 1 }
        position += 1  // The bracket.
        return try read(&self)
    }

    private mutating func elements() throws(JSONError) -> [JSONNode] {
        var elements: [JSONNode] = []
        skipSpace()
        if take("]") { return elements }
        while true {
            elements.append(try value())
            skipSpace()
            if take("]") { return elements }
            guard take(",") else { throw failure("expected \",\" or \"]\", found \(found)") }
        }
    }

    private mutating func members() throws(JSONError) -> [JSONMember] {
        var members: [JSONMember] = []
        var names = MemberNames()
        skipSpace()
        if take("}") { return members }
        while true {
            skipSpace()
            let keyOffset = position
            guard peek == UInt8(ascii: "\"") else { throw failure("expected a name in quotes, found \(found)") }
            let key = try string()
            guard names.insert(key, amongst: members) else {
                throw JSONError(offset: keyOffset, problem: "the name \"\(key)\" stands twice in one object")
            }
            skipSpace()
            guard take(":") else { throw failure("expected \":\" after the name \"\(key)\", found \(found)") }
            members.append(JSONMember(key, try value(), keyOffset: keyOffset))
            skipSpace()
            if take("}") { return members }
            guard take(",") else { throw failure("expected \",\" or \"}\", found \(found)") }
        }
    }

    /// The names of one object. Few are compared one by one, many looked up: not as strings, which are equal when
    /// their code points differ.
    private struct MemberNames {
        private static let fewMax = 16
        private var many: Set<[UInt8]> = []

        /// - Returns: `false` when the name is there already.
        mutating func insert(_ name: String, amongst members: [JSONMember]) -> Bool {
            if members.count < Self.fewMax { return !members.contains { $0.key.utf8.elementsEqual(name.utf8) } }
            if many.isEmpty { many = Set(members.map { Array($0.key.utf8) }) }
            return many.insert(Array(name.utf8)).inserted
        }
    }

    private mutating func word() throws(JSONError) -> JSONNode.Content {
        for (word, content) in [("true", JSONNode.Content.bool(true)), ("false", .bool(false)), ("null", .null)]
        where end - position >= word.utf8.count
            && text[position..<(position + word.utf8.count)].elementsEqual(word.utf8)
        {
            position += word.utf8.count
            return content
        }
        throw failure("expected a value, found \(found)")
    }

    /// Section 6: `-`, then 0 or digits that do not begin with 0, then a fraction and an exponent if any.
    private mutating func number() throws(JSONError) -> String {
        let start = position
        _ = take("-")
        if take("0") {
            if let byte = peek, byte.isDigit { throw failure("a number may not begin with 0") }
        } else {
            try digits()
        }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return String(decoding: text[start..<position], as: UTF8.self)  // ASCII.
    }

    private mutating func digits() throws(JSONError) {
        guard let byte = peek, byte.isDigit else { throw failure("expected a digit, found \(found)") }
        while let byte = peek, byte.isDigit { position += 1 }
    }
}

// MARK: - Strings

extension JSONReader {
    private mutating func string() throws(JSONError) -> String {
        let quote = position
        position += 1
        var chunk = position
        var unescaped: [UInt8] = []
        while position < end {
            switch text[position] {
            case UInt8(ascii: "\""):
                if unescaped.isEmpty, let string = String(validating: text[chunk..<position], as: UTF8.self) {
                    position += 1
                    return string
                }
                unescaped += text[chunk..<position]
                position += 1
                guard let string = String(validating: unescaped, as: UTF8.self) else {
                    throw JSONError(offset: quote, problem: "the text is not valid UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                unescaped += text[chunk..<position]
                unescaped += try escape().utf8
                chunk = position
            case 0..<0x20: throw failure("a control character must be escaped in a string")
            default: position += 1
            }
        }
        throw JSONError(offset: quote, problem: "the string is not closed")
    }

    private mutating func escape() throws(JSONError) -> String {
        let start = position
        guard position + 1 < end else { throw failure("the escape is cut off") }
        position += 2
        switch text[position - 1] {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try escapedScalar(from: start)
        default: throw JSONError(offset: start, problem: "no such escape; one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
        }
    }

    /// A code point above U+FFFF is written as two escapes, a high and a low surrogate (section 7).
    private mutating func escapedScalar(from start: Int) throws(JSONError) -> String {
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return String(scalar) }
        let unpaired = JSONError(offset: start, problem: "a surrogate without its other half")
        guard first < 0xDC00, take("\\"), take("u") else { throw unpaired }
        let second = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(second) else { throw unpaired }
        guard let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) else { throw unpaired }
        return String(scalar)
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("expected four hexadecimal digits after \\u")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

// MARK: - Bytes

extension JSONReader {
    private var peek: UInt8? { position < end ? text[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || (0x9...0xA).contains(byte) || byte == 0xD { position += 1 }
    }

    private func failure(_ problem: String) -> JSONError { JSONError(offset: position, problem: problem) }

    /// What stands at the position, for an error message.
    private var found: String {
        guard let byte = peek else { return "the end of the text" }
        let width =
            switch byte {
            case 0xF0...: 4
            case 0xE0...: 3
            case 0xC0...: 2
            default: 1
            }
        let bytes = text[position..<min(position + width, end)]
        guard byte >= 0x20, byte != 0x7F, let character = String(validating: bytes, as: UTF8.self) else {
            return "byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
        }
        return "\"\(character)\""
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
