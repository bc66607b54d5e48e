internal import ArgumentParser

/// `admin`: commands that look after a server and its store.
struct AdminCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "Look after a server: statistics, backups, compaction.",
        discussion: discussion(
            """
            Calls the server's own listener for this, --admin-listen: --server, or NEWSRPC_ADMIN_SERVER, or \
            \(Session.defaultAdminServer). A command that starts something waits for its end, shows how far it has \
            come and prints what came of it.
            """,
            examples: ["admin stats", "admin backup monday.tar.zst", "admin compact"]),
        subcommands: [
            AdminStatsCommand.self, AdminBackupCommand.self, AdminCompactCommand.self, AdminReshardCommand.self,
            AdminRetainCommand.self, AdminOperationsCommand.self, AdminWaitCommand.self, AdminCancelCommand.self,
        ])
}

/// A command for the listener of AdminService.
protocol AdminServerCommand: NewsCommand {}

extension AdminServerCommand {
    static var server: (variable: String, fallback: String) { ("NEWSRPC_ADMIN_SERVER", Session.defaultAdminServer) }
    static var formats: [OutputFormat] { [.text, .json, .jsonl] }
}
