internal import ArgumentParser
internal import NewsModel

/// A length of time such as `30s`, `1.5s`, `250ms`, `2m` or `1h`.
struct DurationArgument: ExpressibleByArgument, Sendable {
    let duration: Duration

    init?(argument: String) {
        guard let duration = DurationText.parse(argument) else { return nil }
        self.duration = duration
    }

    static var defaultCompletionKind: CompletionKind { .default }
}

enum ColorChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
    case auto, always, never
}

enum CompressChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
    case gzip, deflate
}

/// Options that every command has.
struct GlobalOptions: ParsableArguments {
    @Option(help: .init("Server, HOST:PORT or unix:PATH.", valueName: "address"))
    var server: String?

    @Option(help: .init("Bearer token; others see it in the list of processes.", valueName: "token"))
    var token: String?

    @Option(help: .init("File whose first line is the bearer token.", valueName: "file"))
    var tokenFile: String?

    @Flag(help: "Send the token to another machine without TLS, too.")
    var insecureToken = false

    @OptionGroup var tls: TLSArguments

    @Option(help: .init("Longest time for a call: 250ms, 30s, 2m.", valueName: "time"))
    var timeout: DurationArgument?

    @Option(help: .init("Wait so long for a server that is not there yet.", valueName: "time"))
    var wait: DurationArgument?

    @Option(help: .init("Further tries of a call that does no harm twice; default 3.", valueName: "count"))
    var retries: Int?

    @Option(help: .init("Compress what is sent: gzip or deflate.", valueName: "method"))
    var compress: CompressChoice?

    @Option(
        name: [.customShort("H", allowingJoined: true), .long],
        help: .init("Send 'name: value' along; base64 if name ends in -bin.", valueName: "field"))
    var header: [HeaderArgument] = []

    @Option(
        name: [.customShort("o", allowingJoined: true), .long],
        help: .init("How to print, see 'help formats'.", valueName: "format"))
    var output: OutputFormat?

    @Option(help: .init("Colour the output.", valueName: "when"))
    var color: ColorChoice = .auto

    @Option(help: .init("Columns to fit into.", valueName: "columns"))
    var width: Int?

    @Option(help: .init("Columns of ambiguous characters, 1 or 2.", valueName: "columns"))
    var ambiguousWidth: Int = 1

    @Flag(name: .shortAndLong, help: "Say nothing but results and errors.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say more about what is done.")
    var verbose = false

    func validate() throws {
        if token != nil, tokenFile != nil { throw ValidationError("--token and --token-file: one of them, not both") }
        if let retries, !(0...4).contains(retries) { throw ValidationError("--retries must be 0 to 4") }
        if let width, width < 20 { throw ValidationError("--width must be 20 or more") }
        if ambiguousWidth != 1, ambiguousWidth != 2 { throw ValidationError("--ambiguous-width must be 1 or 2") }
    }
}
