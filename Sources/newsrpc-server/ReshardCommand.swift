import ArgumentParser
import NewsModel
import NewsStore

/// `newsrpc-server reshard DIR [--period quarter] [--slots 4]`
struct ReshardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reshard", abstract: "Divides a store into shards by other periods, or more or fewer of each.",
        discussion: """
            A period is a month, a quarter or a year, and one shard, or up to 16: slots,
            which are runs of its days. What is not given stays as it is.

            Copies the articles into new shards beside the old ones, then replaces STORE,
            then removes the old shards: there is room needed for both. Stopped before
            that, however it happens, the store is as it was, and the same command goes on
            with the copies that are whole; --abort removes them. Stopped after it, the
            next start removes the old shards. Names, lists, page tokens, etags, counters
            and positions stay. A store with damage is refused: repair it first. The store
            must not be in use.

            Examples:
              newsrpc-server reshard /var/lib/newsrpc --period quarter
              newsrpc-server reshard /var/lib/newsrpc --slots 4
              newsrpc-server reshard /var/lib/newsrpc --abort
            """)

    @Argument(help: ArgumentHelp("Folder of the store.", valueName: "dir"))
    var directory: String

    @Option(help: ArgumentHelp("Length of a period: month, quarter or year.", valueName: "length"))
    var period: PeriodLength?

    @Option(help: ArgumentHelp("Shards of each period, 1 to 16.", valueName: "n"))
    var slots: Int?

    @Flag(help: "Remove what a command that was stopped has left.")
    var abort = false

    func validate() throws {
        if (period == nil && slots == nil) != abort {
            throw ValidationError("give --period, --slots or both, or --abort alone")
        }
        try SlotCount.check(slots)
    }

    func run() throws {
        if abort {
            let isDone = try OfflineStore.with(directory) { (store) throws(StoreError) in try store.abortReshard() }
            return OfflineStore.say(isDone ? "the copies are removed" : "there is nothing to be removed")
        }
        let summary = try OfflineStore.with(directory) { (store) throws(StoreError) in
            try store.reshard(to: period, slots: slots)
        }
        OfflineStore.say("\(summary)")
    }
}

extension PeriodLength: ExpressibleByArgument {}

/// What `--slots` may say.
enum SlotCount {
    static func check(_ count: Int?) throws {
        guard let count, !ShardLayout.slotCounts.contains(count) else { return }
        throw ValidationError("--slots \(count): must be 1 to \(ShardLayout.slotCounts.upperBound)")
    }
}
