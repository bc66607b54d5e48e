import ArgumentParser
import Files
import NewsStore

/// `newsrpc-server check DIR`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Walks a store and names what is damaged or lost.",
        discussion: """
            Reads every value and follows every reference in both directions. The store
            must not be in use. Exits with 1 when something is wrong.

            Examples:
              newsrpc-server check /var/lib/newsrpc
              newsrpc-server check ./store || echo damaged
            """)

    @Argument(help: ArgumentHelp("Folder of the store.", valueName: "dir"))
    var directory: String

    func run() throws {
        let summary: CheckSummary
        do throws(StoreError) {
            summary = try Store.check(directory) { finding in
                try? StandardStream.output.write("\(finding)\n")
            }
        } catch {
            throw Failed(message: "\(error)")
        }
        try? StandardStream.output.write("\(summary)\n")
        if summary.findingCount > 0 { throw ExitCode(1) }
    }
}
