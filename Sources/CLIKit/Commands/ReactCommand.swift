internal import ArgumentParser
internal import NewsClient
internal import NewsMessages
internal import ProtoJSON

struct ReactCommand: NewsCommand {
    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case like, favorite, share, tip

        var message: ReactionKind {
            switch self {
            case .like: .like
            case .favorite: .favorite
            case .share: .share
            case .tip: .tip
            }
        }

        var counter: Counter {
            switch self {
            case .like: .likes
            case .favorite: .favorites
            case .share: .shares
            case .tip: .tips
            }
        }

        /// Whether it counts once for each actor, and can be taken back.
        var isOfActor: Bool { self == .like || self == .favorite }
    }

    static let formats = StatsPrinter.formats
    static let configuration = CommandConfiguration(
        commandName: "react",
        abstract: "Like, favorite, share or tip an article, or take that back.",
        usage: "newsrpc-cli react <name> --kind <kind> [--actor <actor>] [<options>]",
        discussion: discussion(
            """
            The name is articles/ID or ID alone. Likes and favorites count once for each actor and can be taken back; \
            shares and tips count each time.
            """,
            examples: [
                "react 20240313-0h2v8k4mq1ts --kind like --actor reader-17",
                "react 20240313-0h2v8k4mq1ts --kind like --actor reader-17 --remove",
            ]))

    @Argument(help: .init("The article.", valueName: "name"))
    var name: String

    @Option(help: .init("like, favorite, share or tip.", valueName: "kind"))
    var kind: Kind

    @Option(help: .init("Who it is; for likes and favorites.", valueName: "actor"))
    var actor: String?

    @Flag(help: "Take a like or a favorite back.")
    var remove = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if kind.isOfActor, actor == nil { throw ValidationError("--kind \(kind.rawValue) needs --actor") }
        if remove, !kind.isOfActor { throw ValidationError("a \(kind.rawValue) is not taken back") }
    }

    func run(_ session: Session) async throws -> Termination {
        let name = ArticleNames.resolved(name)
        let channel = try session.channel()
        let stats = remove ? try await removed(name, channel, session) : try await added(name, channel, session)
        if session.console.format == .text {
            try session.console.print(["\(name) has \(StatsPrinter.text(kind.counter, stats))"])
        } else {
            try StatsPrinter(session.console).print(name, stats)
        }
        return .success
    }

    private func added(_ name: String, _ channel: any CallChannel, _ session: Session) async throws -> ArticleStats {
        var request = AddReactionRequest()
        request.name = name
        request.kind = kind.message
        request.actor = actor ?? ""
        request.requestId = RequestID.made()
        return try await channel.addReaction(request, options: session.writeOptions())
    }

    private func removed(_ name: String, _ channel: any CallChannel, _ session: Session) async throws -> ArticleStats {
        var request = RemoveReactionRequest()
        request.name = name
        request.kind = kind.message
        request.actor = actor ?? ""
        return try await channel.removeReaction(request, options: session.options())
    }
}
