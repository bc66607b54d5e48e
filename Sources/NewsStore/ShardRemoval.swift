internal import Bytes
internal import LMDB
package import NewsModel

/// How articles leave: at first only the lists, so that they can come back, then for good.
///
/// A deleted article stays where it is, in all tables, with the time of its removal in its head; who lists articles
/// passes over it. So it comes back by a change of its head, and its counters, capture and place are what they were.
/// `meta` has an entry for each, which leads to those that are due.
extension ShardWriter {
    /// Deletes an article until it is brought back or `purgeTime` has come. One that is deleted gets the new time.
    ///
    /// - Returns: its new head.
    package func delete(_ id: ArticleID, purgeTime: Instant) throws(StoreError) -> RecordHeader {
        let (old, stored) = try whole(id)
        var header = old.header
        header.revision = takeRevision()
        if let earlier = header.purgeTime {
            try removePurge(earlier, id)
        } else {
            header.updateTime = now
        }
        // 0 stands for "not deleted" on disk.
        let time = purgeTime.microseconds == 0 ? Instant(microseconds: 1) : purgeTime
        header.purgeTime = time
        try rewrite(stored, id, header, old)
        try put(purgeKey(time, id), in: .meta) { $0.append(header.revision) }
        changesPurges = true
        try note(.deleted, id, header.revision)
        return header
    }

    /// Brings a deleted article back; of one that is not deleted nothing changes.
    ///
    /// - Returns: its new head.
    /// - Throws: `absent` also when its time has come: it may have lost reactions already.
    package func undelete(_ id: ArticleID) throws(StoreError) -> RecordHeader {
        let (old, stored) = try whole(id)
        guard let purgeTime = old.header.purgeTime else { return old.header }
        guard purgeTime > context.purgeNow else { throw .absent(id) }
        var header = old.header
        header.revision = takeRevision()
        header.updateTime = now
        header.purgeTime = nil
        try removePurge(purgeTime, id)
        try rewrite(stored, id, header, old)
        try note(.undeleted, id, header.revision)
        return header
    }

    /// Removes an article for good, deleted or not. What it was is gone from every table.
    ///
    /// One that has more reactions than one transaction is to remove becomes deleted and due: the rounds that follow
    /// remove it.
    ///
    /// - Returns: the revision of its removal.
    @discardableResult package func purge(_ id: ArticleID) throws(StoreError) -> UInt64 {
        if try hasManyReactions(id) { return try delete(id, purgeTime: min(now, context.purgeNow)).revision }
        return try purgeWhole(id)
    }

    private func purgeWhole(_ id: ArticleID) throws(StoreError) -> UInt64 {
        let revision = try remove(id, .purged)
        purged.append(id)
        if !context.names(period, id) { released.append(id) }
        return revision
    }

    /// Takes the article out of this shard, which another one has taken in. Reactions may be left of it, see
    /// `StoreWriter.carry`.
    func leave(_ id: ArticleID) throws(StoreError) { _ = try remove(id, .left) }

    /// Moves an article to the shard that its new time belongs to, which is the command's `destination`. Its id,
    /// capture and events stay.
    ///
    /// The shards are committed one after the other; what happens between is `StoreWriter`'s, see its moves.
    ///
    /// - Returns: its new revision.
    package func move(_ record: ArticleRecord) throws(StoreError) -> UInt64 {
        guard let target else { throw .wrongPeriod(period) }
        let (old, stored) = try whole(record.id)
        guard !old.header.isDeleted else { throw .deleted(record.id) }
        if carried != record.id {
            if let intent = catalog.openIntents.first(where: { $0.id == record.id }) { throw .readOnly(intent.source) }
            guard try !hasManyReactions(record.id) else {
                overloaded = record.id
                throw .outcomeUnknown(target.period)
            }
        }
        target.continueRevisions(of: self)
        let revision = try target.receive(record, stored)
        continueRevisions(of: target)
        if carried != record.id { try carryReactions(of: record.id, to: target) }
        try leave(record.id)
        moved = record.id
        return revision
    }

    /// Removes articles whose time has come, until the transaction is large enough. Those that are damaged are left,
    /// for `check` to name.
    ///
    /// - Returns: whether nothing is to be done soon, since only damaged ones are left.
    func purgeDue(until time: Instant, limit: Int) throws(StoreError) -> Bool {
        var isLeft = false
        for id in try purges(until: time, limit: limit) {
            guard pageCount < StoreWriter.transactionPageCountMax else { return false }
            do throws(StoreError) {
                guard try shed(id) else { return false }
                _ = try purgeWhole(id)
            } catch {
                // Whatever can be damaged is read before anything is written.
                guard case .damaged = error else { throw error }
                isLeft = true
            }
        }
        return isLeft
    }

    private func whole(_ id: ArticleID) throws(StoreError) -> (Standing, StoredArticle) {
        guard let old = try standing(id), let stored = try article(id) else { throw .absent(id) }
        return (old, stored)
    }

    private func removePurge(_ time: Instant, _ id: ArticleID) throws(StoreError) {
        try remove(purgeKey(time, id), in: .meta)
        changesPurges = true
    }

    private func remove(_ id: ArticleID, _ kind: ChangeValue.Kind) throws(StoreError) -> UInt64 {
        guard let old = try standing(id) else { throw .absent(id) }
        let (key, rowKey) = (Key(id), Key(newest: old.header.order, id))
        try removeRecord(key, in: .articles)
        try removeRecord(key, in: .captures)
        try removeRecord(rowKey, in: .rows)
        try remove(rowKey, in: .stats)
        try removeReactions(of: id)
        for (table, entry) in indexKeys(old.header, old.links, id) { try remove(entry, in: table) }
        try remove(Key(titleDay: old.links.titleDay, ordinal: old.links.ordinal), in: .titleDays)
        if let time = old.header.purgeTime { try removePurge(time, id) }
        let revision = takeRevision()
        try note(kind, id, revision)
        meta.articleCount -= min(1, meta.articleCount)
        return revision
    }

    private func purges(until time: Instant, limit: Int) throws(StoreError) -> [ArticleID] {
        let table = tables[.meta]
        var due: [ArticleID] = []
        try read { (transaction) throws(LMDBError) in
            try transaction.withCursor(in: table) { (cursor) throws(LMDBError) in
                var stands = try Key(Key.purgePrefix).withSpan { (key) throws(LMDBError) in try cursor.seek(key) }
                while stands, due.count < limit {
                    var isDue = false
                    cursor.withEntry { key, _ in
                        guard let entry = PurgeEntry(key), entry.time <= time else { return }
                        isDue = true
                        due.append(entry.id)
                    }
                    guard isDue else { return }
                    stands = try cursor.move(.next)
                }
            }
        }
        return due
    }
}

/// The key of a deleted article in `meta`.
func purgeKey(_ time: Instant, _ id: ArticleID) -> [UInt8] {
    let bytes = Array(id.text.utf8)
    return Key(purgeTime: time, bytes.span).array
}

/// The same, read.
struct PurgeEntry: Equatable {
    let time: Instant
    let id: ArticleID

    /// - Returns: `nil` when the key is none of a deleted article.
    init?(_ key: Span<UInt8>) {
        let prefix = Key(Key.purgePrefix)
        let start = prefix.count + Base32Hex.uint64Count
        guard key.count > start,
            prefix.withSpan({ $0.hasBytes(of: key.extracting(0..<prefix.count)) }),
            let number = Base32Hex.number(in: key, prefix.count..<start),
            let id = ArticleID(key.extracting(start..<key.count))
        else { return nil }
        time = Instant(microseconds: Int64(clamping: number))
        self.id = id
    }
}

extension TableReading where Self: ~Copyable {
    /// When the first of the shard's deleted articles is to be removed; `nil`: there is none.
    borrowing func nextPurge(in environment: Environment) throws(LMDBError) -> Instant? {
        var time: Instant?
        try withCursor(in: environment.table(ShardTable.meta)) { (cursor) throws(LMDBError) in
            guard try Key(Key.purgePrefix).withSpan({ (key) throws(LMDBError) in try cursor.seek(key) }) else { return }
            cursor.withEntry { key, _ in time = PurgeEntry(key)?.time }
        }
        return time
    }
}
