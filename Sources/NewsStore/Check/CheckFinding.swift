internal import NewsModel

/// One thing that is wrong in a store.
package struct CheckFinding: Hashable, Sendable, CustomStringConvertible {
    /// Its period, or "catalog".
    package let shard: String
    /// "" when the shard as a whole is meant.
    package let table: String
    /// As it is named in messages: bytes that are not printable are written as \xNN.
    package let key: String
    package let problem: String

    init(shard: String, table: String = "", key: String = "", problem: String) {
        self.shard = shard
        self.table = table
        self.key = key
        self.problem = problem
    }

    /// "2026-02/rows/0a1b...: its checksum does not fit".
    package var description: String {
        [shard, table, key].filter { !$0.isEmpty }.joined(separator: "/") + ": " + problem
    }
}

/// What a check has looked at.
package struct CheckSummary: Hashable, Sendable, CustomStringConvertible {
    package internal(set) var shardCount = 0
    package internal(set) var articleCount = 0
    /// Entries of all tables.
    package internal(set) var entryCount = 0
    package internal(set) var findingCount = 0
    /// Entries of `located` that no article stands behind, left by writes that were never finished. Harmless; they are
    /// removed when nothing else is wrong.
    package internal(set) var unusedClaimCount = 0

    package var isSound: Bool { findingCount == 0 }

    /// "12 articles in 4 shards, 131 entries: nothing is wrong".
    package var description: String {
        let size =
            CountText.text(articleCount, "article") + " in " + CountText.text(shardCount, "shard") + ", "
            + CountText.text(entryCount, "entry", many: "entries")
        guard isSound else {
            return "\(size): " + CountText.text(findingCount, "thing is", many: "things are") + " wrong"
        }
        return "\(size): nothing is wrong"
    }
}
