import ArgumentParser
import NewsModel
import NewsStore

/// `newsrpc-server backup DIR --to TARGET`
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Saves a store, as it is, to a folder or to one file.",
        discussion: """
            The target is a folder that is absent or empty, or a file whose name ends with
            .tar.zst. It has its name once it is whole; until then it is TARGET.partial,
            which no restore takes for a backup. --base names an earlier backup of the
            store, a folder: shards that have not changed since are links to its files, so
            they take no time and no space. Each backup is whole by itself, and earlier
            ones can be removed at any time.

            The store must not be in use: newsrpc-cli admin backup saves one that is served.

            Exits with 0 when all of the store is saved, 3 when a shard that cannot be read
            is left out, 1 when there is no backup.

            Examples:
              newsrpc-server backup /var/lib/newsrpc --to /backup/monday
              newsrpc-server backup /var/lib/newsrpc --to /backup/tuesday --base /backup/monday
              newsrpc-server backup ./store --to store.tar.zst --rate 20MiB
            """)

    @Argument(help: ArgumentHelp("Folder of the store.", valueName: "dir"))
    var directory: String

    @Option(help: ArgumentHelp("Folder, or file that ends with .tar.zst.", valueName: "target"))
    var to: String

    @Option(help: ArgumentHelp("Earlier backup, a folder.", valueName: "backup"))
    var base: String?

    @Option(help: ArgumentHelp("Bytes to be read in a second at most: 512KiB, 20MiB.", valueName: "bytes"))
    var rate: ByteCount?

    func validate() throws {
        if base != nil, case .archive = BackupTarget(to) {
            throw ValidationError("--base \(base ?? ""): links need a folder, and \(to) is one file")
        }
    }

    func run() throws {
        var options = BackupOptions()
        options.base = base
        options.bytesPerSecond = rate?.value
        let progress = ProgressLine("saved")
        defer { progress.end() }
        let summary = try OfflineStore.with(directory, whenHeld: "newsrpc-cli admin backup saves it there") {
            [options] (store) throws(StoreError) in
            try store.backup(to: BackupTarget(to), options, observer: progress)
        }
        progress.end()
        for shard in summary.missing {
            OfflineStore.say("missing: \(shard.period): \(shard.reason)")
        }
        OfflineStore.say("\(summary)\nsha256 of the manifest: \(Hex.text(summary.manifestHash))")
        if !summary.isComplete { throw ExitCode(3) }
    }
}
