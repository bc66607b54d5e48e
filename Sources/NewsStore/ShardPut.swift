internal import Bytes
internal import LMDB
package import NewsModel
internal import Synchronization

extension ShardWriter {
    /// Inserts an article or replaces the one with its id, with all that points at it, and notes the change.
    ///
    /// - Returns: its new revision.
    /// - Throws: `deleted` when there is one that is.
    package func put(_ record: ArticleRecord) throws(StoreError) -> UInt64 {
        try validate(record)
        let old = try standing(record.id)
        if let old, old.header.isDeleted { throw .deleted(record.id) }
        if old == nil { try requireUnique(record.id) }
        return try put(
            record, old, createTime: old?.header.createTime ?? now, events: old?.stats.events ?? Counters(),
            old == nil ? .created : .updated)
    }

    /// A new article's id must not be that of an article elsewhere, which `located` would know: the shard that the id
    /// names is asked before the round, see `StoreWriter.claim`.
    private func requireUnique(_ id: ArticleID) throws(StoreError) {
        guard let other = try catalog.located(id), other != period, try holds(id, in: other) else { return }
        throw .locatedElsewhere(other)
    }

    /// Takes an article that comes from another shard.
    func receive(_ record: ArticleRecord, _ stored: StoredArticle) throws(StoreError) -> UInt64 {
        try validate(record)
        guard try standing(record.id) == nil else { throw .locatedElsewhere(period) }
        var record = record
        if record.capture.isEmpty { record.capture = stored.capture }
        return try put(record, nil, createTime: stored.header.createTime, events: stored.events, .updated)
    }

    private func put(
        _ record: ArticleRecord, _ old: Standing?, createTime: Instant, events: Counters, _ kind: ChangeValue.Kind
    ) throws(StoreError) -> UInt64 {
        let links = try self.links(for: record, old)
        let header = RecordHeader(
            revision: takeRevision(), sortInstant: record.sortInstant, precision: record.precision,
            pageOrder: record.pageOrder, channel: record.channel, createTime: createTime, updateTime: now,
            expireTime: record.expireTime)
        try write(record, header, links, old, events: events)
        try note(kind, record.id, header.revision)
        if old == nil { meta.articleCount += 1 }
        return header.revision
    }

    func note(_ kind: ChangeValue.Kind, _ id: ArticleID, _ revision: UInt64) throws(StoreError) {
        if shard.firstChange.load(ordering: .relaxed) == .max, changedFirstChange == nil {
            changedFirstChange = now.microseconds
        }
        try put(Key(revision: revision), in: .changes) {
            ChangeValue(kind: kind, time: now, id: id).append(to: &$0)
        }
    }

    /// Moves an article to another place on its page. Its content and revision stay.
    package func setPlace(_ id: ArticleID, pageOrder: UInt16) throws(StoreError) {
        guard let old = try standing(id) else { throw .absent(id) }
        guard old.header.pageOrder != pageOrder else { return }
        guard let stored = try article(id) else { throw .absent(id) }
        var header = old.header
        header.pageOrder = pageOrder
        try rewrite(stored, id, header, old)
    }

    /// Gives an article another head. All else of it stays.
    func rewrite(
        _ stored: StoredArticle, _ id: ArticleID, _ header: RecordHeader, _ old: Standing
    ) throws(StoreError) {
        let record = ArticleRecord(
            id: id, sortInstant: header.sortInstant, precision: header.precision, pageOrder: header.pageOrder,
            channel: header.channel, titleDay: old.links.titleDay, full: stored.full,
            row: RecordContent(stored.row), capture: stored.capture, counters: stored.base)
        try write(record, header, old.links, old, events: stored.events)
    }

    /// Replaces what pages printed of the counters. What happened here stays, and so does the revision.
    package func setBase(_ id: ArticleID, _ base: Counters) throws(StoreError) {
        guard let old = try standing(id) else { throw .absent(id) }
        guard old.stats.base != base else { return }
        try putStats(Key(newest: old.header.order, id), StatsValue(base: base, events: old.stats.events))
        counted.append(id)
    }

    /// What is stored of an article besides its content.
    struct Standing {
        let header: RecordHeader
        let links: RowLinks
        let stats: StatsValue
    }

    func standing(_ id: ArticleID) throws(StoreError) -> Standing? {
        if knowsAbsent(id) { return nil }
        guard let header = try header(of: id) else { return nil }
        let rowKey = Key(newest: header.order, id)
        return Standing(header: header, links: try links(rowKey), stats: try stats(rowKey, of: header))
    }

    private func validate(_ record: ArticleRecord) throws(StoreError) {
        let period = Period(of: record.sortInstant, context.layout, zone: context.zone)
        guard period == self.period else { throw .wrongPeriod(self.period) }
        // The smallest instant stands for "undated" on disk.
        guard record.sortInstant?.microseconds != .min else { throw .wrongPeriod(self.period) }
        let parts = [
            ("article", record.full.count), ("row", record.row.count), ("capture", record.capture.count),
        ]
        for (what, count) in parts {
            guard count <= ArticleRecord.partCountMax else {
                throw .tooLarge(what: what, byteCount: count, limit: ArticleRecord.partCountMax)
            }
        }
    }

    /// Keeps the title-day entry of an article whose title and day stay; else the next ordinal.
    private func links(for record: ArticleRecord, _ old: Standing?) throws(StoreError) -> RowLinks {
        let hash = record.sourceHash
        if let old, old.links.titleDay == record.titleDay {
            return RowLinks(sourceHash: hash, titleDay: record.titleDay, ordinal: old.links.ordinal)
        }
        let last = try titleDayEntries(record.titleDay).last?.ordinal
        guard last != .max else {
            throw .tooLarge(what: "articles of one title and day", byteCount: 65_537, limit: 65_536)
        }
        return RowLinks(sourceHash: hash, titleDay: record.titleDay, ordinal: last.map { $0 + 1 } ?? 0)
    }
}

/// The entries of one article in all tables.
extension ShardWriter {
    private func write(
        _ record: ArticleRecord, _ header: RecordHeader, _ links: RowLinks, _ old: Standing?, events: Counters
    ) throws(StoreError) {
        let id = record.id
        let key = Key(id)
        let rowKey = Key(newest: header.order, id)
        if let old { try removeEntries(old.header, old.links, id, unlessIn: (header, links)) }
        let isNew = old == nil
        try putRecord(key, in: .articles, header, RecordContent(record.full), isNew: isNew)
        try putRecord(rowKey, in: .rows, header, links: links, record.row, isNew: isNew)
        if !record.capture.isEmpty {
            try putRecord(key, in: .captures, header, RecordContent(record.capture), isNew: isNew)
        }
        for (table, entryKey) in indexKeys(header, links, id) {
            try put(entryKey, in: table) { $0.append(header.revision) }
        }
        try putStats(rowKey, StatsValue(base: record.counters, events: events))
        if old?.links.titleDay != links.titleDay {
            try put(Key(titleDay: links.titleDay, ordinal: links.ordinal), in: .titleDays) {
                $0.append(id.text.utf8)
            }
        }
    }

    func putStats(_ rowKey: Key, _ stats: StatsValue) throws(StoreError) {
        try put(rowKey, in: .stats) { stats.append(to: &$0) }
    }

    /// Removes the entries of the old version that the new one does not overwrite.
    private func removeEntries(
        _ header: RecordHeader, _ links: RowLinks, _ id: ArticleID,
        unlessIn new: (header: RecordHeader, links: RowLinks)
    ) throws(StoreError) {
        let rowKey = Key(newest: header.order, id)
        if header.order != new.header.order {
            try removeRecord(rowKey, in: .rows)
            try remove(rowKey, in: .stats)
        }
        let kept = Set(indexKeys(new.header, new.links, id).map(\.key.array))
        for (table, key) in indexKeys(header, links, id) where !kept.contains(key.array) {
            try remove(key, in: table)
        }
        if links.titleDay != new.links.titleDay {
            try remove(Key(titleDay: links.titleDay, ordinal: links.ordinal), in: .titleDays)
        }
    }

    /// Seals and writes a record in as many pieces as it takes, and removes those that a longer one before it had.
    ///
    /// - Parameter links: of a row, what stands before its message.
    /// - Parameter isNew: whether there is none before it.
    private func putRecord(
        _ key: Key, in table: ShardTable, _ header: RecordHeader, links: RowLinks? = nil,
        _ content: RecordContent, isNew: Bool
    ) throws(StoreError) {
        let firstRoom = Sealed.valueCountMax - RecordHeader.byteCount - (links == nil ? 0 : RowLinks.byteCount)
        let pieceRoom = Sealed.valueCountMax - RecordHeader.pieceByteCount
        let rest = max(0, content.count - firstRoom)
        let pieceCount = 1 + (rest + pieceRoom - 1) / pieceRoom
        let oldPieceCount = isNew ? 0 : try self.pieceCount(key, in: table)
        try put(key, in: table) { builder in
            header.append(to: &builder, pieceCount: pieceCount)
            links?.append(to: &builder)
            content.append(0..<min(firstRoom, content.count), to: &builder)
        }
        for number in 1..<max(1, pieceCount) {
            let start = firstRoom + (number - 1) * pieceRoom
            try put(Key(key, piece: number), in: table) { builder in
                PieceHeader(number: number, revision: header.revision, pieceCount: pieceCount).append(to: &builder)
                content.append(start..<min(start + pieceRoom, content.count), to: &builder)
            }
        }
        for number in pieceCount..<max(pieceCount, oldPieceCount) {
            try remove(Key(key, piece: number), in: table)
        }
    }

    func removeRecord(_ key: Key, in table: ShardTable) throws(StoreError) {
        let pieceCount = try pieceCount(key, in: table)
        try remove(key, in: table)
        for number in 1..<max(1, pieceCount) { try remove(Key(key, piece: number), in: table) }
    }

    /// Pieces that a stored record has; 0 when there is none.
    private func pieceCount(_ key: Key, in table: ShardTable) throws(StoreError) -> Int {
        let place = tables[table]
        var count = 0
        _ = try read { (transaction) throws(LMDBError) in
            try key.withSpan { (key) throws(LMDBError) in
                try transaction.withValue(of: key, in: place) { value in
                    guard Sealed.isSound(value, key: key, seed: table.seed), RecordHeader(value) != nil else { return }
                    count = RecordHeader.pieceCount(value)
                }
            }
        }
        return count
    }
}

/// The keys under which an article stands in the indexes.
func indexKeys(_ header: RecordHeader, _ links: RowLinks, _ id: ArticleID) -> [(table: ShardTable, key: Key)] {
    let idBytes = id.text.utf8
    var keys: [(table: ShardTable, key: Key)] = []
    keys.reserveCapacity(5)
    keys.append((.oldest, Key(oldest: header.order, idBytes.span)))
    for direction in [IndexDirection.newestFirst, .oldestFirst] {
        if header.channel != 0 {
            var key = Key(channel: header.channel, direction)
            key.append(header.order, idBytes.span, direction)
            keys.append((.channels, key))
        }
        if !links.sourceHash.isEmpty {
            var key = Key(sourceHash: links.sourceHash, direction)
            key.append(header.order, idBytes.span, direction)
            keys.append((.sources, key))
        }
    }
    return keys
}
