internal import Bytes
internal import Files

/// Lines of a source without holding more of it than the longest line.
struct LineReader {
    /// Longer lines are refused: no message may be as large.
    static let lineMax = 8 << 20
    /// Small enough that its memory is used again at once.
    private static let chunkSize = 1 << 16

    private let source: any ByteSource
    /// Holds the line that `next` gave last.
    private(set) var buffer: [UInt8]
    private var start = 0
    private var searched = 0
    private var hasEnded = false
    /// Number of the line that `next` gave last, from 1.
    private(set) var lineNumber = 0
    /// Bytes of the source that lie before the buffer.
    private var passed = 0

    enum Line {
        /// Where it lies in `buffer`.
        case bytes(Range<Int>)
        case tooLong
    }

    /// Where a place of `buffer` lies in the source.
    func offset(of index: Int) -> Int { passed + index }

    /// - Parameter head: What was read from the source already.
    init(_ head: [UInt8], _ source: any ByteSource) {
        buffer = head
        self.source = source
    }

    /// The next line without its line feed, or `nil` at the end.
    mutating func next() throws(FileError) -> Line? {
        var isTooLong = false
        while true {
            if let end = lineFeed() { return take(upTo: end, next: end + 1, isTooLong) }
            searched = buffer.count
            if hasEnded {
                guard start < buffer.count || isTooLong else { return nil }
                return take(upTo: buffer.count, next: buffer.count, isTooLong)
            }
            if buffer.count - start > Self.lineMax { isTooLong = true }
            passed += isTooLong ? buffer.count : start
            buffer.removeFirst(isTooLong ? buffer.count : start)
            searched = buffer.count
            start = 0
            let chunk = try source.read(upTo: Self.chunkSize)
            hasEnded = chunk.isEmpty
            buffer += chunk
        }
    }

    private func lineFeed() -> Int? {
        let buffer = buffer
        return buffer.span.firstIndex(of: UInt8(ascii: "\n"), from: searched)
    }

    private mutating func take(upTo end: Int, next: Int, _ isTooLong: Bool) -> Line {
        defer {
            start = next
            searched = next
        }
        lineNumber += 1
        return isTooLong ? .tooLong : .bytes(start..<end)
    }
}
