import ArgumentParser
import EventLoops
import Files
import GRPCCall
import NewsModel
import NewsServer
import NewsStore
import ServerLog
import Threads

/// `newsrpc-server [serve] --data DIR --listen ADDRESS`
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serves a store (the default).",
        discussion: """
            Prints one line when it is ready. SIGTERM and SIGINT stop it: health says
            NOT_SERVING, no new calls are taken, running ones may finish, the store is
            closed, the status is 0. A second signal stops it at once, with a status of
            128 and the signal's number. SIGHUP reads the files of certificates and
            tokens again; so does a change to them. Times are such as 250ms, 30s, 2m
            or 1.5h.

            A caller is whoever its token names, or else its address. Limits are off
            unless given, and a token's own stand before them.

            Examples:
              newsrpc-server --data ./store
              newsrpc-server --data ./store --listen 127.0.0.1:0 --threads 2
              newsrpc-server --data ./store --listen 0.0.0.0:50051 \
                  --tls-cert server.pem --tls-key server.key
            """)

    @Option(help: ArgumentHelp("Folder of the store; made when absent or empty.", valueName: "dir"))
    var data: String

    @Option(
        help: ArgumentHelp(
            "HOST:PORT, [IPv6]:PORT or unix:PATH; repeatable. Port 0 takes a free one.", valueName: "address"))
    var listen: [String] = ["127.0.0.1:50051"]

    @OptionGroup(title: "Administration") var admin: AdminOptions

    @Option(help: ArgumentHelp("Event loops; one for each processor when left out.", valueName: "n"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "IANA zone of a store that is made, such as Asia/Shanghai; the system's when left out.",
            valueName: "zone"))
    var timeZone: String?

    @OptionGroup(title: "A store that is made") var layout: LayoutOptions

    @Option(
        help: ArgumentHelp(
            "Compress replies from so many bytes on, for callers that read gzip or deflate; none when left out.",
            valueName: "bytes"))
    var compressAbove: Int?

    @Option(
        help: ArgumentHelp(
            """
            When a write is answered. commit: it is on the disk. relaxed=TIME: up to \
            TIME (100ms) before that; a power cut may undo the last writes of a \
            shard, each as a whole. The end of the process loses nothing either way.
            """, valueName: "when"))
    var durability = Durability.commit

    @Option(
        help: ArgumentHelp(
            """
            Drop shards that ended longer ago: 730d, 104w, 24mo or 2y. At the start and \
            once an hour; undated articles stay. All are kept when left out.
            """, valueName: "span"))
    var retain: CalendarSpan?

    @Option(
        help: ArgumentHelp(
            "How long the change feed goes back: 36h, 7d. Who was away for longer lists again.", valueName: "time"))
    var keepChanges = DurationOption(.seconds(7 * 86_400))

    @Option(help: ArgumentHelp("Least severe events that are logged: trace to critical.", valueName: "level"))
    var logLevel = LogLevel.info

    @Option(help: ArgumentHelp("Lines of the log, on standard error: text or json.", valueName: "format"))
    var logFormat = LogFormat.text

    @OptionGroup(title: "Connections and calls") var connections: ConnectionOptions

    @OptionGroup(title: "TLS")
    var tls: TLSOptions

    @OptionGroup(title: "Who may call, and how much") var access: AccessOptions

    func validate() throws {
        if keepChanges.duration < .seconds(1) {
            throw ValidationError("--keep-changes \(keepChanges): must be 1s or more")
        }
        if let compressAbove, compressAbove < 0 {
            throw ValidationError("--compress-above \(compressAbove): must be 0 or more")
        }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads \(threads): must be 1 to 1024")
        }
        try SlotCount.check(layout.slots)
        let addresses = try listen.map { text in
            do { return try SocketAddress(parsing: text) } catch { throw ValidationError("--listen \(text): \(error)") }
        }
        try access.checkListen(addresses, tls)
        try access.checkListen(admin.addresses(), tls, option: "--admin-listen")
    }

    func run() throws {
        let begin = MonotonicClock.now
        ProcessMemory.giveBackLargeBlocks()
        StandardStream.ignoreBrokenPipes()
        StandardStream.ignoreFileSizeLimit()
        // Before any thread starts: threads inherit it.
        Signal.block([.terminate, .interrupt, .hangUp])
        do {
            var configuration = StoreServer.Configuration(
                directory: data, addresses: try listen.map { try SocketAddress(parsing: $0) })
            configuration.loopCount = threads
            configuration.adminAddresses = try admin.addresses()
            configuration.backupRoot = admin.backupRoot
            configuration.timeZone = timeZone
            configuration.periodLength = layout.period
            configuration.slotCount = layout.slots
            configuration.walkCommand = ProcessEnvironment.program.map { [$0, CheckShardCommand.name] }
            configuration.notesFaults = true
            configuration.durability = durability
            configuration.retention = retain
            configuration.changeMemory = keepChanges.duration
            configuration.access = access.settings
            configuration.settings.call.compressedReplyMin = compressAbove
            let log = EventLog(level: logLevel, format: logFormat, lines: .standardError())
            defer { log.flush() }
            configuration.log = log
            connections.apply(to: &configuration)
            let certificates = try tls.files.map { files throws(TLSFilesError) in try TLSCertificates(files) }
            configuration.certificates = certificates
            let server = try StoreServer(configuration)
            let signals = try SignalWait([.terminate, .interrupt], log)
            try signals.watch(certificates, log) { server.checkTokens(isForced: true) }
            Reloading.start(server, every: .seconds(access.reloadInterval), on: signals.thread)
            try StandardStream.output.write(readyLine(server, milliseconds: (MonotonicClock.now - begin) / 1_000_000))
            signals.wait()
            server.stop()
            signals.end()
        } catch {
            throw Failed(message: "\(error)")
        }
    }

    private func readyLine(_ server: StoreServer, milliseconds: Int64) -> String {
        let addresses = server.addresses.map(\.description).joined(separator: " and ")
        let articles = CountText.text(server.articleCount, "article")
        let shards = CountText.text(server.shardCount, "shard")
        let admin = server.adminAddresses.map(\.description).joined(separator: " and ")
        return "newsrpc-server \(NewsrpcServer.version) listening on \(addresses), "
            + (admin.isEmpty ? "" : "administered on \(admin), ") + "\(articles) in \(shards), "
            + "ready in \(milliseconds) ms\n"
    }
}

extension Durability: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

extension LogLevel: ExpressibleByArgument {}

extension LogFormat: ExpressibleByArgument {}

/// Waits for a signal, on a loop of its own so that serving loops know nothing of it.
private final class SignalWait {
    let thread: LoopThread
    private let flag = WaitFlag()

    init(_ signals: [Signal], _ log: EventLog) throws {
        thread = try LoopThread(name: "signals")
        let result = thread.call { [flag] loop -> Result<Void, any Error> in
            Result {
                var isStopping = false
                try loop.onSignals(signals) { signal in
                    if isStopping { Self.stopAtOnce(signal, log) }
                    isStopping = true
                    flag.raise()
                }
            }
        }
        try result?.get()
    }

    /// The second signal. The store finds its way from any moment, as after a crash.
    private static func stopAtOnce(_ signal: Signal, _ log: EventLog) -> Never {
        log.note(.warning, "stopped at once", ["signal": "\(signal)"])
        log.flush()
        Interrupts.exitNow(128 + signal.number)
    }

    /// Reads certificates again at SIGHUP and when their files change.
    ///
    /// - Parameter onHangUp: what else is done at SIGHUP.
    func watch(
        _ certificates: TLSCertificates?, _ log: EventLog, onHangUp: @escaping @Sendable () -> Void
    ) throws {
        let result = thread.call { loop -> Result<Void, any Error> in
            certificates?.watch(every: .seconds(15), on: loop, log: log)
            return Result {
                try loop.onSignals([.hangUp]) { _ in
                    certificates?.refresh(always: true, log: log)
                    onHangUp()
                }
            }
        }
        try result?.get()
    }

    func wait() { flag.wait() }

    func end() { thread.stop() }
}
