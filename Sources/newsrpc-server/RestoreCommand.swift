import ArgumentParser
import NewsStore

/// `newsrpc-server restore BACKUP --to DIR`
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Makes a store from a backup.",
        discussion: """
            Compares every file with its checksum and checks the store that they make,
            before anything is there under the name of the folder. A backup that is
            damaged or incomplete is refused, and the message names the file.

            To its clients it is another store: positions and page tokens of the old one
            are refused, and lists begin anew.

            Exits with 0 when all is there, 3 when the backup was made without a shard that
            could not be read (it is quarantined, and repair gives it up), 1 when nothing
            was restored.

            Examples:
              newsrpc-server restore /backup/tuesday --to /var/lib/newsrpc
              newsrpc-server restore store.tar.zst --to ./store
            """)

    @Argument(help: ArgumentHelp("Folder or file of the backup.", valueName: "backup"))
    var backup: String

    @Option(help: ArgumentHelp("Folder of the store; absent or empty.", valueName: "dir"))
    var to: String

    func run() throws {
        let progress = ProgressLine("restored")
        let summary: RestoreSummary
        do throws(StoreError) {
            summary = try Store.restore(backup, to: to, observer: progress) { finding in
                progress.end()
                OfflineStore.say("\(finding)")
            }
        } catch {
            progress.end()
            throw Failed(message: "\(error)")
        }
        progress.end()
        OfflineStore.say("\(summary)")
        if !summary.isComplete { throw ExitCode(3) }
    }
}
