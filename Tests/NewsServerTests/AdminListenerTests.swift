import EventLoops
import NewsClient
import NewsMessages
import NewsServer
import TestKit
import Testing

@Suite("The listener for administration") struct AdminListenerTests {
    private func server(_ folder: TemporaryDirectory) throws -> StoreServer {
        let any = try SocketAddress(parsing: "127.0.0.1:0")
        var configuration = StoreServer.Configuration(directory: folder.entry("store"), addresses: [any])
        configuration.adminAddresses = [any]
        configuration.loopCount = 2
        return try StoreServer(configuration)
    }

    @Test("serves AdminService and no articles, and the other listener serves articles and no AdminService")
    func sides() async throws {
        let folder = try TemporaryDirectory("admin")
        let server = try server(folder)
        let news = try RPCClient(patient(target: "\(server.addresses[0])"))
        let admin = try RPCClient(patient(target: "\(server.adminAddresses[0])"))
        _ = try await news.listArticles(ListArticlesRequest())
        let stats = try await admin.getStoreStats(GetStoreStatsRequest())
        #expect(stats.articleCount == 0)
        // A turn was noted when it was over, and the list was answered in one that was not over yet: ask again.
        _ = try await news.listArticles(ListArticlesRequest())
        let turns = try #require(try await admin.getStoreStats(GetStoreStatsRequest()).loopTurns)
        #expect(turns.counts.reduce(0, +) > 0 && turns.longest != nil)

        #expect(await failure { try await news.getStoreStats(GetStoreStatsRequest()) }?.code == .unimplemented)
        #expect(await failure { try await admin.listArticles(ListArticlesRequest()) }?.code == .unimplemented)
        #expect(try await admin.healthCheck(HealthCheckRequest()).status == .serving)
        await news.close()
        await admin.close()
        await blocking { server.stop() }
    }
}
