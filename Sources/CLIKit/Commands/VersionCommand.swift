internal import ArgumentParser
internal import ProtoJSON

struct VersionCommand: NewsCommand {
    static let version = "0.1.0"

    static let formats = Report.formats
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version of this program.",
        usage: "newsrpc-cli version [<options>]",
        discussion: discussion(examples: ["version", "version -o json"]))

    @OptionGroup var global: GlobalOptions

    func run(_ session: Session) async throws -> Termination {
        let name = Console.programName
        let report = Report(
            keys: ["program", "version"], records: [[.string(name), .string(Self.version)]],
            text: ["\(name) \(Self.version)"])
        try report.print(on: session.console)
        return .success
    }
}
