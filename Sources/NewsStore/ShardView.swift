internal import LMDB

/// One thread's sight of one shard: its read transaction there, begun when first needed.
final class ShardView {
    let shard: Shard
    private let shards: ShardSet
    private var reader: SharedReader?
    private(set) var tables = ShardTables()
    /// Whether it may hold a view that the end of the turn gives back.
    private(set) var isTouched = false

    init(_ shard: Shard, of shards: ShardSet) {
        self.shard = shard
        self.shards = shards
    }

    deinit {
        if let reader { shard.file.endReader(reader) }
    }

    /// Lends the shard's transaction, with the view that it has had since the turn's first use.
    ///
    /// `body` must not use the store.
    func read(_ body: (borrowing ReadTransaction, ShardTables) throws(LMDBError) -> Void) throws(StoreError) {
        isTouched = true
        // The shard may have been closed since, by the limit on open ones or by a failed commit: then once more.
        for _ in 0..<2 {
            let reader = try current()
            let tables = self.tables
            do throws(LMDBError) {
                let isLive = try reader.read { (transaction) throws(LMDBError) in try body(transaction, tables) }
                if isLive { return }
            } catch {
                throw .unavailable(shard.period)
            }
            self.reader = nil
        }
        throw .unavailable(shard.period)
    }

    /// The same in the very view that `refresh` took.
    ///
    /// - Returns: `false` when that is gone; `body` is not called then.
    func readAgain(
        _ body: (borrowing ReadTransaction, ShardTables) throws(LMDBError) -> Void
    ) throws(StoreError) -> Bool {
        guard let reader else { return false }
        let tables = self.tables
        do throws(LMDBError) {
            return try reader.read { (transaction) throws(LMDBError) in try body(transaction, tables) }
        } catch {
            throw .unavailable(shard.period)
        }
    }

    /// Takes a new view.
    ///
    /// - Returns: the last transaction that it shows.
    func refresh() throws(StoreError) -> UInt64 {
        isTouched = true
        for _ in 0..<2 {
            let reader = try current()
            do throws(LMDBError) {
                if let number = try reader.refresh() { return number }
            } catch {
                throw .unavailable(shard.period)
            }
            self.reader = nil
        }
        throw .unavailable(shard.period)
    }

    /// Gives the view back.
    func endTurn() {
        guard isTouched else { return }
        isTouched = false
        reader?.reset()
        shards.didUse(shard)
    }

    private func current() throws(StoreError) -> SharedReader {
        if let reader { return reader }
        let (reader, tables) = try shards.makeReader(of: shard)
        self.reader = reader
        self.tables = tables
        return reader
    }
}

/// The tables of a shard, as its environment numbers them.
struct ShardTables {
    private var tables: InlineArray<12, Table?> = InlineArray(repeating: nil)

    init() {}

    /// - Parameter all: in the order of `ShardTable`.
    init(_ all: [Table]) {
        for table in ShardTable.allCases { tables[table.rawValue] = all[table.rawValue] }
    }

    subscript(_ table: ShardTable) -> Table {
        guard let found = tables[table.rawValue] else { preconditionFailure("tables of a shard that is not open") }
        return found
    }
}
