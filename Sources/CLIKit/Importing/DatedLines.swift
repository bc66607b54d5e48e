internal import Bytes
internal import Files

/// The lines of a file of articles in JSON, in the order of the times at which they were published.
///
/// A store writes articles of one time together with a fraction of the work that it has with as many of all times. The
/// file is read once to learn the times, 24 bytes of memory for each line, and then line by line. Lines of one time
/// keep their order; those without one come first.
struct DatedLines {
    private struct Entry {
        /// As `PublicationTime` finds it; 0: it found none.
        let time: UInt64
        let offset: Int
        let number: UInt32
        /// -1: longer than lines may be.
        let byteCount: Int32
    }

    struct Line {
        /// From 1.
        let number: Int
        /// `nil`: it is longer than lines may be.
        let bytes: [UInt8]?
    }

    private let source: any PlacedSource
    private var entries: ArraySlice<Entry> = []

    /// - Parameter head: What was read from the source already.
    init(_ head: [UInt8], _ source: any PlacedSource) throws(FileError) {
        self.source = source
        // What cannot be read twice says so now, and not after hours.
        _ = try source.read(upTo: 1, at: 0)
        var reader = LineReader(head, source)
        var entries: [Entry] = []
        while let line = try reader.next() {
            let number = UInt32(clamping: reader.lineNumber)
            switch line {
            case .tooLong: entries.append(Entry(time: 0, offset: 0, number: number, byteCount: -1))
            case .bytes(let range):
                let buffer = reader.buffer
                let time = PublicationTime.find(in: buffer.span.extracting(range)) ?? 0
                let offset = reader.offset(of: range.lowerBound)
                entries.append(Entry(time: time, offset: offset, number: number, byteCount: Int32(range.count)))
            }
        }
        entries.sort { ($0.time, $0.number) < ($1.time, $1.number) }
        self.entries = entries[...]
    }

    /// The next line without its line feed, or `nil` when there is none.
    mutating func next() throws(FileError) -> Line? {
        guard let entry = entries.popFirst() else { return nil }
        let number = Int(entry.number)
        if entry.byteCount < 0 { return Line(number: number, bytes: nil) }
        if entry.byteCount == 0 { return Line(number: number, bytes: []) }
        return Line(number: number, bytes: try source.read(upTo: Int(entry.byteCount), at: entry.offset))
    }
}

/// What a line of JSON says of its time, found without reading all of it: it is right for what programs write, and
/// where it is not the order alone suffers.
enum PublicationTime {
    private static let names = [Array("publishTime\"".utf8), Array("publish_time\"".utf8)]
    /// Of 2026-02-27T15:55:00.
    private static let digitCount = 14
    /// A date may come without a time.
    private static let digitCountMin = 8

    /// - Returns: such as 20260227155500, as it is printed, whatever its zone.
    static func find(in line: Span<UInt8>) -> UInt64? {
        var place = 0
        while let quote = line.firstIndex(of: UInt8(ascii: "\""), from: place) {
            place = quote + 1
            for name in names where starts(line, with: name, at: place) {
                return time(line, after: place + name.count)
            }
        }
        return nil
    }

    private static func starts(_ line: Span<UInt8>, with name: [UInt8], at place: Int) -> Bool {
        guard line.count - place >= name.count else { return false }
        for index in name.indices where line[place + index] != name[index] { return false }
        return true
    }

    /// The digits of the value behind a name.
    private static func time(_ line: Span<UInt8>, after end: Int) -> UInt64? {
        var (time, digits, index): (UInt64, Int, Int) = (0, 0, end)
        while index < line.count, digits < digitCount {
            let byte = line[index]
            if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                time = time * 10 + UInt64(byte - UInt8(ascii: "0"))
                digits += 1
            } else if !between.contains(byte) {
                break
            }
            index += 1
        }
        if digits < digitCountMin { return nil }
        for _ in digits..<digitCount { time *= 10 }
        return time
    }

    /// What may stand between digits, and before them.
    private static let between = Array(" :\"-Tt".utf8)
}
