package import NewsModel

/// What of an article can be made from its message, for those whose row is lost.
package struct DerivedRow: Sendable {
    /// The message of a list.
    package var row: [UInt8]
    /// As printed; "": none.
    package var source: String
    package var titleDay: TitleDay
    /// "channels/{channel}"; "": none.
    package var channelName: String

    package init(row: [UInt8], source: String, titleDay: TitleDay, channelName: String) {
        self.row = row
        self.source = source
        self.titleDay = titleDay
        self.channelName = channelName
    }
}

/// Makes the row of an article from its full message; `nil` when that cannot be read.
package typealias RowMaker = @Sendable ([UInt8]) -> DerivedRow?

/// What a repair has done.
package struct RepairSummary: Hashable, Sendable {
    package internal(set) var shardCount = 0
    package internal(set) var articleCount = 0
    /// Shards whose file was written anew, and the catalog.
    package internal(set) var rebuilt: [String] = []
    /// Rows that were made from their articles.
    package internal(set) var rebuiltRowCount = 0
    /// Values that were taken out.
    package internal(set) var quarantinedCount = 0
    /// Articles that something tells of and that are no more.
    package internal(set) var lost: [ArticleID] = []
    /// Articles that were counted, and of which nothing tells the id.
    package internal(set) var unnamedLossCount = 0
    /// Articles whose counters are no more.
    package internal(set) var lostCounterCount = 0
    /// Shards that are gone with their folders.
    package internal(set) var lostShards: [Period] = []
    /// Files that were replaced, under their new names, and the file with what was taken out.
    package internal(set) var keptFiles: [String] = []

    /// Whether nothing was lost, though something may have been put right.
    package var isComplete: Bool {
        quarantinedCount == 0 && lost.isEmpty && lostShards.isEmpty && lostCounterCount == 0
            && unnamedLossCount == 0
    }
}

extension RepairSummary: CustomStringConvertible {
    package var description: String {
        var parts = [CountText.text(articleCount, "article") + " in " + CountText.text(shardCount, "shard")]
        parts.append(
            rebuilt.isEmpty ? "nothing had to be written anew" : "written anew: " + rebuilt.joined(separator: ", "))
        if rebuiltRowCount > 0 { parts.append(CountText.text(rebuiltRowCount, "row") + " made from articles") }
        if quarantinedCount > 0 { parts.append(CountText.text(quarantinedCount, "value") + " quarantined") }
        if lostCounterCount > 0 { parts.append("counters of " + CountText.text(lostCounterCount, "article") + " lost") }
        let lostCount = lost.count + unnamedLossCount
        if lostCount > 0 { parts.append(CountText.text(lostCount, "article") + " lost") }
        if !lostShards.isEmpty { parts.append(CountText.text(lostShards.count, "shard") + " lost") }
        if isComplete { parts.append("nothing is lost") }
        return parts.joined(separator: "; ")
    }
}
