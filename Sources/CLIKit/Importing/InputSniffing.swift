internal import ArgumentParser

/// What a file to be imported holds.
enum InputKind: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// Told by the first bytes.
    case auto
    /// A page as it was received.
    case capture
    /// Articles in JSON: one on each line, or one value over many lines.
    case jsonl
}

/// How JSON is laid out in a file.
enum JSONLayout: Hashable, Sendable {
    /// One object on each line.
    case lines
    /// One object or an array of them, over many lines.
    case document
}

enum InputSniffing {
    /// How many bytes are enough to tell.
    static let byteCount = 1 << 16

    /// JSON begins with a brace or a bracket, which no page does that has a title.
    static func looksLikeJSON(_ head: [UInt8]) -> Bool {
        guard let first = firstVisible(in: head) else { return false }
        return first.byte == UInt8(ascii: "{") || first.byte == UInt8(ascii: "[") && isBeginOfArray(head, first.offset)
    }

    /// Lines unless the value goes on after the first line.
    static func layout(_ head: [UInt8]) -> JSONLayout {
        guard let first = firstVisible(in: head) else { return .lines }
        if first.byte == UInt8(ascii: "[") { return .document }
        let line = head[first.offset...].prefix { $0 != UInt8(ascii: "\n") }
        guard line.endIndex < head.count else { return .lines }  // The line is longer than the head, or the only one.
        let last = line.last { !isSpace($0) }
        return last == UInt8(ascii: "{") || last == UInt8(ascii: ",") || last == UInt8(ascii: "[") ? .document : .lines
    }

    /// A page may begin with a bracket as in "[图]": an array of articles goes on with an object or ends.
    private static func isBeginOfArray(_ head: [UInt8], _ offset: Int) -> Bool {
        let next = head[(offset + 1)...].first { !isSpace($0) }
        return next == UInt8(ascii: "{") || next == UInt8(ascii: "]")
    }

    private static func firstVisible(in head: [UInt8]) -> (byte: UInt8, offset: Int)? {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let start = head.starts(with: mark) ? mark.count : 0
        guard let offset = head[start...].firstIndex(where: { !isSpace($0) }) else { return nil }
        return (head[offset], offset)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
