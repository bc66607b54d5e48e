internal import ArgumentParser
internal import NewsClient
internal import Synchronization

/// What a command works with: its console and its way to the server.
final class Session: Sendable {
    static let defaultServer = "127.0.0.1:50051"
    static let defaultAdminServer = "127.0.0.1:50052"
    static let defaultTimeout = Duration.seconds(30)

    let console: Console
    let surroundings: Surroundings
    let server: String
    private let tls: ClientTLS?
    /// What the user asked for; `nil`: each command's own.
    let timeout: Duration?
    /// How long a call waits for a server that is not there yet; `nil`: not at all.
    private let wait: Duration?
    private let retries: Int?
    private let headers: [MetadataField]
    private let compression: MessageCompressionMethod?
    private let connection = Mutex<ServerConnection?>(nil)

    init(_ global: GlobalOptions, _ command: any NewsCommand.Type, _ surroundings: Surroundings) throws {
        self.surroundings = surroundings
        let environment = Environment(lookup: surroundings.environment)
        server = global.server ?? environment[command.server.variable] ?? command.server.fallback
        tls = try global.tls.settings(environment, server: server)
        timeout = global.timeout?.duration
        wait = global.wait?.duration
        retries = global.retries
        headers = try global.header.map(\.field) + Credential(global, environment, surroundings.files).metadata
        if tls == nil, !global.insecureToken { try Credential.checkClear(headers, server: server) }
        compression = global.compress.flatMap { MessageCompressionMethod(rawValue: $0.rawValue) }
        let output = surroundings.output
        console = Console(
            output: output, errors: surroundings.errors, command: command.configuration.commandName ?? "",
            format: try Self.format(global.output, command, environment, isTerminal: output.isTerminal),
            isQuiet: global.quiet, isVerbose: global.verbose, width: DisplayWidth(ambiguous: global.ambiguousWidth),
            symbols: Symbols(environment: environment),
            columns: global.width ?? (output.isTerminal ? output.columns ?? 80 : nil),
            paint: Self.paint(global.color, output, environment),
            errorPaint: Self.paint(global.color, surroundings.errors, environment))
    }

    /// The way to the server, made when it is first asked for and kept until `close`.
    func channel() throws -> any CallChannel {
        try connection.withLock { connection in
            let made = try connection ?? surroundings.connect(ServerPlace(address: server, tls: tls, log: log))
            connection = made
            return made.channel
        }
    }

    private var log: (@Sendable (String) -> Void)? {
        guard console.isVerbose, !console.isQuiet else { return nil }
        return { [console] line in try? console.detail(line) }
    }

    /// Leaves the server, if it was called at all.
    func close() async {
        let made = connection.withLock { connection in
            defer { connection = nil }
            return connection
        }
        await made?.close()
    }

    func options(default fallback: Duration = Session.defaultTimeout) -> CallOptions {
        CallOptions(
            timeout: (timeout ?? fallback) + (wait ?? .zero), metadata: headers, compression: compression,
            waitForReady: wait != nil, maxAttempts: retries.map { $0 + 1 })
    }

    /// For a write with a request id, which may be sent again: the server does it once.
    func writeOptions() -> CallOptions {
        var options = options()
        options.isIdempotent = true
        return options
    }

    /// Option, then environment, then what suits a terminal or a pipe. A format from the environment is meant for all
    /// commands, so one that this command lacks is passed over.
    private static func format(
        _ asked: OutputFormat?, _ command: any NewsCommand.Type, _ environment: Environment, isTerminal: Bool
    ) throws -> OutputFormat {
        let formats = command.formats
        if let asked {
            guard formats.contains(asked) else {
                let names = formats.map(\.rawValue).joined(separator: ", ")
                throw UsageError(message: "no format \"\(asked.rawValue)\" here; one of \(names)")
            }
            return asked
        }
        if let text = environment["NEWSRPC_OUTPUT"] {
            guard let asked = OutputFormat(rawValue: text) else {
                throw UsageError(message: "NEWSRPC_OUTPUT is \"\(text)\", which is no format; see 'help formats'")
            }
            if formats.contains(asked) { return asked }
        }
        return isTerminal ? formats[0] : command.pipeFormat
    }

    /// no-color.org, bixense.com/clicolors.
    private static func paint(
        _ choice: ColorChoice, _ sink: any ByteSink, _ environment: Environment
    ) -> Paint {
        switch choice {
        case .always: return Paint(isOn: true)
        case .never: return Paint(isOn: false)
        case .auto:
            if environment["NO_COLOR"] != nil { return Paint(isOn: false) }
            let forces = ["FORCE_COLOR", "CLICOLOR_FORCE"].contains { (environment[$0] ?? "0") != "0" }
            return Paint(isOn: forces || sink.isTerminal && environment["TERM"] != "dumb")
        }
    }
}
