/// A walk over all pages that a data file's meta page leads to, without mapping the file.
///
/// It shows that every page is there and of the kind that its place asks for, so that LMDB can follow them without
/// leaving the file. It says nothing of what keys and values hold.
///
/// A page of LMDB 0.9 on 64-bit machines, in the machine's byte order:
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
struct PageWalk: ~Copyable {
    private let file: DataFile
    private let meta: MetaPage
    /// Pages looked at. More than there are means that they lead in a circle.
    private var visitedCount: UInt64 = 0

    private static let headCount = 16
    private static let nodeHeadCount = 8
    private static let depthMax = 32
    /// The root of an empty table.
    private static let noPage = UInt64.max

    private enum Flag {
        static let branch = 0x01
        static let leaf = 0x02
        static let overflow = 0x04
        static let bigValue = 0x01
        static let table = 0x02
    }

    init(_ file: consuming DataFile) throws(LMDBError) {
        meta = try file.meta()
        self.file = file
    }

    /// - Throws: `truncated` when a page lies beyond the end of the file, `pageMissing` when it lies beyond the last
    ///   page that the meta page counts, `corrupted` when a page cannot be what its place asks for.
    mutating func run() throws(LMDBError) {
        try visit(meta.freeRoot, depth: 0)
        try visit(meta.mainRoot, depth: 0)
    }

    private mutating func visit(_ number: UInt64, depth: Int) throws(LMDBError) {
        if number == PageWalk.noPage { return }
        guard depth < PageWalk.depthMax else { throw .corrupted }
        let page = try read(number, count: meta.pageSize)
        let flags = page.number16(10)
        guard flags == Flag.branch || flags == Flag.leaf else { throw .corrupted }
        let (lower, upper) = (page.number16(12), page.number16(14))
        guard lower >= PageWalk.headCount, lower.isMultiple(of: 2), lower <= upper, upper <= meta.pageSize else {
            throw .corrupted
        }
        let nodeCount = (lower - PageWalk.headCount) / 2
        guard nodeCount >= (flags == Flag.branch ? 2 : 1) else { throw .corrupted }
        for index in 0..<nodeCount {
            let place = page.number16(PageWalk.headCount + 2 * index)
            guard place >= upper,
                place + PageWalk.nodeHeadCount + page.number16Checked(place + 6) <= meta.pageSize
            else { throw .corrupted }
            if flags == Flag.branch {
                try visit(page.branchPage(place), depth: depth + 1)
            } else {
                try visitValue(page, at: place, depth: depth)
            }
        }
    }

    private mutating func visitValue(_ page: [UInt8], at place: Int, depth: Int) throws(LMDBError) {
        let (valueCount, flags) = (page.valueCount(place), page.number16(place + 4))
        let start = place + PageWalk.nodeHeadCount + page.number16(place + 6)
        switch flags {
        case 0: guard start + valueCount <= meta.pageSize else { throw .corrupted }
        case Flag.bigValue:
            guard start + 8 <= meta.pageSize else { throw .corrupted }
            try visitOverflow(page.number64(start), byteCount: valueCount)
        case Flag.table:
            guard valueCount == MetaPage.tableByteCount, start + valueCount <= meta.pageSize else { throw .corrupted }
            try visit(page.number64(start + MetaPage.rootOffset), depth: depth + 1)
        default: throw .corrupted  // Tables with several values for a key: the store has none.
        }
    }

    private mutating func visitOverflow(_ number: UInt64, byteCount: Int) throws(LMDBError) {
        let head = try read(number, count: PageWalk.headCount)
        let pageCount = head.number16(12) | head.number16(14) << 16
        let (end, overflow) = number.addingReportingOverflow(UInt64(max(pageCount, 1) - 1))
        guard head.number16(10) == Flag.overflow, !overflow,
            PageWalk.headCount + byteCount <= pageCount * meta.pageSize
        else { throw .corrupted }
        try checkPlace(end)
    }

    private mutating func read(_ number: UInt64, count: Int) throws(LMDBError) -> [UInt8] {
        visitedCount += 1
        guard visitedCount <= meta.lastPage + 1 else { throw .corrupted }
        try checkPlace(number)
        let bytes = try file.read(at: Int(number) * meta.pageSize, count: count)
        guard bytes.count == count, bytes.number64(0) == number else { throw .corrupted }
        return bytes
    }

    /// Whether the page lies in the file, behind the two meta pages.
    private func checkPlace(_ number: UInt64) throws(LMDBError) {
        guard number >= 2, number <= meta.lastPage else { throw .pageMissing }
        let needed = (Int(clamping: number) + 1).multipliedReportingOverflow(by: meta.pageSize)
        guard !needed.overflow, needed.partialValue <= file.byteCount else {
            throw .truncated(file.path, byteCount: file.byteCount, needed: needed.overflow ? .max : needed.partialValue)
        }
    }
}

/// Numbers in a page.
extension [UInt8] {
    fileprivate func number16(_ offset: Int) -> Int { Int(self[offset]) | Int(self[offset + 1]) << 8 }

    /// The same, but a number that makes every bound fail where there are no two bytes.
    fileprivate func number16Checked(_ offset: Int) -> Int { offset + 2 <= count ? number16(offset) : 1 << 20 }

    fileprivate func number64(_ offset: Int) -> UInt64 {
        (0..<8).reversed().reduce(0) { $0 << 8 | UInt64(self[offset + $1]) }
    }

    fileprivate func branchPage(_ place: Int) -> UInt64 {
        UInt64(number16(place) | number16(place + 2) << 16 | number16(place + 4) << 32)
    }

    fileprivate func valueCount(_ place: Int) -> Int { number16(place) | number16(place + 2) << 16 }
}
