internal import ArgumentParser
internal import NewsClient
internal import NewsMessages
internal import NewsModel

/// A command that starts an operation of the server and waits for its end.
protocol OperationCommand: AdminServerCommand {
    var detach: DetachOption { get }
    func start(_ channel: any CallChannel, _ options: CallOptions) async throws -> NewsMessages.Operation
}

struct DetachOption: ParsableArguments {
    @Flag(help: "Print the operation's name and do not wait.")
    var detach = false
}

extension OperationCommand {
    func run(_ session: Session) async throws -> Termination {
        let operation = try await start(try session.channel(), session.options())
        if detach.detach {
            try OperationPrinter(session.console).print(name: operation)
            return .success
        }
        return try await OperationWait(session).run(operation.name)
    }
}

struct AdminBackupCommand: OperationCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store, while it is served.",
        usage: "newsrpc-cli admin backup <target> [<options>]",
        discussion: discussion(
            """
            The copy lies on the server, below its --backup-root. A name that ends with .tar.zst becomes an archive, \
            any other a folder. 'newsrpc-server restore' makes a store of it.
            """,
            examples: ["admin backup 2026-11-22", "admin backup tuesday --base monday --rate 20MiB"]))

    @Argument(help: .init("Name of the copy.", valueName: "target"))
    var target: String

    @Option(help: .init("A copy beside it; what has not changed since is shared with it.", valueName: "name"))
    var base: String?

    @Option(help: .init("Most bytes read in a second: 512KiB, 20MiB.", valueName: "bytes"))
    var rate: ByteCount?

    @OptionGroup var detach: DetachOption
    @OptionGroup var global: GlobalOptions

    func start(_ channel: any CallChannel, _ options: CallOptions) async throws -> NewsMessages.Operation {
        var request = StartBackupRequest()
        request.target = target
        request.baseBackup = base ?? ""
        request.rateLimitBytes = Int64(rate?.value ?? 0)
        return try await channel.startBackup(request, options: options)
    }
}

struct AdminCompactCommand: OperationCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: "Give free bytes of the store's files back, while it is served.",
        usage: "newsrpc-cli admin compact [<shard> ...] [<options>]",
        discussion: discussion("Without a shard: all that hold free bytes.", examples: ["admin compact 2026-02"]))

    @Argument(help: .init("Shards, such as 2026-02.", valueName: "shard"))
    var shards: [String] = []

    @OptionGroup var detach: DetachOption
    @OptionGroup var global: GlobalOptions

    func start(_ channel: any CallChannel, _ options: CallOptions) async throws -> NewsMessages.Operation {
        var request = StartCompactionRequest()
        request.shards = shards.map { Period.namePrefix + $0.dropping(prefix: Period.namePrefix) }
        return try await channel.startCompaction(request, options: options)
    }
}

struct AdminReshardCommand: OperationCommand {
    static let configuration = CommandConfiguration(
        commandName: "reshard",
        abstract: "Bring the articles into shards of another period or number of slots, while they are served.",
        usage: "newsrpc-cli admin reshard [<period>] [--slots <n>] [<options>]",
        discussion: discussion(
            "Lists, names and page tokens stay. Without a period, or without --slots, that is as it was.",
            examples: ["admin reshard quarter", "admin reshard --slots 4", "admin reshard year --slots 1"]))

    enum Period: String, CaseIterable, ExpressibleByArgument, Sendable { case month, quarter, year }

    @Argument(help: .init("month, quarter or year.", valueName: "period"))
    var period: Period?

    @Option(help: .init("Shards that each period is divided into by its days, 1 to 16.", valueName: "n"))
    var slots: Int32?

    @OptionGroup var detach: DetachOption
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if period == nil, slots == nil { throw ValidationError("give a period, --slots or both") }
        if let slots, !ShardLayout.slotCounts.contains(Int(slots)) {
            throw ValidationError("--slots \(slots): must be 1 to \(ShardLayout.slotCounts.upperBound)")
        }
    }

    func start(_ channel: any CallChannel, _ options: CallOptions) async throws -> NewsMessages.Operation {
        var request = StartReshardingRequest()
        switch period {
        case .month: request.period = .month
        case .quarter: request.period = .quarter
        case .year: request.period = .year
        case nil: break
        }
        request.slots = slots ?? 0
        return try await channel.startResharding(request, options: options)
    }
}

struct AdminRetainCommand: OperationCommand {
    static let configuration = CommandConfiguration(
        commandName: "retain",
        abstract: "Drop shards that are older as a whole than is to be kept.",
        usage: "newsrpc-cli admin retain <span> [--dry-run | --yes] [<options>]",
        discussion: discussion(
            "What is dropped does not come back, but from a backup.",
            examples: ["admin retain 24mo --dry-run", "admin retain 24mo --yes"]))

    @Argument(help: .init("What is kept: 730d, 104w, 24mo or 2y.", valueName: "span"))
    var span: String

    @Flag(help: "Print what would be dropped.")
    var dryRun = false

    @Flag(help: "Drop it.")
    var yes = false

    @OptionGroup var detach: DetachOption
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if dryRun == yes { throw ValidationError("give --dry-run to see what would be dropped, or --yes to drop it") }
    }

    func start(_ channel: any CallChannel, _ options: CallOptions) async throws -> NewsMessages.Operation {
        var request = StartRetentionRequest()
        request.keep = span
        request.validateOnly = dryRun
        return try await channel.startRetention(request, options: options)
    }
}

extension ByteCount: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
