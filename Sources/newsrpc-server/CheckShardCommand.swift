import ArgumentParser
import Files
import NewsStore

/// `newsrpc-server check-shard FOLDER...`, which the server runs for itself: a shard whose file is damaged may end the
/// process that looks at it, and this one is there to be ended.
struct CheckShardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Looks at files of shards, in a process of its own.",
        shouldDisplay: false)

    static let name = "check-shard"

    @Argument(help: ArgumentHelp("Folders of shards that no process serves.", valueName: "folder"))
    var folders: [String]

    func run() throws {
        ProcessEnvironment.leaveNoCore()
        do {
            try Store.walkShards(folders) { line in try StandardStream.output.write(line + "\n") }
        } catch {
            throw ExitCode(1)  // Whoever asked has gone.
        }
    }
}
