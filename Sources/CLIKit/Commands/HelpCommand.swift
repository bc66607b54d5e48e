internal import ArgumentParser

/// `help`: of a command, or one of the pages that several commands share.
struct HelpCommand: ParsableCommand {
    /// Help is laid out for terminals of this width, wider ones too.
    static let columns = 80

    static let configuration = CommandConfiguration(
        commandName: "help",
        abstract: "Print the help of a command or a page.",
        discussion: discussion(
            "Pages: \(HelpPages.all.map(\.key).joined(separator: ", ")).", examples: ["help list", "help times"]))

    @Argument(help: .init("A command or a page.", valueName: "topic"))
    var topic: String?

    func page() throws -> String {
        guard let topic else { return RootCommand.helpMessage(columns: Self.columns) }
        if let page = HelpPages.all.first(where: { $0.key == topic })?.value { return page }
        let commands = RootCommand.configuration.subcommands
        guard let command = commands.first(where: { $0.configuration.commandName == topic }) else {
            throw UsageError(message: "no help on \"\(topic)\"; see 'newsrpc-cli help'")
        }
        return RootCommand.helpMessage(for: command, columns: Self.columns)
    }
}
