internal import Access
internal import EventLoops
internal import GRPCCall
internal import NewsService

extension StoreServer.Configuration {
    /// How one of the two sides is served. What holds for callers of the one holds for those of the other.
    func server(_ side: ServedSide, _ access: AccessControl?, loopCount: Int) -> CallServer.Configuration {
        var server = CallServer.Configuration(
            addresses: side == .news ? addresses : adminAddresses, routing: side.routing)
        server.loopCount = loopCount
        server.settings = settings
        server.access = access
        server.log = log
        server.certificates = certificates
        return server
    }
}

extension StoreServer {
    /// A listener of its own, whose one loop no reader of articles waits for.
    static func adminServer(
        _ configuration: Configuration, _ access: AccessControl?, _ core: ServiceCore, beside server: CallServer
    ) throws -> CallServer? {
        core.admin.setTurns { [weak server] in server?.turnCounts ?? TurnCounts() }
        if configuration.adminAddresses.isEmpty { return nil }
        do {
            return try CallServer(configuration.server(.admin, access, loopCount: 1)) { _ in
                try NewsDispatcher(core, .admin)
            }
        } catch {
            server.stop()
            throw error
        }
    }
}

extension CallServer {
    /// How long the turns of all loops took.
    var turnCounts: TurnCounts {
        turnTimes.reduce(into: TurnCounts()) { $0.add($1.all, longestNanoseconds: $1.longestNanoseconds) }
    }
}
