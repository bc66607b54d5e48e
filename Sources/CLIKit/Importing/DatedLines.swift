internal import Bytes
internal import Files

/// The lines of a file of articles in JSON, in the order of the days that they were published on.
///
/// A store writes articles of one time together with a fraction of the work that it has with as many of all times. The
/// file is read once to learn the days, 24 bytes of memory for each line, and then line by line. Lines of one day keep
/// their order; those without a day come first.
struct DatedLines {
    private struct Entry {
        /// Year, month and day as decimal digits; 0: none was found.
        let day: UInt32
        let number: UInt32
        let offset: Int
        /// -1: longer than lines may be.
        let byteCount: Int
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
            case .tooLong: entries.append(Entry(day: 0, number: number, offset: 0, byteCount: -1))
            case .bytes(let range):
                let buffer = reader.buffer
                let day = PublicationDay.find(in: buffer.span.extracting(range)) ?? 0
                let offset = reader.offset(of: range.lowerBound)
                entries.append(Entry(day: day, number: number, offset: offset, byteCount: range.count))
            }
        }
        entries.sort { ($0.day, $0.number) < ($1.day, $1.number) }
        self.entries = entries[...]
    }

    /// The next line without its line feed, or `nil` when there is none.
    mutating func next() throws(FileError) -> Line? {
        guard let entry = entries.popFirst() else { return nil }
        let number = Int(entry.number)
        if entry.byteCount < 0 { return Line(number: number, bytes: nil) }
        if entry.byteCount == 0 { return Line(number: number, bytes: []) }
        return Line(number: number, bytes: try source.read(upTo: entry.byteCount, at: entry.offset))
    }
}

/// What a line of JSON says of its day, found without reading all of it: it is right for what programs write, and where
/// it is not the order alone suffers.
enum PublicationDay {
    private static let names = [Array("publishTime\"".utf8), Array("publish_time\"".utf8)]

    /// - Returns: such as 20260227.
    static func find(in line: Span<UInt8>) -> UInt32? {
        var place = 0
        while let quote = line.firstIndex(of: UInt8(ascii: "\""), from: place) {
            place = quote + 1
            for name in names where starts(line, with: name, at: place) {
                return day(line, after: place + name.count)
            }
        }
        return nil
    }

    private static func starts(_ line: Span<UInt8>, with name: [UInt8], at place: Int) -> Bool {
        guard line.count - place >= name.count else { return false }
        for index in name.indices where line[place + index] != name[index] { return false }
        return true
    }

    /// Eight digits of the value behind a name, "2026-02-27T15:55:00+08:00".
    private static func day(_ line: Span<UInt8>, after end: Int) -> UInt32? {
        var (day, digits): (UInt32, Int) = (0, 0)
        for index in end..<line.count where digits < 8 {
            switch line[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                day = day * 10 + UInt32(line[index] - UInt8(ascii: "0"))
                digits += 1
            case UInt8(ascii: " "), UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "-"): continue
            default: return nil
            }
        }
        return digits == 8 ? day : nil
    }
}
