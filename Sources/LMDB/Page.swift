/// A page of a tree, read from the file: a branch or a leaf whose head can be what it says.
///
/// LMDB 0.9 on 64-bit machines, in the machine's byte order:
///
///      0  page number  u64       12  lower  u16   end of the places      (overflow: u32, number of pages)
///      8  padding      u16       14  upper  u16   begin of the nodes
///     10  flags        u16       16  places of the nodes, u16 each
///
/// and a node, which begins at its place:
///
///      0  low   u16    branch: page = low | high << 16 | flags << 32        4  flags      u16
///      2  high  u16    leaf: byte count of the value = low | high << 16     6  key count  u16    8  key, value
///
/// A leaf's value is an overflow page's number (flag 1), a table (flag 2), or lies there.
struct Page {
    enum Kind { case branch, leaf }

    /// An entry of the page; ranges are places in it.
    struct Node {
        enum Content {
            case child(UInt64)
            case value(Range<Int>)
            case overflow(UInt64, byteCount: Int)
            case table(TableRecord)
        }

        let key: Range<Int>
        let content: Content
    }

    static let headCount = 16
    static let nodeHeadCount = 8
    static let branchFlag = 0x01
    static let leafFlag = 0x02
    static let overflowFlag = 0x04
    private static let bigValueFlag = 0x01
    private static let tableFlag = 0x02
    /// Longest key of LMDB.
    static let keyCountMax = 511

    let bytes: [UInt8]
    let kind: Kind
    let nodeCount: Int
    private let upper: Int

    /// - Returns: `nil` when the bytes are no page of a tree, or another's than that of the number.
    init?(_ bytes: [UInt8], number: UInt64) {
        guard bytes.count > Page.headCount, bytes.number64(0) == number else { return nil }
        switch bytes.number16(10) {
        case Page.branchFlag: kind = .branch
        case Page.leafFlag: kind = .leaf
        default: return nil
        }
        let lower = bytes.number16(12)
        upper = bytes.number16(14)
        guard lower >= Page.headCount, lower.isMultiple(of: 2), lower <= upper, upper <= bytes.count else {
            return nil
        }
        nodeCount = (lower - Page.headCount) / 2
        guard nodeCount >= (kind == .branch ? 2 : 1) else { return nil }
        self.bytes = bytes
    }

    /// - Returns: `nil` when there can be none at its place.
    func node(_ index: Int) -> Node? {
        let place = bytes.number16(Page.headCount + 2 * index)
        guard place >= upper else { return nil }
        return Page.node(bytes, at: place, kind)
    }

    /// What may be a node of a leaf, at whichever place.
    ///
    /// - Returns: `nil` when it would not fit the page.
    static func node(_ bytes: [UInt8], at place: Int, _ kind: Kind) -> Node? {
        guard place >= headCount, place + nodeHeadCount <= bytes.count else { return nil }
        let keyStart = place + nodeHeadCount
        let key = keyStart..<(keyStart + bytes.number16(place + 6))
        guard key.upperBound <= bytes.count, key.count <= keyCountMax else { return nil }
        let count = bytes.number16(place) | bytes.number16(place + 2) << 16
        let flags = bytes.number16(place + 4)
        if kind == .branch { return Node(key: key, content: .child(UInt64(count) | UInt64(flags) << 32)) }
        guard !key.isEmpty else { return nil }
        let start = key.upperBound
        switch flags {
        case 0:
            guard start + count <= bytes.count else { return nil }
            return Node(key: key, content: .value(start..<(start + count)))
        case bigValueFlag:
            guard start + 8 <= bytes.count else { return nil }
            return Node(key: key, content: .overflow(bytes.number64(start), byteCount: count))
        case tableFlag:
            guard count == TableRecord.byteCount, start + count <= bytes.count else { return nil }
            return Node(key: key, content: .table(TableRecord(bytes, at: start)))
        default: return nil  // Tables with several values for a key: the store has none.
        }
    }
}

/// What LMDB keeps of a table.
///
///      0  padding      u32 (free table: page size)      16  leaf pages      u64      32  entries  u64
///      4  flags        u16      6  depth   u16          24  overflow pages  u64      40  root     u64
///      8  branch pages u64
struct TableRecord: Equatable {
    static let byteCount = 48
    /// The root of an empty table.
    static let noPage = UInt64.max
    /// The flags of the free table: its keys are numbers.
    static let numberKeyFlag = 0x08

    let flags: Int
    let depth: Int
    let branchPages: UInt64
    let leafPages: UInt64
    let overflowPages: UInt64
    let entries: UInt64
    let root: UInt64

    init(_ bytes: [UInt8], at offset: Int) {
        flags = bytes.number16(offset + 4)
        depth = bytes.number16(offset + 6)
        branchPages = bytes.number64(offset + 8)
        leafPages = bytes.number64(offset + 16)
        overflowPages = bytes.number64(offset + 24)
        entries = bytes.number64(offset + 32)
        root = bytes.number64(offset + 40)
    }
}

/// Pages, by their numbers.
struct PageSet {
    private var words: [UInt64]

    init(pageCount: Int) { words = [UInt64](repeating: 0, count: (pageCount + 63) / 64) }

    func contains(_ page: Int) -> Bool {
        page / 64 < words.count && words[page / 64] & (1 << UInt64(page % 64)) != 0
    }

    /// - Returns: `false` when it was there, or lies outside.
    mutating func insert(_ page: Int) -> Bool {
        guard page >= 0, page / 64 < words.count, !contains(page) else { return false }
        words[page / 64] |= 1 << UInt64(page % 64)
        return true
    }
}

/// Numbers in a page.
extension [UInt8] {
    func number16(_ offset: Int) -> Int { Int(self[offset]) | Int(self[offset + 1]) << 8 }

    func number64(_ offset: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in (0..<8).reversed() { value = value << 8 | UInt64(self[offset + index]) }
        return value
    }

    /// How the bytes of one range compare with those of another, as LMDB compares keys: < 0, 0 or > 0.
    func compare(_ range: Range<Int>, _ other: [UInt8], _ otherRange: Range<Int>) -> Int {
        let common = Swift.min(range.count, otherRange.count)
        for offset in 0..<common {
            let (mine, its) = (self[range.lowerBound + offset], other[otherRange.lowerBound + offset])
            if mine != its { return mine < its ? -1 : 1 }
        }
        return range.count - otherRange.count
    }
}
