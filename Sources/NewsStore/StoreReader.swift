package import Bytes
internal import LMDB
package import NewsModel
internal import Synchronization

/// How a read ended.
package enum ReadOutcome: Hashable, Sendable {
    /// The bytes were appended to the arena.
    case found(RecordHeader, Counters)
    case absent
    /// The article is there, and its bytes are not what was written. Nothing was appended.
    case damaged(Period)
    /// The shard that should have it cannot be read.
    case unavailable(Period)
}

/// Reads for one thread. Not shared: every loop makes its own.
///
/// Within a turn it sees the store as it was at its first look into each shard. `endTurn` gives these views back and
/// has to come before every wait, since old pages cannot be used again while somebody may look at them.
package final class StoreReader {
    package enum Part: Sendable {
        case full, row, capture
        /// Nothing but the head and the counters.
        case head
    }

    let context: StoreContext
    /// Stays open for as long as it has readers.
    private let store: Store
    /// In order of their shards' keys.
    private(set) var views: [ShardView] = []
    private var generation = -1
    /// Of the shards of that generation.
    private var layout = ShardLayout(.month)
    private var lastIndex = 0
    private var located: SharedReader?
    private var locatedTable: Table?
    /// Whether the turn has looked into `located`.
    private var hasLocated = false
    /// `StoreContext.moves` when the turn began.
    private var movesAtTurn = 0
    /// Views with a transaction to give back at the end of the turn.
    private var touched: [ShardView] = []
    /// Views that are not in the shards, as of the turn's first look into one; `nil`: there are none.
    private(set) var overlay: ViewOverlay?
    private var overlayVersion: UInt64 = 0
    /// What scans take, while somebody asks; see `ScanTrace`.
    var trace: ScanTrace?
    /// Rows of several pieces are put together here.
    let scratch = ByteArena()

    init(_ store: Store, _ context: StoreContext) {
        self.store = store
        self.context = context
    }

    deinit {
        if let located { context.catalog.file.endReader(located) }
    }

    /// Appends one part of an article to the arena, in the bytes that were stored.
    ///
    /// Allocates nothing once the article's shard has been read. `.capture` of an article without one appends nothing.
    package func read(_ id: Span<UInt8>, _ part: Part, appendingTo arena: ByteArena) -> ReadOutcome {
        guard ResourceCounts.id.contains(id.count) else { return .absent }
        if touched.isEmpty, !hasLocated { movesAtTurn = context.moves.load(ordering: .acquiring) }
        let outcome = find(id, part, arena)
        if outcome == .absent, hasMoves { return findAgain(id, part, arena) }
        return outcome
    }

    /// Whether an article may have moved between the looks of this turn, or is about to.
    private var hasMoves: Bool {
        let moves = context.moves.load(ordering: .acquiring)
        return moves != movesAtTurn || !moves.isMultiple(of: 2)
    }

    /// Looks with new views, until no move has come in between. An article that moves is always in one of the places,
    /// but the turn's views may be of before in one and of after in the other.
    private func findAgain(_ id: Span<UInt8>, _ part: Part, _ arena: ByteArena) -> ReadOutcome {
        var outcome = ReadOutcome.absent
        var attempts = 0
        repeat {
            endTurn()
            movesAtTurn = context.moves.load(ordering: .acquiring)
            outcome = find(id, part, arena)
            attempts += 1
        } while outcome == .absent && hasMoves && attempts < StoreReader.findingsMax
        return outcome
    }

    private static let findingsMax = 8

    private func find(_ id: Span<UInt8>, _ part: Part, _ arena: ByteArena) -> ReadOutcome {
        if let named = ArticleID.namedDay(of: id) {
            updateViews()
            let key = Period(named, layout).sortKey
            if let view = view(sortKey: key) {
                let outcome = read(id, part, in: view, arena)
                if outcome != .absent { return outcome }
            }
        }
        guard context.catalog.locatedCount.load(ordering: .acquiring) > 0, let located = locate(id),
            let view = view(of: located)
        else { return .absent }
        return read(id, part, in: view, arena)
    }

    /// The shard that holds an id that does not name its own; `nil` when none is known.
    package func locate(_ id: Span<UInt8>) -> Period? {
        var period: Period?
        hasLocated = true
        for _ in 0..<2 {
            if located == nil, let made = try? context.catalog.file.makeReader() {
                located = made.reader
                locatedTable = made.tables[CatalogTable.located.rawValue]
            }
            guard let located, let locatedTable else { return nil }
            let isLive = try? located.read { (transaction) throws(LMDBError) in
                _ = try transaction.withValue(of: id, in: locatedTable) {
                    period = locatedPeriod($0, id: id, context.layout)
                }
            }
            if isLive == true { return period }
            self.located = nil
        }
        return nil
    }

    /// Gives back what the turn has looked at.
    package func endTurn() {
        for view in touched { view.endTurn() }
        touched.removeAll(keepingCapacity: true)
        located?.reset()
        hasLocated = false
    }

    /// The same where it is not known when the next turn comes: keeps nothing of what others may replace meanwhile.
    package func rest() {
        endTurn()
        (overlay, overlayVersion) = (nil, .max)
    }

    private func read(_ id: Span<UInt8>, _ part: Part, in view: ShardView, _ arena: ByteArena) -> ReadOutcome {
        let start = arena.count
        var outcome = ReadOutcome.absent
        do throws(StoreError) {
            touch(view)
            try view.read { (transaction, tables) throws(LMDBError) in
                outcome = try transaction.article(
                    id, part, tables, overlay, appendingTo: arena, of: view.shard.period)
            }
        } catch {
            outcome = view.shard.isRetired.load(ordering: .acquiring) ? .absent : .unavailable(view.shard.period)
        }
        if case .found = outcome { return outcome }
        arena.truncate(to: start)
        return outcome
    }

    func touch(_ view: ShardView) {
        guard !view.isTouched else { return }
        // Before the turn's first view: what the overlay no longer has is in every view that is taken now.
        if touched.isEmpty, context.views.version != overlayVersion {
            (overlay, overlayVersion) = context.views.current
        }
        touched.append(view)
    }

    /// The view of a shard of the last generation that was looked at; `nil` when there is no such shard.
    private func view(sortKey: Int32) -> ShardView? {
        if lastIndex < views.count, views[lastIndex].shard.sortKey == sortKey { return views[lastIndex] }
        var (low, high) = (0, views.count)
        while low < high {
            let middle = (low + high) / 2
            if views[middle].shard.sortKey < sortKey { low = middle + 1 } else { high = middle }
        }
        guard low < views.count, views[low].shard.sortKey == sortKey else { return nil }
        lastIndex = low
        return views[low]
    }

    /// Whether shards have come or gone since `currentViews`.
    var hasNewShards: Bool { context.shards.generation.load(ordering: .acquiring) != generation }

    /// All views, those of shards made meanwhile among them, for a look at all of them at one moment. If the overlay
    /// is another by now, those of the turn are given back: with the new one alone they would show fewer views.
    func currentViews() -> [ShardView] {
        if !touched.isEmpty, context.views.version != overlayVersion { endTurn() }
        updateViews()
        return views
    }

    private func view(of period: Period) -> ShardView? {
        updateViews()
        // Found when shards had another layout: it is looked for again, see `findAgain`.
        guard period.layout ?? layout == layout else { return nil }
        return view(sortKey: period.sortKey)
    }

    private func updateViews() {
        if context.shards.generation.load(ordering: .acquiring) != generation { renewViews() }
    }

    private func renewViews() {
        let current = context.shards.current
        var known: [ObjectIdentifier: ShardView] = [:]
        for view in views { known[ObjectIdentifier(view.shard)] = view }
        views = current.shards.map { known[ObjectIdentifier($0)] ?? ShardView($0, of: context.shards) }
        generation = current.generation
        layout = ShardSet.layout(generation)
        lastIndex = 0
    }
}

@available(*, unavailable) extension StoreReader: Sendable {}

extension StoreReader {
    /// Waits until all is published that anybody has been told of: those who were answered are shown their changes.
    package func waitForTold() {
        endTurn()
        context.publication.waitForTold()
    }
}

/// Sizes that ids may have, in bytes.
enum ResourceCounts {
    static let id = 4...64
}

extension ReadTransaction {
    /// An article's part, with its head and counters.
    fileprivate borrowing func article(
        _ id: Span<UInt8>, _ part: StoreReader.Part, _ tables: ShardTables, _ overlay: ViewOverlay?,
        appendingTo arena: ByteArena, of period: Period
    ) throws(LMDBError) -> ReadOutcome {
        let result =
            part == .full
            ? try record(id, in: .articles, tables, appendingTo: arena)
            : try header(id, in: .articles, tables)
        switch result {
        case .absent: return .absent
        case .damaged: return .damaged(period)
        case .found(let header):
            let rowKey = Key(newest: header.order, id)
            return try rowKey.withSpan { (rowKey) throws(LMDBError) in
                let unwritten = overlay?.views(of: id, createTime: header.createTime)
                guard let counters = try counters(rowKey, tables, unwritten: unwritten) else {
                    return .damaged(period)
                }
                let other: RecordResult =
                    switch part {
                    case .full, .head: .found(header)
                    case .row:
                        try record(
                            rowKey, in: .rows, tables, skipping: RowLinks.byteCount, appendingTo: arena)
                    case .capture: try record(id, in: .captures, tables, appendingTo: arena)
                    }
                switch other {
                case .damaged: return .damaged(period)
                case .absent where part == .row: return .damaged(period)
                case .absent, .found: return .found(header, counters)
                }
            }
        }
    }
}
