import GRPCCall
import NewsService
import Testing

@Suite("The routing table") struct RouteTests {
    @Test(
        "every method of the contract has its path, its streams and its idempotency",
        arguments: [
            (
                Route.newsServiceGetArticle, "/news.v1.NewsService/GetArticle", MethodKind.unary,
                Idempotency.noSideEffects
            ),
            (.newsServiceBatchGetArticles, "/news.v1.NewsService/BatchGetArticles", .unary, .noSideEffects),
            (.newsServiceListArticles, "/news.v1.NewsService/ListArticles", .unary, .noSideEffects),
            (.newsServiceCreateArticle, "/news.v1.NewsService/CreateArticle", .unary, .unknown),
            (.newsServiceUpdateArticle, "/news.v1.NewsService/UpdateArticle", .unary, .unknown),
            (.newsServiceDeleteArticle, "/news.v1.NewsService/DeleteArticle", .unary, .unknown),
            (.newsServiceUndeleteArticle, "/news.v1.NewsService/UndeleteArticle", .unary, .unknown),
            (.newsServiceImportArticles, "/news.v1.NewsService/ImportArticles", .bidirectional, .idempotent),
            (
                .engagementServiceGetArticleStats, "/news.v1.EngagementService/GetArticleStats", .unary,
                .noSideEffects
            ),
            (.engagementServiceRecordViews, "/news.v1.EngagementService/RecordViews", .unary, .unknown),
            (.engagementServiceAddReaction, "/news.v1.EngagementService/AddReaction", .unary, .unknown),
            (.engagementServiceRemoveReaction, "/news.v1.EngagementService/RemoveReaction", .unary, .idempotent),
            (.healthCheck, "/grpc.health.v1.Health/Check", .unary, .noSideEffects),
            (.healthList, "/grpc.health.v1.Health/List", .unary, .noSideEffects),
            (
                .serverReflectionServerReflectionInfo, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                .bidirectional, .noSideEffects
            ),
            (
                .alphaServerReflectionServerReflectionInfo,
                "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", .bidirectional, .noSideEffects
            ),
            (.healthWatch, "/grpc.health.v1.Health/Watch", .serverStreaming, .noSideEffects),
        ])
    func rows(route: Route, path: String, kind: MethodKind, idempotency: Idempotency) {
        #expect(route.descriptor.path.description == path)
        #expect(path == "/\(route.descriptor.service)/\(route.descriptor.name)")
        #expect(route.descriptor.kind == kind)
        #expect(route.descriptor.idempotency == idempotency)
    }

    @Test("a method's index is its place in the table, and its path leads there") func indexes() {
        let table = RoutingTable(Route.table)
        for (index, method) in Route.table.enumerated() {
            #expect(method.index == index)
            #expect(Route(rawValue: index)?.rawValue == index)
            #expect(table.index(of: Array(method.path.description.utf8).span) == index)
        }
        #expect(Route.table.count == Route.allCases.count)
    }
}
