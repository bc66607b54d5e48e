internal import Files

/// Lines of a source without holding more of it than the longest line.
struct LineReader {
    /// Longer lines are refused: no message may be as large.
    static let lineMax = 8 << 20
    private static let chunkSize = 1 << 18

    private let source: any ByteSource
    private var buffer: [UInt8]
    private var start = 0
    private var searched = 0
    private var hasEnded = false
    /// Number of the line that `next` gave last, from 1.
    private(set) var lineNumber = 0

    enum Line {
        case bytes([UInt8])
        case tooLong
    }

    /// - Parameter head: What was read from the source already.
    init(_ head: [UInt8], _ source: any ByteSource) {
        buffer = head
        self.source = source
    }

    /// The next line without its line feed, or `nil` at the end.
    mutating func next() throws(FileError) -> Line? {
        var isTooLong = false
        while true {
            while searched < buffer.count {
                if buffer[searched] == UInt8(ascii: "\n") { return take(upTo: searched, next: searched + 1, isTooLong) }
                searched += 1
            }
            if hasEnded {
                guard start < buffer.count || isTooLong else { return nil }
                return take(upTo: buffer.count, next: buffer.count, isTooLong)
            }
            if buffer.count - start > Self.lineMax { isTooLong = true }
            buffer.removeFirst(isTooLong ? buffer.count : start)
            searched = buffer.count
            start = 0
            let chunk = try source.read(upTo: Self.chunkSize)
            hasEnded = chunk.isEmpty
            buffer += chunk
        }
    }

    private mutating func take(upTo end: Int, next: Int, _ isTooLong: Bool) -> Line {
        defer {
            start = next
            searched = next
        }
        lineNumber += 1
        return isTooLong ? .tooLong : .bytes(Array(buffer[start..<end]))
    }
}
