internal import ArgumentParser
internal import NewsClient
internal import NewsMessages
internal import NewsModel
internal import ProtoJSON

struct AdminStatsCommand: AdminServerCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Print sizes, counts and health of the store.",
        usage: "newsrpc-cli admin stats [<options>]",
        discussion: discussion("Ends with 1 when a shard is not serving.", examples: ["admin stats --shards"]))

    @Flag(help: "Of each shard as well.")
    var shards = false

    @OptionGroup var global: GlobalOptions

    func run(_ session: Session) async throws -> Termination {
        var request = GetStoreStatsRequest()
        request.includeShards = true
        var stats = try await session.channel().getStoreStats(request, options: session.options())
        let impaired = stats.shards.filter { $0.state != .serving }
        if session.console.format == .text {
            try session.console.print(lines(stats, session.console))
        } else {
            if !shards { stats.shards = impaired }
            try session.console.print(ArticleShape().plain(stats))
        }
        return impaired.isEmpty ? .success : .failure
    }

    private func lines(_ stats: StoreStats, _ console: Console) -> [String] {
        let deleted = stats.deletedCount > 0 ? ", \(stats.deletedCount) of them deleted" : ""
        var facts = [
            ("articles", "\(stats.articleCount)\(deleted)"),
            (
                "shards",
                "\(stats.shardCount)" + stats.layoutText
                    + (stats.impairedShardCount > 0 ? ", \(stats.impairedShardCount) impaired" : "")
            ), ("files", "\(ByteText.text(stats.dataBytes)), \(ByteText.text(stats.freeBytes)) of it free"),
        ]
        if let turns = stats.loopTurns, let line = TurnText.text(turns) { facts.append(("turns", line)) }
        let lines = facts.map { console.width.padded($0.0, to: 10) + $0.1 }
        let listed = shards ? stats.shards : stats.shards.filter { $0.state != .serving }
        return listed.isEmpty ? lines : lines + [""] + table(listed, console)
    }

    private func table(_ shards: [ShardStats], _ console: Console) -> [String] {
        let table = Table(
            columns: [
                .init(title: "shard"), .init(title: "state"), .init(title: "articles", isNumber: true),
                .init(title: "deleted", isNumber: true), .init(title: "size", isNumber: true),
                .init(title: "free", isNumber: true), .init(title: "reason", narrowest: 10),
            ], width: console.width, limit: console.columns, mark: console.symbols.ellipsis)
        return table.lines(
            shards.map { shard in
                [
                    shard.name.dropping(prefix: Period.namePrefix), shard.state.word, "\(shard.articleCount)",
                    "\(shard.deletedCount)", ByteText.text(shard.dataBytes), ByteText.text(shard.freeBytes),
                    console.line(shard.reason),
                ]
            })
    }
}

extension ShardState {
    fileprivate var word: String {
        switch self {
        case .serving: "serving"
        case .readOnly: "read-only"
        case .unavailable: "unavailable"
        default: "\(rawValue)"
        }
    }
}

/// How long the turns of loops took, in a line.
enum TurnText {
    /// - Returns: `nil` when there was none.
    static func text(_ turns: DurationHistogram) -> String? {
        let total = turns.counts.reduce(0, +)
        guard total > 0 else { return nil }
        let (p50, p999) = (upperBound(turns.counts, total, of: 500), upperBound(turns.counts, total, of: 999))
        let longest = turns.longest.map { $0.seconds * 1_000_000 + Int64($0.nanos) / 1000 } ?? 0
        return "\(total), half of them below \(microseconds(p50)), 99.9 % below \(microseconds(p999)), "
            + "longest \(microseconds(longest))"
    }

    /// The size below which so many of 1000 lie, in microseconds.
    private static func upperBound(_ counts: [Int64], _ total: Int64, of permille: Int64) -> Int64 {
        var sum: Int64 = 0
        for (index, count) in counts.enumerated() {
            sum += count
            if sum * 1000 >= total * permille { return 1 << Int64(index) }
        }
        return .max
    }

    private static func microseconds(_ count: Int64) -> String {
        if count < 1000 { return "\(count) us" }
        return count < 1_000_000 ? "\(count / 1000) ms" : "\(count / 1_000_000) s"
    }
}

/// Numbers of bytes for people: 512 B, 1.5 MiB.
enum ByteText {
    static func text(_ count: Int64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var (place, scale) = (0, Int64(1))
        while place < units.count - 1, count / scale >= 1024 {
            place += 1
            scale *= 1024
        }
        if place == 0 { return "\(count) B" }
        let tenths = count / (scale / 16) * 10 / 16
        return tenths < 1000 ? "\(tenths / 10).\(tenths % 10) \(units[place])" : "\(tenths / 10) \(units[place])"
    }
}

extension String {
    func dropping(prefix: String) -> String { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self }
}
