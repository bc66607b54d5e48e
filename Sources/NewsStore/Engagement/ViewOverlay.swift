internal import Bytes
internal import NewsModel

/// How many views some articles have had here, as readers are to show it. A table that never changes, made for look-ups
/// by an id's bytes, which allocate nothing.
///
/// It says totals and not what is to be added. A reader shows the larger of the stored number and this one, so it does
/// not matter whether the total has been written meanwhile, or in which shard the article is by then: nothing counts
/// twice, whatever comes between a reader's look at the table and at the shard. Nothing goes back either, as long as a
/// turn takes its table before its views (`StoreReader.touch`): what the table no longer has was written before.
final class ViewOverlay: Sendable {
    struct Total: Hashable {
        let id: ArticleID
        /// Tells an article from a later one with the same id.
        let createTime: Instant
        let views: Int64
    }

    private struct Entry {
        let hash: UInt32
        let idRange: Range<Int>
        let createTime: Int64
        let views: Int64
    }

    private let entries: [Entry]
    /// Places in `entries` plus 1, by the hash and whatever follows its place; 0: free.
    private let slots: [UInt32]
    private let idBytes: [UInt8]

    init(_ totals: some Collection<Total>) {
        var entries: [Entry] = []
        var idBytes: [UInt8] = []
        // At least half of them stay free.
        var capacity = 8
        while capacity < 2 * totals.count { capacity *= 2 }
        var slots = [UInt32](repeating: 0, count: capacity)
        entries.reserveCapacity(totals.count)
        for total in totals {
            let id = Array(total.id.text.utf8)
            let hash = CRC32C.checksum(of: id.span)
            var slot = Int(hash) & (capacity - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (capacity - 1) }
            let start = idBytes.count
            idBytes += id
            entries.append(
                Entry(
                    hash: hash, idRange: start..<idBytes.count, createTime: total.createTime.microseconds,
                    views: total.views))
            slots[slot] = UInt32(entries.count)
        }
        (self.entries, self.slots, self.idBytes) = (entries, slots, idBytes)
    }

    /// - Returns: `nil` for an article that it has nothing of.
    func views(of id: Span<UInt8>, createTime: Instant) -> Int64? {
        let hash = CRC32C.checksum(of: id)
        let bytes = idBytes
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let entry = entries[Int(slots[slot]) - 1]
            if entry.hash == hash, entry.createTime == createTime.microseconds,
                bytes.span.extracting(entry.idRange).hasBytes(of: id)
            {
                return entry.views
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }
}

extension StatsValue {
    /// With at least so many views that happened here.
    func raised(to views: Int64) -> StatsValue {
        guard views > events.views else { return self }
        var raised = self
        raised.events.views = views
        raised.events.known.insert(.views)
        return raised
    }

    /// Base plus events, with at least so many views that happened here, if any are given.
    ///
    /// - Returns: `nil` when the bytes are no counters.
    static func total(_ value: Span<UInt8>, raisedTo views: Int64?) -> Counters? {
        guard let views else { return total(value) }
        guard let stats = StatsValue(value)?.raised(to: views) else { return nil }
        return stats.base + stats.events
    }
}
