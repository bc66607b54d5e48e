/// A walk over all pages that a data file's meta page leads to, without mapping the file.
///
/// It shows that every page is there, of the kind that its place asks for and used once; that the keys of each table
/// ascend, below branches as well; that each table has as many pages and entries as it counts; and that no page is
/// both used and free. So LMDB can follow and change them without leaving the file, without overlooking a key, and
/// without writing over a page that is needed. It says nothing of what values hold: they have checksums of their own.
struct PageWalk: ~Copyable {
    private let file: DataFile
    private let meta: MetaPage
    private var used: PageSet
    private var free: PageSet
    /// Of the table that is being walked.
    private var tally = Tally()
    private var order = KeyOrder()
    private var isFreeTable = false
    private var namedTables: [TableRecord] = []

    /// Deepest tree that LMDB's cursors can follow.
    private static let depthMax = 32
    /// Pages that may be counted and yet never have been written, when a transaction took them and gave them back.
    private static let unwrittenPageCountMax = 1 << 20

    private struct Tally {
        var depth = 0
        var branchPages: UInt64 = 0
        var leafPages: UInt64 = 0
        var overflowPages: UInt64 = 0
        var entries: UInt64 = 0
    }

    init(_ file: consuming DataFile) throws(LMDBError) {
        let found = try file.meta()
        let filled = file.byteCount / found.pageSize
        guard found.lastPage < UInt64(filled + PageWalk.unwrittenPageCountMax) else {
            throw .truncated(file.path, byteCount: file.byteCount, needed: Int(clamping: found.lastPage))
        }
        let pageCount = Int(found.lastPage) + 1
        self.file = file
        meta = found
        used = PageSet(pageCount: pageCount)
        free = PageSet(pageCount: pageCount)
    }

    /// - Throws: `truncated` when a page lies beyond the end of the file, `pageMissing` when it lies beyond the last
    ///   page that the meta page counts, `corrupted` when a page cannot be what its place asks for.
    mutating func run() throws(LMDBError) {
        try walk(meta.mainTable, flags: 0)
        for table in namedTables { try walk(table, flags: 0) }
        isFreeTable = true
        try walk(meta.freeTable, flags: TableRecord.numberKeyFlag)
        let filled = file.byteCount / meta.pageSize
        for page in 2..<max(2, Int(meta.lastPage) + 1) {
            if used.contains(page), free.contains(page) { throw .corrupted }
            if page >= filled, !free.contains(page) { throw missing(page) }
        }
    }

    /// Looks at the first page of each table only: enough to open the file, in a few reads.
    func lookAtRoots() throws(LMDBError) {
        for table in [meta.mainTable, meta.freeTable] where table.root != TableRecord.noPage {
            let page = try tree(table.root)
            for index in 0..<page.nodeCount {
                guard let node = page.node(index) else { throw .corrupted }
                guard case .table(let named) = node.content, named.root != TableRecord.noPage else { continue }
                let root = try tree(named.root)
                for index in 0..<root.nodeCount where root.node(index) == nil { throw .corrupted }
            }
        }
    }

    private mutating func walk(_ table: TableRecord, flags: Int) throws(LMDBError) {
        guard table.flags == flags else { throw .corrupted }
        (tally, order) = (Tally(), KeyOrder())
        order.hasNumbers = isFreeTable
        if table.root != TableRecord.noPage { try visit(table.root, depth: 1) }
        guard tally.depth == table.depth, tally.branchPages == table.branchPages, tally.leafPages == table.leafPages,
            tally.overflowPages == table.overflowPages, tally.entries == table.entries
        else { throw .corrupted }
    }

    private mutating func visit(_ number: UInt64, depth: Int) throws(LMDBError) {
        guard depth <= PageWalk.depthMax else { throw .corrupted }
        let page = try tree(number)
        guard used.insert(Int(number)) else { throw .corrupted }
        switch page.kind {
        case .branch: try visitBranch(page, depth: depth)
        case .leaf: try visitLeaf(page, depth: depth)
        }
    }

    private mutating func visitBranch(_ page: Page, depth: Int) throws(LMDBError) {
        tally.branchPages += 1
        for index in 0..<page.nodeCount {
            guard let node = page.node(index), case .child(let child) = node.content else { throw .corrupted }
            // The first key of a branch is never looked at.
            if index > 0 { try order.bound(page.bytes, node.key) }
            try visit(child, depth: depth + 1)
        }
    }

    private mutating func visitLeaf(_ page: Page, depth: Int) throws(LMDBError) {
        tally.leafPages += 1
        guard tally.depth == 0 || tally.depth == depth else { throw .corrupted }
        tally.depth = depth
        var before: Range<Int>?
        for index in 0..<page.nodeCount {
            guard let node = page.node(index) else { throw .corrupted }
            try order.check(page.bytes, node.key, before: before)
            before = node.key
            tally.entries += 1
            try visitValue(node, page)
        }
        if let before { order.leave(page.bytes, before) }
    }

    private mutating func visitValue(_ node: Page.Node, _ page: Page) throws(LMDBError) {
        switch node.content {
        case .child: throw .corrupted
        case .value(let range): if isFreeTable { try take(Array(page.bytes[range])) }
        case .overflow(let first, let byteCount): try visitOverflow(first, byteCount: byteCount)
        case .table(let table):
            guard !isFreeTable else { throw .corrupted }
            namedTables.append(table)
        }
    }

    private mutating func visitOverflow(_ number: UInt64, byteCount: Int) throws(LMDBError) {
        let head = try read(number, count: Page.headCount)
        let pageCount = head.number16(12) | head.number16(14) << 16
        guard head.number16(10) == Page.overflowFlag, pageCount > 0,
            Page.headCount + byteCount <= pageCount * meta.pageSize
        else { throw .corrupted }
        try checkPlace(number + UInt64(pageCount - 1))
        tally.overflowPages += UInt64(pageCount)
        for page in Int(number)..<(Int(number) + pageCount) {
            guard used.insert(page) else { throw .corrupted }
        }
        if isFreeTable {
            try take(file.read(at: Int(number) * meta.pageSize + Page.headCount, count: byteCount))
        }
    }

    /// Takes note of free pages: their count, then their numbers.
    private mutating func take(_ list: [UInt8]) throws(LMDBError) {
        guard list.count >= 8, list.number64(0) <= UInt64(list.count / 8 - 1) else { throw .corrupted }
        for index in 0..<Int(list.number64(0)) {
            let page = list.number64(8 + 8 * index)
            guard page >= 2, page <= meta.lastPage, free.insert(Int(page)) else { throw .corrupted }
        }
    }

    private func tree(_ number: UInt64) throws(LMDBError) -> Page {
        guard let page = Page(try read(number, count: meta.pageSize), number: number) else { throw .corrupted }
        return page
    }

    private func read(_ number: UInt64, count: Int) throws(LMDBError) -> [UInt8] {
        try checkPlace(number)
        let bytes = try file.read(at: Int(number) * meta.pageSize, count: count)
        guard bytes.count == count, bytes.number64(0) == number else { throw .corrupted }
        return bytes
    }

    /// Whether the page lies in the file, behind the two meta pages.
    private func checkPlace(_ number: UInt64) throws(LMDBError) {
        guard number >= 2, number <= meta.lastPage else { throw .pageMissing }
        guard (Int(number) + 1) * meta.pageSize <= file.byteCount else { throw missing(Int(number)) }
    }

    private func missing(_ page: Int) -> LMDBError {
        .truncated(file.path, byteCount: file.byteCount, needed: (page + 1) * meta.pageSize)
    }
}

/// Whether the keys of a table ascend.
private struct KeyOrder {
    /// Keys are numbers of 8 bytes in the machine's order, as in the free table.
    var hasNumbers = false
    private var last: [UInt8] = []
    private var hasLast = false
    /// `last` stands in a branch: the next key may be equal to it.
    private var lastIsBound = false

    /// A key in a branch: above all keys before it, and not above any behind.
    mutating func bound(_ page: [UInt8], _ key: Range<Int>) throws(LMDBError) {
        if hasLast { guard try compare(page, key, last, last.indices) > 0 else { throw .corrupted } }
        (last, hasLast, lastIsBound) = (Array(page[key]), true, true)
    }

    /// - Parameter before: the key before it in the same page; `nil`: it is the page's first.
    mutating func check(_ page: [UInt8], _ key: Range<Int>, before: Range<Int>?) throws(LMDBError) {
        if let before {
            guard try compare(page, key, page, before) > 0 else { throw .corrupted }
        } else if hasLast {
            guard try compare(page, key, last, last.indices) > (lastIsBound ? -1 : 0) else { throw .corrupted }
        }
    }

    /// The page ends with that key.
    mutating func leave(_ page: [UInt8], _ key: Range<Int>) {
        (last, hasLast, lastIsBound) = (Array(page[key]), true, false)
    }

    private func compare(
        _ page: [UInt8], _ key: Range<Int>, _ other: [UInt8], _ otherKey: Range<Int>
    ) throws(LMDBError) -> Int {
        guard hasNumbers else { return page.compare(key, other, otherKey) }
        guard key.count == 8, otherKey.count == 8 else { throw .corrupted }
        let (mine, its) = (page.number64(key.lowerBound), other.number64(otherKey.lowerBound))
        return mine == its ? 0 : mine < its ? -1 : 1
    }
}
