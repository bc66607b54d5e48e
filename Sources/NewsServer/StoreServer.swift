internal import Access
package import EventLoops
internal import Files
internal import GRPCCall
package import NewsModel
internal import NewsService
package import NewsStore
package import ServerLog
internal import Threads

/// newsrpc as a whole: a store, the services over it, and the loops that serve them.
package final class StoreServer: Sendable {
    package struct Configuration: Sendable {
        /// The store's folder; made when it is absent or empty.
        package var directory: String
        package var addresses: [SocketAddress]
        /// Where news.v1.AdminService listens. Empty: nowhere.
        package var adminAddresses: [SocketAddress] = []
        /// Folder below which AdminService makes backups. Nil: it makes none.
        package var backupRoot: String?
        /// Loops. Nil: one for each processor.
        package var loopCount: Int?
        /// IANA zone of a store that is made. Nil: the system's, else UTC.
        package var timeZone: String?
        /// Of a store that is made; one that is there has to have the same. See `StoreOptions`.
        package var periodLength: PeriodLength?
        package var slotCount: Int?
        /// Program and first arguments of `StoreOptions.walkCommand`.
        package var walkCommand: [String]?
        /// Whether faults that end the process are noted: see `StoreOptions.notesFaults`.
        package var notesFaults = false
        /// What an acknowledged write may lose when the power fails.
        package var durability = Durability.commit
        /// Shards that ended longer ago are dropped; `nil`: none are.
        package var retention: CalendarSpan?
        /// How long changes are kept for those who watch.
        package var changeMemory = StoreOptions().changeMemory
        package var settings = ServerSettings()
        package var access = AccessSettings()
        /// Bytes of captures that may be in memory, over all imports, before no more are taken; of articles eight times
        /// as many.
        package var importBytesMax = 2 << 20
        package var log = EventLog()
        /// What connections of the network get their TLS of; `nil`: they speak without.
        package var certificates: TLSCertificates?

        package init(directory: String, addresses: [SocketAddress]) {
            self.directory = directory
            self.addresses = addresses
        }
    }

    private let store: Store
    private let work: WorkQueue
    private let server: CallServer
    private let adminServer: CallServer?
    private let tokens: TokenFileWatch?
    private let core: ServiceCore
    private let settings: ServerSettings
    private let log: EventLog

    /// Opens the store and serves it.
    ///
    /// - Throws: `StoreError` or `LoopError`, whose text says what is wrong with the folder or the address.
    package init(_ configuration: Configuration) throws {
        let descriptorLimit = ProcessEnvironment.raiseDescriptorLimit()
        for address in configuration.addresses + configuration.adminAddresses {
            try EventLoop.requireUnused(address)
        }
        let tokens = try configuration.access.tokenFile.map { try TokenFileWatch($0) }
        let access = configuration.access.control(tokens)
        let loopCount = max(1, configuration.loopCount ?? Processors.availableCount)
        var options = StoreOptions()
        options.timeZone = configuration.timeZone
        options.periodLength = configuration.periodLength
        options.slotCount = configuration.slotCount
        options.durability = configuration.durability
        options.retention = configuration.retention
        options.changeMemory = configuration.changeMemory
        options.openShardsMax = Self.openShardsMax(descriptorLimit, most: options.openShardsMax)
        options.onFault = { [log = configuration.log] in Self.note($0, log) }
        options.onRetention = { [log = configuration.log] in Self.note($0, log) }
        // Readers have loops, threads that read ahead, the writer, the parsers' look-ups and a check.
        options.readersMax = loopCount + ReadAhead.threadCount + 16
        options.walkCommand = configuration.walkCommand
        options.walkProcessCount = Processors.availableCount
        options.notesFaults = configuration.notesFaults
        let store = try Store.open(configuration.directory, options)
        let work = WorkQueue(
            name: "parser", threadCount: max(1, Processors.availableCount / 2), urgency: .background,
            capacity: ImportMemory.requestCount(for: configuration.importBytesMax) + loopCount)
        do {
            let core = try ServiceCore(
                store: store, work: work,
                importMemory: ImportMemory(byteMax: configuration.importBytesMax) { store.isQuiet },
                admin: AdminCore.Configuration(backupRoot: configuration.backupRoot), loadZone: Self.zone,
                onDamage: { [log = configuration.log] in log.note(.error, "shard damaged", ["shard": "\($0)"]) })
            self.core = core
            server = try CallServer(configuration.server(.news, access, loopCount: loopCount)) { _ in
                try NewsDispatcher(core)
            }
            adminServer = try Self.adminServer(configuration, access, core, beside: server)
        } catch {
            work.shutDown()
            store.close()
            throw error
        }
        self.store = store
        self.work = work
        self.tokens = tokens
        settings = configuration.settings
        log = configuration.log
        logStart()
    }

    /// Half of the descriptors are for shards, which take three each; connections want the others.
    private static func openShardsMax(_ descriptorLimit: Int, most: Int) -> Int {
        min(most, max(2, descriptorLimit / 6))
    }

    private static func note(_ fault: StoreFault, _ log: EventLog) {
        log.note(
            fault.event == .recovered ? .warning : .error, fault.event.rawValue, about: fault.place,
            ["shard": fault.place, "reason": fault.reason])
    }

    private static func note(_ retention: Result<RetentionSummary, StoreError>, _ log: EventLog) {
        switch retention {
        case .success(let summary):
            for shard in summary.dropped {
                log.note(.info, "shard dropped", ["shard": "\(shard.period)", "articles": "\(shard.articleCount)"])
            }
            for shard in summary.skipped {
                log.note(.error, "shard not dropped", ["shard": "\(shard.period)", "reason": "\(shard.reason)"])
            }
        case .failure(let error): log.note(.error, "retention failed", ["reason": "\(error)"])
        }
    }

    private func logStart() {
        for (period, error) in unavailableShards.sorted(by: { $0.key < $1.key }) {
            log.note(.error, "shard not served", ["shard": "\(period)", "reason": "\(error)"])
        }
        log.note(
            .info, "started",
            [
                "listen": addresses.map(\.description).joined(separator: ","), "articles": "\(articleCount)",
                "shards": "\(shardCount)",
            ])
    }

    /// Where it listens, with real ports.
    package var addresses: [SocketAddress] { server.addresses }
    /// Where it is administered.
    package var adminAddresses: [SocketAddress] { adminServer?.addresses ?? [] }
    package var articleCount: Int { store.articleCount }
    package var shardCount: Int { store.shardCount }
    /// Shards that cannot be read, and why. The others are served.
    package var unavailableShards: [Period: StoreError] { store.unavailableShards }

    /// Reads the token file again if it has changed. What a new file says holds for connections that are there as well;
    /// one that cannot be read changes nothing.
    ///
    /// - Parameter isForced: reads it whether or not it looks changed.
    package func checkTokens(isForced: Bool = false) {
        guard let tokens else { return }
        switch tokens.check(isForced: isForced) {
        case .unchanged: break
        case .changed(let table):
            server.replaceCallers(table)
            adminServer?.replaceCallers(table)
            log.note(.info, "tokens read", ["file": tokens.file.path, "entries": "\(table.entries.count)"])
        case .failed(let error):
            log.note(.error, "tokens not read, the earlier ones hold", ["reason": "\(error)"])
        }
    }

    /// Says that it is stopping, takes no new calls after the delay, lets running ones finish within the grace, and
    /// closes the store. Returns when all is done.
    package func stop() {
        log.note(.info, "draining", ["delay": "\(settings.drainDelay)", "grace": "\(settings.drainGrace)"])
        core.health.setServing(false)
        if settings.drainDelay > .zero { _ = WaitFlag().wait(for: settings.drainDelay) }
        server.stop()
        // An operation that is under way ends, and says so to those who watch it.
        core.closeOperations()
        adminServer?.stop()
        work.shutDown()
        core.close()
        store.close()
        log.note(.info, "stopped")
    }

    static func zone(_ name: String) -> ZoneRules? {
        guard let bytes = try? ZoneInfo.read(name) else { return nil }
        return try? ZoneRules(name: name, tzif: bytes)
    }
}
