internal import ArgumentParser

/// A length of time such as `30s`, `1.5s`, `250ms`, `2m` or `1h`.
struct DurationArgument: ExpressibleByArgument, Sendable {
    let duration: Duration

    init?(argument: String) {
        let units: [(suffix: String, nanoseconds: Int64)] = [
            ("ms", 1_000_000), ("us", 1000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
        ]
        guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }) else { return nil }
        let parts = argument.dropLast(unit.suffix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let whole = Int64(parts[0]), let fraction = Int64((parts.count == 2 ? parts[1].prefix(9) : "0"))
        else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit.nanoseconds)
        // 99,999,999 hours is the longest that the wire can tell; a year is longer than any call.
        guard !overflow, product <= 366 * 24 * 3_600_000_000_000 else { return nil }
        let digits = parts.count == 2 ? min(9, parts[1].count) : 0
        let divisor = (0..<digits).reduce(Int64(1)) { power, _ in power * 10 }
        duration = .nanoseconds(product + unit.nanoseconds / divisor * fraction)
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
