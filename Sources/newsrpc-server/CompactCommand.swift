import ArgumentParser
import NewsModel
import NewsStore

/// `newsrpc-server compact DIR`
struct CompactCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact", abstract: "Gives the free space in a store's files back.",
        discussion: """
            Copies each shard of whose file a quarter is free, or each that is named, and
            puts the copy in its place in one step: a crash leaves the old file or the new
            one. Needs room for a copy of the largest of them. A damaged shard is named
            and left as it is. The store must not be in use.

            Exits with 0 when all is done, 1 when a shard was left out.

            Examples:
              newsrpc-server compact /var/lib/newsrpc
              newsrpc-server compact ./store --shard 2026-02 --shard undated
            """)

    @Argument(help: ArgumentHelp("Folder of the store.", valueName: "dir"))
    var directory: String

    @Option(help: ArgumentHelp("A shard, such as 2026-02; repeatable.", valueName: "period"))
    var shard: [String] = []

    private func periods() throws -> [Period]? {
        if shard.isEmpty { return nil }
        return try shard.map { text in
            guard let period = Period(text) else { throw ValidationError("--shard \(text): no shard has such a name") }
            return period
        }
    }

    func validate() throws { _ = try periods() }

    func run() throws {
        let periods = try periods()
        let summary = try OfflineStore.with(directory) { (store) throws(StoreError) in
            try store.compact(shards: periods)
        }
        for shard in summary.shards {
            OfflineStore.say("\(shard.period): \(shard.bytesBefore) bytes before, \(shard.bytesAfter) after")
        }
        for shard in summary.skipped { OfflineStore.say("\(shard.period): left as it is: \(shard.reason)") }
        OfflineStore.say("\(summary)")
        if !summary.skipped.isEmpty { throw ExitCode(1) }
    }
}
