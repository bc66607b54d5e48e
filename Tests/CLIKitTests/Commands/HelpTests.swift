import CLIKit
import NewsClient
import Testing

@Suite("Help") struct HelpTests {
    static let allCommands = [
        "list", "get", "import", "watch", "create", "update", "delete", "undelete", "stats", "view",
        "react", "ping", "health", "version",
    ]
    static let allPages = ["exit-codes", "environment", "times", "formats"]

    @Test("of every command fits 80 columns and has two examples that can be parsed", arguments: allCommands)
    func commands(name: String) async {
        let help = await CLIRun()("help", name)
        #expect(help == (await CLIRun()(name, "--help")))
        #expect(help.code == 0 && help.errors.isEmpty)
        let lines = help.output.split(separator: "\n")
        #expect(lines.allSatisfy { DisplayWidth().columns(of: $0) <= 80 })
        let examples = lines.filter { $0.hasPrefix("  newsrpc-cli ") }
        #expect(examples.count == 2)
        for example in examples {
            let words = example.prefix { $0 != "|" && $0 != "<" }.split(separator: " ").dropFirst().map(String.init)
            var run = CLIRun()
            run.connectionError = .init(.unavailable, "", origin: .notConnected)
            #expect(await run.run(words).code != 2, "\(example)")
        }
    }

    @Test("lists all commands and pages")
    func overview() async {
        let help = await CLIRun()("--help").output
        #expect(Self.allCommands.allSatisfy { help.contains("\n  \($0) ") })
        #expect(help == (await CLIRun()("help").output))
        #expect(help == (await CLIRun().run([]).output))
        let ofHelp = await CLIRun()("help", "help").output
        #expect(Self.allPages.allSatisfy { ofHelp.contains($0) })
    }

    @Test("has pages that fit 80 columns", arguments: allPages)
    func pages(name: String) async {
        let page = await CLIRun()("help", name)
        #expect(page.code == 0)
        #expect(page.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test("tells every exit code that there is")
    func exitCodes() async {
        let page = await CLIRun()("help", "exit-codes").output
        let statuses: [Termination] = [
            .success, .failure, .usage, .partial, .noServer, .interrupted, .brokenPipe, .terminated,
        ]
        for status in statuses + (1...16).map(Termination.status) {
            #expect(page.split(whereSeparator: { !$0.isNumber }).contains("\(status.code)"), "\(status)")
        }
    }

    @Test("says where to look when there is no such topic")
    func unknown() async {
        #expect(
            await CLIRun()("help", "nothing")
                == .init(
                    output: "", errors: "newsrpc-cli: no help on \"nothing\"; see 'newsrpc-cli help'\n", code: 2))
    }
}
