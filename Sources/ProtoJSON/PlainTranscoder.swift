internal import Bytes

/// JSON straight to the wire bytes of a message, for a text that has nothing unusual: no tree of values is made of it.
///
/// It only ever says yes: what it takes, `JSONReader` and `MessageParser` take too and mean the same by it, but for the
/// order of the fields, which is that of the text. Anything else (a mistake, a map, a number with a fraction) makes it
/// give up, and they are asked: they take it or say what is wrong.
struct PlainTranscoder {
    /// The text is not plain.
    struct GivenUp: Error {}

    /// Deeper nesting is left to the others.
    private static let depthMax = 8

    private let schema: Schema
    private let completion: JSONMapping.Completion?
    private let text: [UInt8]
    private let end: Int
    private var position: Int
    private(set) var bytes: [UInt8]

    /// - Parameter bytes: What stands before the fields of the message.
    init(
        _ schema: Schema, _ text: [UInt8], in range: Range<Int>, after bytes: [UInt8],
        completing completion: JSONMapping.Completion?
    ) {
        self.schema = schema
        self.text = text
        self.bytes = bytes
        self.completion = completion
        position = range.lowerBound
        end = range.upperBound
        self.bytes.reserveCapacity(bytes.count + range.count)  // JSON is seldom shorter than what it becomes.
    }

    /// Reads the one value of the text, an object with the fields of `message`.
    mutating func read(as message: MessageSchema) throws(GivenUp) {
        guard message.wellKnown == nil else { throw GivenUp() }
        try fields(of: message, depth: 0)
        skipSpace()
        guard position == end else { throw GivenUp() }
    }
}

// MARK: - Fields

extension PlainTranscoder {
    private mutating func fields(of message: MessageSchema, depth: Int) throws(GivenUp) {
        guard depth < Self.depthMax, message.fields.count <= UInt64.bitWidth, take("{") else { throw GivenUp() }
        var seen: UInt64 = 0
        var given: UInt64 = 0
        if !take("}") {
            repeat {
                guard let place = message.byName[try word()] else { throw GivenUp() }
                let bit: UInt64 = 1 << UInt64(place)
                guard seen & bit == 0, take(":") else { throw GivenUp() }
                seen |= bit
                if try value(of: message.fields[place], depth: depth) { given |= bit }
            } while take(",")
            guard take("}") else { throw GivenUp() }
        }
        guard let completion, completion.message == message.name else { return }
        let places = message.fields.indices.filter { given & 1 << UInt64($0) != 0 }
        bytes += completion.rest(places.map { message.fields[$0].jsonName })
    }

    /// - Returns: `false` for null, which is "not set".
    private mutating func value(of field: FieldSchema, depth: Int) throws(GivenUp) -> Bool {
        guard field.oneof == nil else { throw GivenUp() }
        if takeLiteral("null") {
            switch field.kind {
            case .message, .enumeration: throw GivenUp()  // To some of them null is a value.
            default: return false
            }
        }
        guard field.isRepeated else {
            try element(of: field, isKept: field.hasPresence, depth: depth)
            return true
        }
        guard !field.kind.isPackable, take("[") else { throw GivenUp() }
        if take("]") { return true }
        repeat { try element(of: field, isKept: true, depth: depth) } while take(",")
        guard take("]") else { throw GivenUp() }
        return true
    }

    /// - Parameter isKept: A value that readers assume anyway is written too.
    private mutating func element(of field: FieldSchema, isKept: Bool, depth: Int) throws(GivenUp) {
        switch field.kind {
        case .string:
            let start = bytes.count
            let content = open(field)
            try string()
            if bytes.count > content || isKept { close(content) } else { bytes.removeLast(content - start) }
        case .message(let index):
            let message = schema.messages[index]
            guard !message.isMapEntry else { throw GivenUp() }
            let content = open(field)
            switch message.wellKnown {
            case nil: try fields(of: message, depth: depth + 1)
            case .timestamp: try timestamp()
            default: throw GivenUp()
            }
            close(content)
        case .enumeration(let index):
            guard let number = schema.enumerations[index].number(of: try word()) else { throw GivenUp() }
            append(UInt64(bitPattern: Int64(number)), field, isKept)
        case .int32: append(try integer(Int32.self), field, isKept)
        case .int64: append(try integer(Int64.self), field, isKept)
        case .bool:
            let value = takeLiteral("true")
            guard value || takeLiteral("false") else { throw GivenUp() }
            append(value ? 1 : 0, field, isKept)
        default: throw GivenUp()
        }
    }

    private mutating func timestamp() throws(GivenUp) {
        guard let time = TimestampText.read(try word()) else { throw GivenUp() }
        if time.seconds != 0 { append(UInt64(bitPattern: time.seconds), number: 1) }
        if time.nanoseconds != 0 { append(UInt64(bitPattern: Int64(time.nanoseconds)), number: 2) }
    }
}

// MARK: - Output

extension PlainTranscoder {
    private mutating func append(_ value: UInt64, _ field: FieldSchema, _ isKept: Bool) {
        if value != 0 || isKept { append(value, number: field.number) }
    }

    private mutating func append(_ value: UInt64, number: Int) {
        bytes.append(varint: UInt64(number) << 3)
        bytes.append(varint: value)
    }

    /// Begins a field whose length is not known yet.
    ///
    /// - Returns: Where its content begins.
    private mutating func open(_ field: FieldSchema) -> Int {
        bytes.append(varint: UInt64(field.number) << 3 | 2)
        bytes.append(0)
        return bytes.count
    }

    /// Fills in the length, for which one byte was left.
    private mutating func close(_ content: Int) {
        let count = bytes.count - content
        guard count >= 0x80 else {
            bytes[content - 1] = UInt8(count)
            return
        }
        var length: [UInt8] = []
        length.append(varint: UInt64(count))
        bytes.replaceSubrange((content - 1)..<content, with: length)
    }
}

// MARK: - Text

extension PlainTranscoder {
    /// Appends the text of the string at the position.
    private mutating func string() throws(GivenUp) {
        guard take("\"") else { throw GivenUp() }
        while true {
            let start = position
            try passText()
            bytes += text[start..<position]
            position += 1
            if text[position - 1] == UInt8(ascii: "\"") { return }
            try escape()
        }
    }

    /// A short string without escapes: a name, a time.
    private mutating func word() throws(GivenUp) -> String {
        guard take("\"") else { throw GivenUp() }
        let start = position
        try passText()
        guard text[position] == UInt8(ascii: "\"") else { throw GivenUp() }
        position += 1
        return String(decoding: text[start..<(position - 1)], as: UTF8.self)
    }

    /// Goes on to the next quote or backslash. What is passed over is valid UTF-8 (The Unicode Standard, table 3-7)
    /// without control characters.
    private mutating func passText() throws(GivenUp) {
        position = text.span.endOfText(from: position, to: end, isQuoted: true)
        guard position < end, text[position] == UInt8(ascii: "\"") || text[position] == UInt8(ascii: "\\") else {
            throw GivenUp()
        }
    }

    /// Appends what the escape after a backslash stands for.
    private mutating func escape() throws(GivenUp) {
        guard position < end else { throw GivenUp() }
        position += 1
        switch text[position - 1] {
        case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "\""): bytes.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): bytes.append(UInt8(ascii: "/"))
        case UInt8(ascii: "t"): bytes.append(UInt8(ascii: "\t"))
        case UInt8(ascii: "r"): bytes.append(UInt8(ascii: "\r"))
        case UInt8(ascii: "b"): bytes.append(0x8)
        case UInt8(ascii: "f"): bytes.append(0xC)
        case UInt8(ascii: "u"): append(try escapedScalar())
        default: throw GivenUp()
        }
    }

    /// A code point above U+FFFF is written as two escapes, a high and a low surrogate.
    private mutating func escapedScalar() throws(GivenUp) -> Unicode.Scalar {
        let first = try fourHexDigits()
        guard first != 0 else { throw GivenUp() }  // No message takes U+0000.
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, end - position > 2, text[position] == UInt8(ascii: "\\"),
            text[position + 1] == UInt8(ascii: "u")
        else { throw GivenUp() }
        position += 2
        let second = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw GivenUp() }
        return scalar
    }

    private mutating func fourHexDigits() throws(GivenUp) -> UInt32 {
        guard end - position >= 4 else { throw GivenUp() }
        var value: UInt32 = 0
        for byte in text[position..<(position + 4)] {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw GivenUp()
            }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        let value = scalar.value
        func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift) & 0x3F | 0x80 }
        switch value {
        case ..<0x80: bytes.append(UInt8(truncatingIfNeeded: value))
        case ..<0x800:
            bytes.append(UInt8(truncatingIfNeeded: value >> 6) | 0xC0)
            bytes.append(tail(0))
        case ..<0x10000:
            bytes.append(UInt8(truncatingIfNeeded: value >> 12) | 0xE0)
            bytes.append(tail(6))
            bytes.append(tail(0))
        default:
            bytes.append(UInt8(truncatingIfNeeded: value >> 18) | 0xF0)
            bytes.append(tail(12))
            bytes.append(tail(6))
            bytes.append(tail(0))
        }
    }
}

// MARK: - Tokens

extension PlainTranscoder {
    /// An integer of at most 18 digits, as nearly all are.
    private mutating func integer<T: FixedWidthInteger & SignedInteger>(_: T.Type) throws(GivenUp) -> UInt64 {
        let isNegative = take("-")
        let start = position
        var value: Int64 = 0
        while position < end, text[position].isDigit {
            guard position - start < 18 else { throw GivenUp() }
            value = value * 10 + Int64(text[position] - UInt8(ascii: "0"))
            position += 1
        }
        // A number begins with 0 only if it has no other digit. A fraction or an exponent is no comma: it ends the
        // attempt.
        guard position > start, text[start] != UInt8(ascii: "0") || position == start + 1,
            let number = T(exactly: isNegative ? -value : value)
        else { throw GivenUp() }
        return UInt64(bitPattern: Int64(number))
    }

    /// Takes the character if it comes next, after white space.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < end, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func takeLiteral(_ word: String) -> Bool {
        skipSpace()
        guard end - position >= word.utf8.count,
            text[position..<(position + word.utf8.count)].elementsEqual(word.utf8)
        else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func skipSpace() {
        while position < end {
            let byte = text[position]
            guard byte == 0x20 || byte == 0xA || byte == 0xD || byte == 0x9 else { return }
            position += 1
        }
    }
}
