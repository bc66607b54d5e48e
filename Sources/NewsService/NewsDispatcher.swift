package import GRPCWire
package import NewsStore

/// The services on one loop: news.v1.NewsService, health and reflection, by the methods of `Route.table`.
package final class NewsDispatcher: ServiceDispatch {
    package let health: HealthService
    package let newsService: ArticleService
    package let serverReflection: ReflectionService
    package let alphaServerReflection: ReflectionService

    package init(_ core: ServiceCore) throws(StoreError) {
        health = HealthService(core.health) { [store = core.store] in store.shardCount }
        newsService = try ArticleService(core)
        serverReflection = ReflectionService()
        alphaServerReflection = serverReflection
    }

    package func detailed(_ status: Status) -> Status { Failure(undetailed: status).status }

    package func turnEnded() {
        newsService.articles.reader.endTurn()
        health.turnEnded()
    }
}

@available(*, unavailable) extension NewsDispatcher: Sendable {}
