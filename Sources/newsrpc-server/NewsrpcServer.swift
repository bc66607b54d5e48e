import ArgumentParser
import Files

/// The program: `newsrpc-server [serve]`, `token`, and commands for a store that nobody serves.
@main struct NewsrpcServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "newsrpc-server",
        abstract: "Serves a store of news articles by gRPC.",
        discussion: """
            Examples:
              newsrpc-server --data /var/lib/newsrpc --listen 127.0.0.1:50051
              newsrpc-server --data ./store --listen unix:/run/newsrpc.sock --time-zone Asia/Shanghai
              newsrpc-server token create --name me --scope articles.read --tokens ./tokens
              newsrpc-server check /var/lib/newsrpc
              newsrpc-server repair /var/lib/newsrpc
              newsrpc-server compact /var/lib/newsrpc
              newsrpc-server reshard /var/lib/newsrpc --period quarter
              newsrpc-server backup /var/lib/newsrpc --to /backup/monday
              newsrpc-server restore /backup/monday --to /var/lib/newsrpc

            Exit codes: 0 done, 1 failed (or `check` found damage), 2 wrong usage, 3 done
            but some of the store is lost (`repair`) or missing (`backup`, `restore`).
            """,
        version: "newsrpc-server \(version)",
        subcommands: [
            ServeCommand.self, TokenCommand.self, CheckCommand.self, RepairCommand.self, BackupCommand.self,
            RestoreCommand.self, CompactCommand.self, RetainCommand.self, ReshardCommand.self, CheckShardCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)

    static let version = "0.1.0"

    /// ArgumentParser ends with 64 on wrong usage; ours is 2, as that of newsrpc-cli.
    static func main() {
        StandardStream.ignoreBrokenPipes()
        StandardStream.ignoreFileSizeLimit()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as Failed {
            complain(failure.message)
            NewsrpcServer.exit(withError: ExitCode(1))
        } catch  where exitCode(for: error) == .validationFailure {
            complain(message(for: error))
            NewsrpcServer.exit(withError: ExitCode(2))
        } catch {
            exit(withError: error)
        }
    }

    /// One line on standard error, under the program's name.
    static func complain(_ text: String) {
        // Nobody is left to tell when standard error is gone.
        try? StandardStream.errors.write("newsrpc-server: \(text)\n")
    }
}

/// What kept a command from its job, in the words for its user.
struct Failed: Error {
    let message: String
}
