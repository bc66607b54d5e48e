import ArgumentParser
import NewsModel
import NewsStore

/// `newsrpc-server retain DIR --retain 24mo`
struct RetainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retain", abstract: "Drops the shards of a store that are older than is to be kept.",
        discussion: """
            A shard goes with all that is in it, deleted articles too, once the whole of
            its period lies before the limit. Undated articles stay. So many days, weeks,
            months or years are counted back from today; today is no later than a day
            after the store was last written, so that a clock that is set wrong empties no
            store. The store must not be in use.

            Examples:
              newsrpc-server retain /var/lib/newsrpc --retain 24mo --dry-run
              newsrpc-server retain ./store --retain 730d
            """)

    @Argument(help: ArgumentHelp("Folder of the store.", valueName: "dir"))
    var directory: String

    @Option(help: ArgumentHelp("What is kept: 730d, 104w, 24mo or 2y.", valueName: "span"))
    var retain: CalendarSpan

    @Flag(help: "Only say what would be dropped.")
    var dryRun = false

    func run() throws {
        let summary = try OfflineStore.with(directory) { (store) throws(StoreError) in
            try store.retain(since: store.retentionLimit(retain), isDryRun: dryRun)
        }
        for shard in summary.dropped {
            OfflineStore.say(
                "\(shard.period): \(CountText.text(shard.articleCount, "article")), \(shard.byteCount) bytes")
        }
        for shard in summary.skipped { OfflineStore.say("\(shard.period): left as it is: \(shard.reason)") }
        let verb = dryRun ? "would be dropped" : "dropped"
        OfflineStore.say(
            "\(CountText.text(summary.dropped.count, "shard")) before \(summary.since) \(verb), "
                + "\(CountText.text(summary.articleCount, "article")), \(summary.byteCount) bytes")
        if !summary.skipped.isEmpty { throw ExitCode(1) }
    }
}

extension CalendarSpan: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}
