import ArgumentParser
import NewsModel
import NewsStore

/// `newsrpc-server reshard DIR --period quarter`
struct ReshardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reshard", abstract: "Gives a store's shards another length: month, quarter or year.",
        discussion: """
            Copies the articles into new shards beside the old ones, then replaces STORE,
            then removes the old shards: there is room needed for both. Stopped before
            that, however it happens, the store is as it was, and the same command goes on
            with the copies that are whole; --abort removes them. Stopped after it, the
            next start removes the old shards. Names, lists, page tokens, etags, counters
            and positions stay. A store with damage is refused: repair it first. The store
            must not be in use.

            Examples:
              newsrpc-server reshard /var/lib/newsrpc --period quarter
              newsrpc-server reshard /var/lib/newsrpc --abort
            """)

    @Argument(help: ArgumentHelp("Folder of the store.", valueName: "dir"))
    var directory: String

    @Option(help: ArgumentHelp("What a shard holds: month, quarter or year.", valueName: "length"))
    var period: PeriodLength?

    @Flag(help: "Remove what a command that was stopped has left.")
    var abort = false

    func validate() throws {
        if (period == nil) != abort { throw ValidationError("give either --period or --abort") }
    }

    func run() throws {
        guard let period else {
            let isDone = try OfflineStore.with(directory) { (store) throws(StoreError) in try store.abortReshard() }
            return OfflineStore.say(isDone ? "the copies are removed" : "there is nothing to be removed")
        }
        let summary = try OfflineStore.with(directory) { (store) throws(StoreError) in
            try store.reshard(to: period)
        }
        OfflineStore.say("\(summary)")
    }
}

extension PeriodLength: ExpressibleByArgument {}
