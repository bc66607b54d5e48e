internal import Bytes
internal import LMDB
package import NewsModel
internal import Synchronization

/// What a command may do to its shard. Valid only inside `apply`.
package final class ShardWriter {
    /// The round's time.
    package let now: Instant
    package let period: Period

    let shard: Shard
    let context: StoreContext
    let environment: Environment
    let tables: ShardTables
    let catalog: CatalogChanges
    var meta: ShardMeta
    var builder = ValueBuilder()

    private var transaction: WriteTransaction?
    private var commit: PendingCommit?
    private let requests: RequestMemory
    private let settlement: () -> Void
    /// Remembered in this transaction; they count once it is committed.
    private(set) var newRequests: [RequestRecord] = []
    private var nextRevision: UInt64
    /// Whether the command that is running has changed anything.
    private(set) var hasWritten = false
    /// Whether anything has, of the whole transaction.
    private(set) var hasChanges = false
    /// Whether articles were deleted or came back, so that the time of the next purge may be another.
    var changesPurges = false
    /// Articles that are purged, and whose entry in `located` is not needed once that is committed.
    var released: [ArticleID] = []
    /// Of a command with a `destination`: that shard.
    var target: ShardWriter?
    /// When the first change happened that the shard keeps, in microseconds; `nil`: as before.
    var changedFirstChange: Int64?
    /// Articles that are purged.
    var purged: [ArticleID] = []
    /// Articles whose counters changed, and their revisions did not.
    var counted: [ArticleID] = []
    /// The article that was moved to `target`.
    var moved: ArticleID?
    /// The article whose reactions `target` has already, since they are too many to go along with it.
    var carried: ArticleID?
    /// The article that cannot be moved before that has been done. What its command threw then is nobody's error.
    var overloaded: ArticleID?
    /// What readers are shown of views that are not written: what is written counts them as well.
    private let overlay: ViewOverlay?
    private let touchLog: TouchLog?
    private var touched: [TouchedKey] = []
    /// Entries that the transaction has written or removed, by table.
    private var entryCounts = InlineArray<12, Int>(repeating: 0)
    /// Pages that the transaction has changed, when it begins to commit.
    private var committedPageCount: Int?
    /// What was looked up since the last write: who looks before he writes has it looked up once.
    private var seen = Seen()

    private struct Seen {
        var absent: ArticleID?
        var titleDay: (key: TitleDay, entries: [(ordinal: UInt16, id: ArticleID)])?
        var isAny: Bool { absent != nil || titleDay != nil }
    }

    /// - Parameters:
    ///   - nextRevision: for the first put.
    ///   - beginning: the transaction, begun by a committer; `nil`: this thread begins one.
    ///   - settlement: waits for the commits of other shards that are under way.
    init(
        _ shard: Shard, _ environment: Environment, context: StoreContext, catalog: CatalogChanges,
        requests: RequestMemory, nextRevision: UInt64, now: Instant,
        beginning: BeginningWrite?, settlement: @escaping () -> Void
    ) throws(StoreError) {
        self.shard = shard
        self.environment = environment
        self.context = context
        self.catalog = catalog
        self.requests = requests
        self.settlement = settlement
        self.nextRevision = nextRevision
        self.now = now
        overlay = context.views.overlay
        touchLog = shard.touchLog.withLock { $0 }
        period = shard.period
        tables = ShardTables((0..<ShardTable.allCases.count).map { environment.table($0) })
        do throws(LMDBError) {
            let transaction = if let beginning { try beginning.take() } else { try environment.beginWrite() }
            guard let meta = try transaction.shardMeta(in: environment) else {
                throw LMDBError.corrupted
            }
            self.meta = meta
            self.transaction = consume transaction
        } catch {
            throw StoreError(error, path: shard.file.path)
        }
    }

    /// Finds an article of this shard.
    package func article(_ id: ArticleID) throws(StoreError) -> StoredArticle? {
        if seen.absent == id { return nil }
        let key = Key(id)
        let full = ByteArena()
        guard let header = try record(key, in: .articles, full) else {
            seen.absent = id
            return nil
        }
        let rowKey = Key(newest: header.order, id)
        let (row, capture) = (ByteArena(), ByteArena())
        guard try record(rowKey, in: .rows, row) == header, row.count >= RowLinks.byteCount else {
            throw damaged(.rows, rowKey)
        }
        let hasCapture = try record(key, in: .captures, capture) != nil
        let stats = try stats(rowKey, of: header)
        return StoredArticle(
            header: header, full: full.array(from: 0), row: row.array(from: RowLinks.byteCount),
            capture: hasCapture ? capture.array(from: 0) : [], base: stats.base, events: stats.events,
            titleDay: try links(rowKey).titleDay)
    }

    /// Whether the shard has such an article, deleted ones included.
    package func holds(_ id: ArticleID) throws(StoreError) -> Bool {
        if seen.absent == id { return false }
        let isThere = try header(of: id) != nil
        if !isThere { seen.absent = id }
        return isThere
    }

    /// The articles with this title and day, in the order in which they came.
    package func candidates(titleDay: TitleDay) throws(StoreError) -> [ArticleID] {
        try titleDayEntries(titleDay).map(\.id)
    }

    /// The channel with this id or display name.
    ///
    /// - Parameter create: makes it when there is none; the name becomes its display name.
    package func channel(named name: String, create: Bool) throws(StoreError) -> Channel? {
        if let channel = catalog.channels.channel(named: name) { return channel }
        guard create else { return nil }
        let limit = 400
        guard (1...limit).contains(name.utf8.count) else {
            throw .tooLarge(what: "the name of a channel", byteCount: name.utf8.count, limit: limit)
        }
        return catalog.makeChannel(displayName: name)
    }

    package func channel(number: UInt32) -> Channel? { catalog.channels.channel(number: number) }

    /// The shard in which an article of that sort instant belongs.
    package func period(of sortInstant: Instant?) -> Period {
        Period(of: sortInstant, context.layout, zone: context.zone)
    }

    /// What a request of the last day did, in whichever shard.
    package func request(_ id: String, _ kind: RequestRecord.Kind = .change) -> RequestRecord? {
        if let new = newRequests.last(where: { $0.id == id && $0.kind == kind }) { return new }
        if requests.isUndecided(id) { settlement() }
        guard let record = requests.record(id, kind) else { return nil }
        return record.time >= now - context.options.requestMemory ? record : nil
    }

    /// Keeps what a request did, together with what the command puts: of a move, in the shard that the article goes to.
    package func remember(
        request id: String, _ kind: RequestRecord.Kind = .change, fingerprint: [UInt8], article: ArticleID
    ) throws(StoreError) {
        if moved != nil, let target {
            return try target.remember(request: id, kind, fingerprint: fingerprint, article: article)
        }
        guard fingerprint.count <= 255 else {
            throw .tooLarge(what: "a fingerprint", byteCount: fingerprint.count, limit: 255)
        }
        guard id.utf8.count <= 1024 else {
            throw .tooLarge(what: "a request id", byteCount: id.utf8.count, limit: 1024)
        }
        try forgetOldRequests()
        let value = RequestValue(kind, requestID: id, fingerprint: fingerprint, article: article)
        try put(Key(requestTime: now, requestID: id).array, in: .requests) { value.append(to: &$0) }
        meta.lastRequestTime = max(meta.lastRequestTime, now)
        newRequests.append(
            RequestRecord(kind, id: id, fingerprint: fingerprint, article: article, period: period, time: now))
    }

    /// The revision for the next change.
    func takeRevision() -> UInt64 {
        defer { nextRevision += 1 }
        meta.lastRevision = nextRevision
        return nextRevision
    }

    func beginCommand() { hasWritten = false }

    private var entryCount: Int { entryCounts.indices.reduce(0) { $0 + entryCounts[$1] } }

    /// Pages that the transaction has changed, at most; what a transaction may hold is limited.
    var pageCount: Int { 2 * entryCount }

    /// About how many it has changed: in a large table each entry a page of its own, in a small one all pages.
    var changedPageCount: Int { committedPageCount ?? entryCount }

    /// Whether it is known that there is no such article, without looking.
    func knowsAbsent(_ id: ArticleID) -> Bool { seen.absent == id }

    /// Gives revisions behind those that the other transaction has given, and not yet committed.
    func continueRevisions(of other: ShardWriter) { nextRevision = max(nextRevision, other.nextRevision) }

    /// Writes what the shard says of itself, and begins to commit. To be ended by `endCommit`, also when that fails.
    ///
    /// - Returns: what is to be told once it is committed.
    func beginCommit(_ steps: CommitSteps = CommitSteps()) throws(LMDBError) -> CommittedShard {
        try transaction?.put(meta, in: environment)
        guard let ending = transaction.take() else { throw .misuse(code: 0) }
        let purge = changesPurges ? try ending.nextPurge(in: environment) : nil
        let number = ending.number
        var pageCount = 0
        for table in ShardTable.allCases {
            pageCount += min(entryCounts[table.rawValue], try ending.pageCount(tables[table]))
        }
        committedPageCount = pageCount
        commit = ending.beginCommit(steps)
        return CommittedShard(
            shard: shard, meta: meta, transaction: number,
            nextPurge: changesPurges ? purge?.microseconds ?? .max : nil, counted: counted,
            firstChange: changedFirstChange)
    }

    /// Whether the commit that has begun has ended.
    var hasEndedCommit: Bool { commit?.hasEnded ?? true }

    /// Waits for the commit that has begun.
    func endCommit() throws(LMDBError) {
        defer { touchLog?.add(touched) }
        guard let commit = commit.take() else { throw .misuse(code: 0) }
        try commit.end()
    }

    /// Whether an article of that id is in another shard, now that nothing of it is under way.
    func holds(_ id: ArticleID, in other: Period) throws(StoreError) -> Bool {
        settlement()
        return try context.holds(id, in: other)
    }

    /// Ends the transaction and undoes it.
    func abort() { transaction = nil }
}

@available(*, unavailable) extension ShardWriter: Sendable {}

/// A shard that has been committed, and what readers are told of it when all with smaller revisions is committed, too.
struct CommittedShard {
    let shard: Shard
    let meta: ShardMeta
    let transaction: UInt64
    /// Microseconds; `nil`: as before.
    let nextPurge: Int64?
    let counted: [ArticleID]
    /// Microseconds; `nil`: as before.
    let firstChange: Int64?

    /// Whether readers know of a later one: a later commit of the shard failed, or a move did, and all that the shard
    /// holds was shown. They must not be told less again.
    private var isShown: Bool { shard.publishedTransaction.load(ordering: .relaxed) > transaction }

    /// Says that the shard has changes up to its last revision. Comes before the position is published: whoever follows
    /// the changes up to there leaves out shards that have none.
    func announce() {
        if !isShown { shard.lastRevision.store(meta.lastRevision, ordering: .releasing) }
    }

    func publish() {
        if isShown { return }
        shard.publish(meta, transaction: transaction)
        if let nextPurge { shard.nextPurge.store(nextPurge, ordering: .relaxed) }
        if let firstChange { shard.firstChange.store(firstChange, ordering: .relaxed) }
    }
}

/// Access to the transaction, for what puts are made of.
extension ShardWriter {
    func damaged(_ table: ShardTable, _ key: Key) -> StoreError {
        .damaged(shard.place(table, key.withSpan { keyText($0) }))
    }

    func damaged(_ table: ShardTable, _ key: [UInt8]) -> StoreError { .damaged(shard.place(table, keyText(key.span))) }

    /// Reads in the transaction.
    func read<Result>(
        _ body: (borrowing WriteTransaction) throws(LMDBError) -> Result
    ) throws(StoreError) -> Result {
        do throws(LMDBError) {
            switch transaction {
            case .some(let live): return try body(live)
            case .none: throw .misuse(code: 0)
            }
        } catch {
            throw StoreError(error, path: shard.file.path)
        }
    }

    /// Writes in the transaction.
    func write(
        to table: ShardTable, _ body: (inout WriteTransaction) throws(LMDBError) -> Void
    ) throws(StoreError) {
        noteWrite(table)
        do throws(LMDBError) {
            guard transaction != nil else { throw .misuse(code: 0) }
            try change(&transaction, body)
        } catch {
            throw StoreError(error, path: shard.file.path)
        }
    }

    private func change(
        _ transaction: inout WriteTransaction?, _ body: (inout WriteTransaction) throws(LMDBError) -> Void
    ) throws(LMDBError) {
        guard var live = transaction.take() else { return }
        do throws(LMDBError) {
            try body(&live)
        } catch {
            transaction = consume live
            throw error
        }
        transaction = consume live
    }

    private func noteWrite(_ table: ShardTable) {
        hasWritten = true
        hasChanges = true
        entryCounts[table.rawValue] += 1
        if seen.isAny { seen = Seen() }
    }

    /// Seals and writes one value.
    func put(_ key: Span<UInt8>, in table: ShardTable, _ content: (inout ValueBuilder) -> Void) throws(StoreError) {
        builder.build(key: key, seed: table.seed, content)
        touch(key, table)
        noteWrite(table)
        do throws(LMDBError) {
            guard transaction != nil else { throw .misuse(code: 0) }
            try builder.withBytes { (value) throws(LMDBError) in
                _ = try transaction?.put(key, value, in: tables[table])
            }
        } catch {
            throw StoreError(error, path: shard.file.path)
        }
    }

    func put(_ key: Key, in table: ShardTable, _ content: (inout ValueBuilder) -> Void) throws(StoreError) {
        try key.withSpan { (key) throws(StoreError) in try put(key, in: table, content) }
    }

    func put(_ key: [UInt8], in table: ShardTable, _ content: (inout ValueBuilder) -> Void) throws(StoreError) {
        try put(key.span, in: table, content)
    }

    private func touch(_ key: Span<UInt8>, _ table: ShardTable) {
        if touchLog != nil { touched.append(TouchedKey(table: table, key: [UInt8](copying: key))) }
    }

    func remove(_ key: [UInt8], in table: ShardTable) throws(StoreError) {
        touch(key.span, table)
        let place = tables[table]
        try write(to: table) { (transaction) throws(LMDBError) in try transaction.remove(key.span, in: place) }
    }

    func remove(_ key: Key, in table: ShardTable) throws(StoreError) { try remove(key.array, in: table) }

    /// Removes the first entries whose keys begin with `prefix`, see `WriteTransaction`.
    func removeFirst(
        _ limit: Int, withPrefix prefix: [UInt8], in table: ShardTable, _ body: (Span<UInt8>) -> Void
    ) throws(StoreError) -> Int {
        let (place, isTouched) = (tables[table], touchLog != nil)
        var count = 0
        var keys: [TouchedKey] = []
        try write(to: table) { (transaction) throws(LMDBError) in
            count = try transaction.removeFirst(limit, withPrefix: prefix, in: place) { key in
                body(key)
                if isTouched { keys.append(TouchedKey(table: table, key: Array(key))) }
            }
        }
        touched += keys
        entryCounts[table.rawValue] += count
        return count
    }

    /// Appends a record's content to the arena.
    func record(_ key: Key, in table: ShardTable, _ arena: ByteArena) throws(StoreError) -> RecordHeader? {
        let tables = tables
        let result = try read { (transaction) throws(LMDBError) in
            try key.withSpan { (key) throws(LMDBError) in
                try transaction.record(key, in: table, tables, appendingTo: arena)
            }
        }
        switch result {
        case .absent: return nil
        case .damaged: throw damaged(table, key)
        case .found(let header): return header
        }
    }

    /// The counters at a row's key, as readers see them.
    func stats(_ rowKey: Key, of header: RecordHeader) throws(StoreError) -> StatsValue {
        let stored = try storedStats(rowKey)
        guard let overlay else { return stored }
        let views = rowKey.withSpan { key in
            overlay.views(of: key.extracting(RowOrder.prefixCount..<key.count), createTime: header.createTime)
        }
        return views.map(stored.raised) ?? stored
    }

    func storedStats(_ rowKey: Key) throws(StoreError) -> StatsValue {
        let tables = tables
        let stats = try read { (transaction) throws(LMDBError) in
            try rowKey.withSpan { (key) throws(LMDBError) in try transaction.stats(key, tables) }
        }
        guard let stats else { throw damaged(.stats, rowKey) }
        return stats
    }

    func links(_ rowKey: Key) throws(StoreError) -> RowLinks {
        let table = tables[.rows]
        var links: RowLinks?
        _ = try read { (transaction) throws(LMDBError) in
            try rowKey.withSpan { (key) throws(LMDBError) in
                try transaction.withValue(of: key, in: table) { value in
                    guard Sealed.isSound(value, key: key, seed: ShardTable.rows.seed) else { return }
                    links = RowLinks(row: value)
                }
            }
        }
        guard let links else { throw damaged(.rows, rowKey) }
        return links
    }

    /// The entries of a title and day, in the order of their ordinals.
    func titleDayEntries(_ titleDay: TitleDay) throws(StoreError) -> [(ordinal: UInt16, id: ArticleID)] {
        if let known = seen.titleDay, known.key == titleDay { return known.entries }
        let entries = try storedEntries(of: titleDay)
        seen.titleDay = (titleDay, entries)
        return entries
    }

    private func storedEntries(
        of titleDay: TitleDay
    ) throws(StoreError) -> [(ordinal: UInt16, id: ArticleID)] {
        let prefix = Key(titleDay: titleDay)
        let table = tables[.titleDays]
        var entries: [(ordinal: UInt16, id: ArticleID)] = []
        var damagedKey: Key?
        try read { (transaction) throws(LMDBError) in
            try transaction.withCursor(in: table) { (cursor) throws(LMDBError) in
                var stands = try prefix.withSpan { (key) throws(LMDBError) in try cursor.seek(key) }
                while stands, prefix.withSpan({ cursor.hasPrefix($0) }) {
                    cursor.withEntry { key, value in
                        if let entry = titleDayEntry(key, value) {
                            entries.append(entry)
                        } else {
                            damagedKey = Key(key)
                        }
                    }
                    stands = try cursor.move(.next)
                }
            }
        }
        if let damagedKey { throw damaged(.titleDays, damagedKey) }
        return entries
    }

    /// Removes requests that are too old to be asked for, a few at a time.
    private func forgetOldRequests() throws(StoreError) {
        let limit = Key(requestTime: now - context.options.requestMemory).array
        let table = tables[.requests]
        var old: [[UInt8]] = []
        try read { (transaction) throws(LMDBError) in
            try transaction.withCursor(in: table) { (cursor) throws(LMDBError) in
                var stands = try cursor.move(.first)
                while stands, old.count < 4 {
                    var isOld = false
                    cursor.withEntry { key, _ in
                        let bytes = Array(key)
                        isOld = bytes.lexicographicallyPrecedes(limit)
                        if isOld { old.append(bytes) }
                    }
                    guard isOld else { return }
                    stands = try cursor.move(.next)
                }
            }
        }
        for key in old { try remove(key, in: .requests) }
    }
}

/// Reads an entry of `title-day`; `nil` when it is damaged.
func titleDayEntry(_ key: Span<UInt8>, _ value: Span<UInt8>) -> (ordinal: UInt16, id: ArticleID)? {
    guard key.count == Key.titleDayCount, Sealed.isSound(value, key: key, seed: ShardTable.titleDays.seed),
        let number = Base32Hex.number(in: key, Key.titleDayPrefixCount..<Key.titleDayCount),
        let ordinal = UInt16(exactly: number),
        let id = ArticleID(value.extracting(Sealed.checksumCount..<value.count))
    else { return nil }
    return (ordinal, id)
}

extension ByteArena {
    func array(from offset: Int) -> [UInt8] {
        withBytes(in: offset..<count) { Array($0) }
    }
}
