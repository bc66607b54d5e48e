/// What can still be read of a data file, whatever has happened to it: entries that its trees lead to, and entries in
/// pages that nothing leads to any more. The file is read, never mapped and never changed.
///
/// An entry is what a page holds, with damage and all: whoever takes it has to know by a checksum what it is worth.
package struct SalvagedEntry {
    /// `nil`: found outside the trees, so that nobody knows which table it belonged to, nor whether it was current.
    package let table: String?
    package let key: [UInt8]
    package let value: [UInt8]
}

/// How much of a file a salvage could follow.
package struct SalvageSummary: Hashable, Sendable {
    /// Pages of trees that are none.
    package fileprivate(set) var damagedPageCount = 0
    /// Values whose pages are none, by table and key.
    package fileprivate(set) var lostValues: [LostValue] = []
    /// Whether what is given back could be told from what is in use. If not, old versions are among the entries.
    package fileprivate(set) var knowsFreePages = false
    /// Pages with entries that nothing leads to.
    package fileprivate(set) var strayPageCount = 0

    package struct LostValue: Hashable, Sendable {
        package let table: String?
        package let key: [UInt8]
    }

    package init() {}

    package var isWhole: Bool { damagedPageCount == 0 && lostValues.isEmpty && knowsFreePages }
}

extension Environment {
    /// Reads what is left of a closed environment's file. Entries in trees come first.
    package static func salvage(
        _ directory: String, _ body: @escaping (SalvagedEntry) throws(LMDBError) -> Void
    ) throws(LMDBError) -> SalvageSummary {
        let path = directory + "/data.mdb"
        guard let file = try DataFile(path) else { throw .notFound(path) }
        let salvage = Salvage(file, body)
        try salvage.run()
        return salvage.summary
    }
}

private final class Salvage {
    typealias Body = (SalvagedEntry) throws(LMDBError) -> Void

    private let file: DataFile
    private let body: Body
    private let meta: MetaPage?
    private let pageSize: Int
    private let pageCount: Int
    /// Pages of trees that were looked at: no tree leads to one twice.
    private var visited: PageSet
    /// Pages that were read whole, and need not be looked at again.
    private var reached: PageSet
    private var free: PageSet
    private var tables: [(name: String, record: TableRecord)] = []
    private(set) var summary = SalvageSummary()

    private static let depthMax = 32
    /// Of a file whose meta pages say nothing.
    private static let usualPageSize = 4096

    /// What a tree is: where its entries belong.
    private enum Tree {
        case main
        case free
        case table(String)
    }

    init(_ file: consuming DataFile, _ body: @escaping Body) {
        meta = file.anyMeta(usualPageSize: Salvage.usualPageSize)
        pageSize = meta?.pageSize ?? Salvage.usualPageSize
        pageCount = file.byteCount / pageSize
        visited = PageSet(pageCount: pageCount)
        reached = PageSet(pageCount: pageCount)
        free = PageSet(pageCount: pageCount)
        self.body = body
        self.file = file
    }

    func run() throws(LMDBError) {
        if let meta {
            summary.knowsFreePages = true
            try visit(meta.freeTable.root, depth: 1, of: .free)
            try visit(meta.mainTable.root, depth: 1, of: .main)
            for (name, record) in tables { try visit(record.root, depth: 1, of: .table(name)) }
        } else {
            summary.damagedPageCount += 2
        }
        for page in 2..<max(2, pageCount) where !reached.contains(page) {
            if summary.knowsFreePages, free.contains(page) { continue }
            try sweep(page)
        }
    }

    private func visit(_ number: UInt64, depth: Int, of tree: Tree) throws(LMDBError) {
        if number == TableRecord.noPage { return }
        let isKnown = number >= 2 && number < UInt64(pageCount)
        // A page that was given back is not the one that the tree means.
        let isFree = isKnown && summary.knowsFreePages && free.contains(Int(number))
        guard isKnown, !isFree, depth <= Salvage.depthMax, visited.insert(Int(number)) else { return miss(tree) }
        let bytes = try read(number)
        guard let page = Page(bytes, number: number) else { return miss(tree) }
        var isWhole = true
        for index in 0..<page.nodeCount {
            guard let node = page.node(index) else {
                isWhole = false
                continue
            }
            if case .child(let child) = node.content {
                try visit(child, depth: depth + 1, of: tree)
            } else {
                try take(node, of: page, tree)
            }
        }
        // What cannot be read by its places is looked for byte by byte, in the end.
        if isWhole { _ = reached.insert(Int(number)) } else { miss(tree) }
    }

    private func miss(_ tree: Tree) {
        summary.damagedPageCount += 1
        if case .free = tree { summary.knowsFreePages = false }
    }

    private func take(_ node: Page.Node, of page: Page, _ tree: Tree) throws(LMDBError) {
        let key = Array(page.bytes[node.key])
        switch tree {
        case .main:
            if case .table(let record) = node.content {
                tables.append((String(decoding: key, as: UTF8.self), record))
            } else {
                miss(tree)
            }
        case .free:
            guard let list = try value(node, page), takeFree(list) else { return miss(tree) }
        case .table(let name):
            if let value = try value(node, page) {
                try body(SalvagedEntry(table: name, key: key, value: value))
            } else {
                summary.lostValues.append(SalvageSummary.LostValue(table: name, key: key))
            }
        }
    }

    private func takeFree(_ list: [UInt8]) -> Bool {
        guard list.count >= 8, list.number64(0) <= UInt64(list.count / 8 - 1) else { return false }
        for index in 0..<Int(list.number64(0)) {
            // Pages beyond the end of the file may be among them.
            let page = list.number64(8 + 8 * index)
            if page < UInt64(pageCount) { _ = free.insert(Int(page)) }
        }
        return true
    }

    /// - Returns: `nil` when its pages are none.
    private func value(_ node: Page.Node, _ page: Page) throws(LMDBError) -> [UInt8]? {
        switch node.content {
        case .child, .table: return nil
        case .value(let range): return Array(page.bytes[range])
        case .overflow(let number, let byteCount):
            guard number >= 2, number < UInt64(pageCount) else { return nil }
            let neededCount = (Page.headCount + byteCount + pageSize - 1) / pageSize
            guard Int(number) + neededCount <= pageCount else { return nil }
            // The head counts for little: the value has a checksum, and the leaf says where it is.
            let value = try file.read(at: Int(number) * pageSize + Page.headCount, count: byteCount)
            for page in Int(number)..<(Int(number) + neededCount) { _ = reached.insert(page) }
            return value
        }
    }

    /// Looks for entries in a page that no tree leads to, or whose places are damaged: anything that may be a node.
    private func sweep(_ number: Int) throws(LMDBError) {
        let bytes = try read(UInt64(number))
        var hasEntry = false
        func take(_ node: Page.Node) throws(LMDBError) {
            let key = Array(bytes[node.key])
            let value: [UInt8]
            switch node.content {
            case .child, .table: return
            case .value(let range): value = Array(bytes[range])
            case .overflow(let first, let byteCount):
                guard first >= 2, first < UInt64(pageCount),
                    Int(first) * pageSize + Page.headCount + byteCount <= pageCount * pageSize
                else { return }
                value = try file.read(at: Int(first) * pageSize + Page.headCount, count: byteCount)
            }
            hasEntry = true
            try body(SalvagedEntry(table: nil, key: key, value: value))
        }
        if let page = Page(bytes, number: UInt64(number)) {
            if page.kind == .branch { return }
            let nodes = (0..<page.nodeCount).map { page.node($0) }
            if !nodes.contains(where: { $0 == nil }) {
                for case .some(let node) in nodes { try take(node) }
                if hasEntry { summary.strayPageCount += 1 }
                return
            }
        }
        for place in stride(from: Page.headCount, to: bytes.count - Page.nodeHeadCount, by: 2) {
            if let node = Page.node(bytes, at: place, .leaf), Salvage.isPrintable(bytes, node.key) { try take(node) }
        }
        if hasEntry { summary.strayPageCount += 1 }
    }

    /// Whether the bytes can be one of the keys that are looked for; tells most places that hold no node.
    private static func isPrintable(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        range.allSatisfy { (0x21...0x7E).contains(bytes[$0]) }
    }

    private func read(_ number: UInt64) throws(LMDBError) -> [UInt8] {
        try file.read(at: Int(number) * pageSize, count: pageSize)
    }
}
