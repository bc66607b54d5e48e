import Access
import ArgumentParser
import Files
import NewsModel
import NewsServer
import Threads

/// `newsrpc-server token create|list|revoke`
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Says who may call: makes, lists and revokes tokens.",
        discussion: """
            The file holds one line of JSON for each token or certificate: its name, the
            SHA-256 of the token, scopes, times, limits. A server that was started with
            --tokens FILE reads it again when it changes.

            Scopes: articles.read, articles.write, engagement.write, comments.moderate,
            reports.read, reports.write, admin. None implies another.

            Examples:
              newsrpc-server token create --name importer --scope articles.write --tokens tokens
              newsrpc-server token list --tokens tokens
              newsrpc-server token revoke importer --tokens tokens
            """, subcommands: [TokenCreateCommand.self, TokenListCommand.self, TokenRevokeCommand.self])
}

/// The file that all three work on.
struct TokenFileOption: ParsableArguments {
    @Option(help: ArgumentHelp("The file of who may call.", valueName: "file"))
    var tokens: String

    var file: TokenFile { TokenFile(tokens) }
}

extension Scope: ExpressibleByArgument {}

struct TokenCreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes a token and prints it, this once.",
        discussion: """
            The token is printed alone on the standard output; only its hash is kept.
            With --certificate nothing is printed: the client's certificate is its token.

            Examples:
              export NEWSRPC_TOKEN=$(newsrpc-server token create --name me --scope articles.read --tokens tokens)
              newsrpc-server token create --name gateway --certificate spiffe://news/gateway \\
                --scope articles.read --expires 90d --limit-calls-per-second 500 --tokens tokens
            """)

    @Option(help: ArgumentHelp("Whose token it is: letters, digits, '-', '_', '.'.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("What it may do; repeatable.", valueName: "scope"))
    var scope: [Scope]

    @Option(help: ArgumentHelp("When it ends: 90d, 12h, 2027-03-01, 2027-03-01T08:00:00Z.", valueName: "time"))
    var expires: String?

    @Option(
        help: ArgumentHelp("No token, but a URI or DNS name in a client certificate.", valueName: "name"))
    var certificate: String?

    @OptionGroup var limits: LimitOptions
    @OptionGroup var option: TokenFileOption

    func validate() throws {
        guard AccessEntry.isName(name) else {
            throw ValidationError("--name \(name): 1 to 63 letters, digits, '-', '_' and '.'")
        }
        if certificate == "" { throw ValidationError("--certificate: a URI or a DNS name") }
    }

    func run() throws {
        // Whole seconds are enough for people, and shorter to read.
        let now = Instant(microseconds: WallClock.now / 1_000_000 * 1_000_000)
        let text = TokenText.make(of: SystemRandom.bytes(TokenText.randomByteCount))
        var entry = AccessEntry(
            name: name, credential: certificate.map { .certificate($0) } ?? .token(TokenHash(of: text)),
            scopes: ScopeSet(scope), created: now)
        if let expires {
            guard let instant = Expiry.parse(expires, now: now) else {
                throw ValidationError("--expires \(expires): must lie ahead, as \(Expiry.forms)")
            }
            entry.expires = instant
        }
        entry.limits = limits.limits
        do throws(TokenFileError) { try option.file.add(entry) } catch { throw Failed(message: "\(error)") }
        guard certificate == nil else { return }
        try StandardStream.output.write(text + "\n")
        try? StandardStream.errors.write("the token of \(name) is shown this once\n")
    }
}

struct TokenListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists who may call: names, never tokens.",
        discussion: """
            Examples:
              newsrpc-server token list --tokens /etc/newsrpc/tokens
              newsrpc-server token list --tokens tokens | cut -f1
            """)

    @OptionGroup var option: TokenFileOption

    func run() throws {
        let entries: [AccessEntry]
        do throws(TokenFileError) { entries = try option.file.read() } catch { throw Failed(message: "\(error)") }
        let now = Instant(microseconds: WallClock.now)
        var text = "NAME\tSCOPES\tCREATED\tEXPIRES\tCERTIFICATE\n"
        for entry in entries {
            let scopes = entry.scopes.scopes.map(\.rawValue).joined(separator: ",")
            let expires = entry.expires.map { RFC3339.text($0) + ($0 <= now ? " (expired)" : "") } ?? "-"
            var certificate = "-"
            if case .certificate(let name) = entry.credential { certificate = name }
            text +=
                [entry.name, scopes.isEmpty ? "-" : scopes, RFC3339.text(entry.created), expires, certificate]
                .joined(separator: "\t") + "\n"
        }
        try StandardStream.output.write(text)
    }
}

struct TokenRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Takes a token or certificate out of the file.",
        discussion: """
            A server that has read the file refuses it from then on, also on connections
            that are open.

            Examples:
              newsrpc-server token revoke importer --tokens /etc/newsrpc/tokens
              newsrpc-server token revoke gateway --tokens tokens && kill -HUP "$pid"
            """)

    @Argument(help: ArgumentHelp("The name that it was made with.", valueName: "name"))
    var name: String

    @OptionGroup var option: TokenFileOption

    func run() throws {
        do throws(TokenFileError) { try option.file.remove(name) } catch { throw Failed(message: "\(error)") }
    }
}
