/// The page with which a commit becomes valid. A file begins with two; the one of the later transaction holds.
///
/// LMDB 0.9 on 64-bit machines, in the machine's byte order:
///
///      0  page number  u64        16  magic     u32  0xBEEFC0DE     40  free table  48 bytes
///      8  padding      u16        20  version   u32  1              88  main table  48 bytes
///     10  flags        u16        24  address   u64                136  last page   u64
///     12  bounds       2 x u16    32  map size  u64                144  transaction u64
struct MetaPage: Equatable {
    let pageSize: Int
    let lastPage: UInt64
    let transaction: UInt64
    let freeTable: TableRecord
    let mainTable: TableRecord

    static let byteCount = 152
    private static let magic: UInt64 = 0xBEEF_C0DE
    private static let version: UInt64 = 1
    private static let metaFlag: UInt64 = 0x08
    static let pageSizes = 512...32_768

    /// Whether two commits that follow each other can have written this one, the second, and the first. Each commit
    /// writes one of the two in turn, so their numbers differ by one; a new file has none. Otherwise one of the numbers
    /// is damaged, and the file may seem to be what it was a commit ago.
    func follows(_ first: MetaPage) -> Bool {
        if transaction == 0, first.transaction == 0 { return true }
        return transaction == first.transaction &+ 1 || first.transaction == transaction &+ 1
    }

    enum Flaw: Error, Equatable { case notMeta, otherVersion }

    /// - Parameter offset: where the page begins in `bytes`.
    init(_ bytes: [UInt8], at offset: Int) throws(Flaw) {
        func number(_ place: Int, _ count: Int) -> UInt64 {
            var value: UInt64 = 0
            for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[offset + place + index]) }
            return value
        }
        guard bytes.count >= offset + MetaPage.byteCount, number(16, 4) == MetaPage.magic,
            number(10, 2) & MetaPage.metaFlag != 0
        else { throw .notMeta }
        guard number(20, 4) == MetaPage.version else { throw .otherVersion }
        guard let pageSize = Int(exactly: number(40, 4)), MetaPage.pageSizes.contains(pageSize),
            pageSize.nonzeroBitCount == 1
        else { throw .notMeta }
        self.pageSize = pageSize
        lastPage = number(136, 8)
        transaction = number(144, 8)
        freeTable = TableRecord(bytes, at: offset + 40)
        mainTable = TableRecord(bytes, at: offset + 88)
    }
}
