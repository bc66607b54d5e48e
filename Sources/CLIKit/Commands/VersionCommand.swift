internal import ArgumentParser
internal import NewsClient
internal import ProtoJSON

struct VersionCommand: NewsCommand {
    /// Program and client library are released together.
    static let version = RPCClient.version

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
