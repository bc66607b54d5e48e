internal import ArgumentParser

/// The program's name, its commands, and nothing else.
struct RootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: Console.programName,
        abstract: "Import, list, read and change the articles of a newsrpc server.",
        discussion: discussion(examples: ["import page.txt articles.jsonl", "list --since 2026-02"]),
        version: VersionCommand.version,
        subcommands: [
            ListCommand.self, GetCommand.self, ImportCommand.self, WatchCommand.self, CreateCommand.self,
            UpdateCommand.self, DeleteCommand.self, UndeleteCommand.self, StatsCommand.self, ViewCommand.self,
            ReactCommand.self, PingCommand.self, HealthCommand.self, AdminCommand.self, VersionCommand.self,
            HelpCommand.self,
        ])
}
