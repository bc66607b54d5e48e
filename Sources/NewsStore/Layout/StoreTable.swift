internal import LMDB

/// The tables of a shard, and how their keys are made. All keys are printable ASCII.
///
///     articles       id                                      the full message
///     captures       id                                      the page it was taken from
///     rows           newest-first key                        the message of a list, and where else the article stands
///     oldest         oldest-first key                        nothing but the revision
///     channel-index  n|o, 7 of the channel's number, key     nothing but the revision; n: newest first, o: oldest
///     source-index   n|o, 16 of the source's hash, key       nothing but the revision
///     stats          newest-first key                        counters
///     title-day      yyyymmdd, 26 of the hash, 4 of ordinal  id
///     changes        13 of the revision                      what happened to which id
///     requests       13 of the time, 26 of the hash          what a request did
///     reactions      id, ":", l|f, actor                     when: l likes it, f has it among the favorites
///     meta           "shard"                                 counts and the last revision
///                    "purge/", 13 of the time, id            nothing but the revision: a deleted article
///                    "compacted"                             up to which revision changes are forgotten
///
/// Numbers and hashes are written in base32hex. The newest-first and oldest-first keys are those of `RowOrder`.
enum ShardTable: Int, CaseIterable, Sendable {
    case articles, captures, rows, oldest, channels, sources, stats, titleDays, changes, requests, meta
    case reactions

    var name: String {
        switch self {
        case .articles: "articles"
        case .captures: "captures"
        case .rows: "rows"
        case .oldest: "oldest"
        case .channels: "channel-index"
        case .sources: "source-index"
        case .stats: "stats"
        case .titleDays: "title-day"
        case .changes: "changes"
        case .requests: "requests"
        case .meta: "meta"
        case .reactions: "reactions"
        }
    }

    static var names: [String] { allCases.map(\.name) }

    /// How a shard's file is opened. Those of the first versions have no `reactions`.
    static var environmentOptions: EnvironmentOptions {
        var options = EnvironmentOptions(tables: names)
        options.laterTables = [reactions.name]
        return options
    }

    /// What the checksums of its values begin with, so that a value of one table is not sound in another.
    var seed: UInt32 { UInt32(rawValue + 1) }
}

/// The tables of the catalog.
///
///     channels   channel id        number and display name
///     located    article id        the period of the shard that holds it, when the id does not name it
///     shards     period            what the shard held when the store was last closed; derived from the shards
///     intents    article id        a move between shards that is under way
///     meta       "catalog"         whose it is, and the next channel's number
enum CatalogTable: Int, CaseIterable, Sendable {
    case channels, located, shards, intents, meta

    var name: String {
        switch self {
        case .channels: "channels"
        case .located: "located"
        case .shards: "shards"
        case .intents: "intents"
        case .meta: "meta"
        }
    }

    static var names: [String] { allCases.map(\.name) }

    var seed: UInt32 { UInt32(rawValue + 101) }
}
