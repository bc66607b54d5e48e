import ArgumentParser
import Files
import NewsServer
import NewsStore

/// `newsrpc-server repair DIR`
struct RepairCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Makes a damaged store whole again, as far as can be.",
        discussion: """
            Writes each damaged shard anew from what can be read of it: rows, indexes and
            the catalog are made from the articles. What is beyond repair is named, and
            goes with the files that were replaced to the folder quarantine in the store.
            Lifts the quarantine of shards. Can be stopped and run again at any time.
            The store must not be in use.

            Exits with 0 when nothing is lost, 3 when the store is whole again and some
            of it is lost, 1 when it could not be repaired.

            Examples:
              newsrpc-server repair /var/lib/newsrpc
              newsrpc-server check ./store || newsrpc-server repair ./store
            """)

    @Argument(help: ArgumentHelp("Folder of the store.", valueName: "dir"))
    var directory: String

    func run() throws {
        let summary: RepairSummary
        let check: CheckSummary
        do throws(StoreError) {
            summary = try StoreServer.repair(directory) { finding in
                try? StandardStream.output.write("\(finding)\n")
            }
            check = try Store.check(directory) { finding in
                try? StandardStream.output.write("left: \(finding)\n")
            }
        } catch {
            throw Failed(message: "\(error)")
        }
        for path in summary.keptFiles { try? StandardStream.output.write("kept: \(path)\n") }
        try? StandardStream.output.write("\(summary)\n")
        if !check.isSound { throw ExitCode(1) }
        if !summary.isComplete { throw ExitCode(3) }
    }
}
