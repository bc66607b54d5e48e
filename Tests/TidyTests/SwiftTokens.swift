/// One word of Swift. Comments are not words; the text between two string interpolations is one.
struct Token: Equatable {
    enum Kind: Equatable {
        case word
        case mark
        case string
    }

    let kind: Kind
    /// The word, one ASCII mark, or what stands between the quotes, escapes as written.
    let text: String
    /// From 1.
    let line: Int
    let beginsLine: Bool
    /// Nothing stands between it and the token before.
    let touches: Bool

    func isMark(_ mark: String) -> Bool { kind == .mark && text == mark }
    func isWord(_ word: String) -> Bool { kind == .word && text == word }
}

/// Cuts Swift into words well enough to judge a source by them: comments go, strings are
/// kept apart, and what is interpolated into a string counts as code.
struct SwiftTokens {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var atLineBegin = true
    private var endOfLast = -1
    private var tokens: [Token] = []

    static func of(_ source: String) -> [Token] {
        var reader = SwiftTokens(bytes: Array(source.utf8))
        reader.readCode(untilParenthesis: false)
        return reader.tokens
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private func peek(_ distance: Int = 0) -> UInt8? {
        position + distance < bytes.count ? bytes[position + distance] : nil
    }

    private mutating func skip(_ count: Int = 1) {
        for _ in 0..<count where position < bytes.count {
            if bytes[position] == UInt8(ascii: "\n") {
                line += 1
                atLineBegin = true
            }
            position += 1
        }
    }

    private mutating func append(_ kind: Token.Kind, _ range: Range<Int>, line: Int) {
        let text = String(decoding: bytes[range], as: UTF8.self)
        let touches = range.lowerBound == endOfLast
        tokens.append(Token(kind: kind, text: text, line: line, beginsLine: atLineBegin, touches: touches))
        atLineBegin = false
        endOfLast = range.upperBound
    }

    /// Inside an interpolation it ends after the parenthesis that closes it.
    private mutating func readCode(untilParenthesis: Bool) {
        var depth = 1
        while let byte = peek() {
            if Self.isWordByte(byte) {
                readWord()
            } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "/") {
                while let next = peek(), next != UInt8(ascii: "\n") { skip() }
            } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                skipBlockComment()
            } else if let hashes = stringOpening() {
                readString(hashes: hashes)
            } else if byte <= UInt8(ascii: " ") {
                skip()
            } else {
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") { depth -= 1 }
                if untilParenthesis, depth == 0 { return skip() }
                append(.mark, position..<position + 1, line: line)
                skip()
            }
        }
    }

    private mutating func readWord() {
        let begin = position
        while let byte = peek(), Self.isWordByte(byte) { position += 1 }
        append(.word, begin..<position, line: line)
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                skip(2)
            } else if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                skip(2)
            } else {
                skip()
            }
        } while depth > 0 && position < bytes.count
    }

    /// How many `#` stand before the quote that begins a string here; nil when none begins.
    private func stringOpening() -> Int? {
        var hashes = 0
        while peek(hashes) == UInt8(ascii: "#") { hashes += 1 }
        return peek(hashes) == UInt8(ascii: "\"") ? hashes : nil
    }

    private mutating func readString(hashes: Int) {
        position += hashes
        let quote = UInt8(ascii: "\"")
        let isLong = peek(1) == quote && peek(2) == quote
        let quotes = isLong ? 3 : 1
        position += quotes
        var begin = position
        var beginLine = line
        while let byte = peek() {
            if byte == quote, closes(quotes: quotes, hashes: hashes) {
                append(.string, begin..<position, line: beginLine)
                return skip(quotes + hashes)
            }
            if byte == UInt8(ascii: "\\"), follows(hashes: hashes) {
                if peek(1 + hashes) == UInt8(ascii: "(") {
                    append(.string, begin..<position, line: beginLine)
                    skip(2 + hashes)
                    readCode(untilParenthesis: true)
                    begin = position
                    beginLine = line
                } else {
                    skip(2 + hashes)
                }
            } else {
                skip()
            }
        }
    }

    private func closes(quotes: Int, hashes: Int) -> Bool {
        for distance in 0..<quotes where peek(distance) != UInt8(ascii: "\"") { return false }
        for distance in 0..<hashes where peek(quotes + distance) != UInt8(ascii: "#") { return false }
        return true
    }

    private func follows(hashes: Int) -> Bool {
        for distance in 0..<hashes where peek(1 + distance) != UInt8(ascii: "#") { return false }
        return true
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
