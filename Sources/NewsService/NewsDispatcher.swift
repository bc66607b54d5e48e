package import GRPCCall
package import GRPCWire
package import NewsStore

/// What a listener serves beside health and reflection.
package enum ServedSide: Sendable {
    /// news.v1.NewsService and news.v1.EngagementService.
    case news
    /// news.v1.AdminService.
    case admin

    private var absentServices: Set<String> {
        self == .news ? ["news.v1.AdminService"] : ["news.v1.NewsService", "news.v1.EngagementService"]
    }

    package var routing: RoutingTable {
        RoutingTable(Route.table) { [absentServices] in !absentServices.contains($0.service.description) }
    }

    var services: Set<String> { Set(Route.table.map(\.service.description)).subtracting(absentServices) }
}

/// The services on one loop, by the methods of `Route.table`. Which of them are reached is said by the listener's
/// routing table.
package final class NewsDispatcher: ServiceDispatch {
    package let health: HealthService
    package let newsService: ArticleService
    package let engagementService: EngagementService
    package let adminService: AdminService
    package let serverReflection: ReflectionService
    package let alphaServerReflection: ReflectionService

    package init(_ core: ServiceCore, _ side: ServedSide = .news) throws(StoreError) {
        health = HealthService(core.health) { [store = core.store] in store.shardCount }
        newsService = try ArticleService(core)
        engagementService = EngagementService(core, beside: newsService)
        adminService = AdminService(core)
        serverReflection = ReflectionService(services: side.services)
        alphaServerReflection = serverReflection
    }

    package func detailed(_ status: Status) -> Status { Failure(undetailed: status).status }

    package func turnEnded() {
        newsService.articles.reader.endTurn()
        health.turnEnded()
    }

    package func waitedForDisk(nanoseconds: Int64) { newsService.coldReads.waited(nanoseconds: nanoseconds) }
}

@available(*, unavailable) extension NewsDispatcher: Sendable {}
