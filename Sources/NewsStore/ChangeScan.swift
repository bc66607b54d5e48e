internal import Bytes
internal import LMDB
package import NewsModel
internal import Synchronization

/// One change of one article, as the store notes it.
package struct StoreChange: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case created, updated, deleted, undeleted, purged
    }

    package let revision: UInt64
    package let kind: Kind
    package let id: ArticleID
    package let time: Instant

    package init(revision: UInt64, kind: Kind, id: ArticleID, time: Instant) {
        self.revision = revision
        self.kind = kind
        self.id = id
        self.time = time
    }
}

/// Some of the changes, in their order.
package struct ChangePage: Hashable, Sendable {
    package let changes: [StoreChange]
    /// Every change up to this revision, and none behind it, is in this page or was asked for to be left out.
    package let position: UInt64
    /// Whether that was all there was.
    package let isLast: Bool
}

extension StoreReader {
    /// The changes behind a revision, as far as they are published.
    ///
    /// Revisions are unique over all shards, so the next `limit` of them are no more than `limit` entries, however many
    /// shards they lie in: each is asked for its part of that range, and the parts are put in order. Ranges that turn
    /// out to be empty grow.
    ///
    /// - Parameter end: The last revision that is wanted.
    /// - Throws: `compacted` when some of the changes behind the revision are no longer kept, or damaged.
    package func changes(
        after revision: UInt64, limit: Int, upTo end: UInt64 = .max
    ) throws(StoreError) -> ChangePage {
        // What is published is committed: views taken from here on show all of it.
        let published = min(end, context.publication.position)
        defer { endTurn() }
        endTurn()
        var position = revision
        var changes: [StoreChange] = []
        var width = UInt64(max(1, limit))
        while position < published, changes.isEmpty {
            let upTo = min(published, position &+ width)
            try appendChanges(after: position, upTo: upTo, to: &changes)
            position = upTo
            width = width > UInt64.max / 4 ? width : width * 4
        }
        // An empty range that was wide may have held more than asked for; those behind the limit come next time.
        if changes.count > limit {
            changes.removeSubrange(limit...)
            position = changes.last?.revision ?? position
        }
        // Asked last: what was removed before a view was taken is known by now.
        let compacted = context.publication.compacted
        guard revision >= compacted else { throw .compacted(upTo: compacted) }
        return ChangePage(changes: changes, position: max(position, revision), isLast: position >= published)
    }

    private func appendChanges(
        after revision: UInt64, upTo last: UInt64, to changes: inout [StoreChange]
    ) throws(StoreError) {
        let first = Key(revision: revision + 1)
        // Shards may be replaced by others that tell the same, while they are asked one after the other.
        repeat {
            changes = []
            try appendChanges(from: first, after: revision, upTo: last, to: &changes)
        } while hasNewShards
        changes.sort { $0.revision < $1.revision }
    }

    private func appendChanges(
        from first: Key, after revision: UInt64, upTo last: UInt64, to changes: inout [StoreChange]
    ) throws(StoreError) {
        for view in currentViews() where view.shard.lastRevision.load(ordering: .acquiring) > revision {
            touch(view)
            var part = ChangePart()
            try readChanges(view) { (transaction, tables) throws(LMDBError) in
                part = ChangePart()
                try transaction.withCursor(in: tables[.changes]) { (cursor) throws(LMDBError) in
                    _ = try first.withSpan { (key) throws(LMDBError) in try cursor.seek(key) }
                    while cursor.isOnEntry, part.take(cursor.key, cursor.value, upTo: last) {
                        _ = try cursor.move(.next)
                    }
                }
            }
            if let damaged = part.damaged { throw .compacted(upTo: damaged) }
            changes += part.changes
        }
    }

    /// A shard that is no part of the store any more has nothing to say.
    private func readChanges(
        _ view: ShardView, _ body: (borrowing ReadTransaction, ShardTables) throws(LMDBError) -> Void
    ) throws(StoreError) {
        do throws(StoreError) { try view.read(body) } catch {
            guard view.shard.isRetired.load(ordering: .acquiring) else { throw error }
        }
    }
}

/// What one shard has of a range of changes.
private struct ChangePart {
    var changes: [StoreChange] = []
    /// The last revision whose change cannot be read. Nobody knows which article it was of, so whoever has not seen it
    /// has to list again, as if it were no longer kept.
    var damaged: UInt64?

    /// - Returns: whether entries may follow that belong to the range.
    mutating func take(_ key: Span<UInt8>, _ value: Span<UInt8>, upTo last: UInt64) -> Bool {
        guard let revision = Key.revision(key) else { return true }  // No key of ours; `check` names it.
        guard revision <= last else { return false }
        if Sealed.isSound(value, key: key, seed: ShardTable.changes.seed), let change = ChangeValue(value) {
            if let change = StoreChange(change, revision: revision) { changes.append(change) }
        } else {
            damaged = revision
        }
        return true
    }
}

extension StoreChange {
    /// - Returns: `nil` for what is no change by itself: an article that has left for another shard.
    init?(_ value: ChangeValue, revision: UInt64) {
        let kind: Kind
        switch value.kind {
        case .created: kind = .created
        case .updated: kind = .updated
        case .deleted: kind = .deleted
        case .undeleted: kind = .undeleted
        case .purged: kind = .purged
        case .left: return nil
        }
        self.init(revision: revision, kind: kind, id: value.id, time: value.time)
    }
}
