import EventLoops
import NewsClient
import NewsMessages
import NewsServer
import NewsStore
import TestKit
import Testing

@Suite("A store behind a server") struct StoreServerTests {
    private func configuration(
        _ directory: String, listen: String = "127.0.0.1:0"
    ) throws -> StoreServer.Configuration {
        var configuration = StoreServer.Configuration(
            directory: directory, addresses: [try SocketAddress(parsing: listen)])
        configuration.timeZone = "Asia/Shanghai"
        configuration.loopCount = 2
        return configuration
    }

    private func create(_ client: RPCClient, title: String, day: Int, requestID: String = "") async throws -> Article {
        var request = CreateArticleRequest()
        var article = Article()
        article.title = title
        article.body = "text of \(title)"
        article.publishTime = Timestamp()
        article.publishTime?.seconds = 1_772_323_200 + Int64(day) * 86_400  // 2026-03-01T00:00Z
        request.article = article
        request.requestId = requestID
        return try await client.createArticle(request)
    }

    @Test("what was created is listed newest first, page by page, and is there after a restart")
    func createListRestart() async throws {
        let folder = try TemporaryDirectory("server")
        var server = try StoreServer(try configuration(folder.entry("store")))
        var client = try RPCClient(patient(target: "\(server.addresses[0])"))
        for day in 0..<7 { _ = try await create(client, title: "day \(day)", day: day) }
        await client.close()
        await blocking { [server] in server.stop() }

        server = try StoreServer(try configuration(folder.entry("store")))
        #expect(server.articleCount == 7)
        client = try RPCClient(patient(target: "\(server.addresses[0])"))
        var titles: [String] = []
        var request = ListArticlesRequest()
        request.since = "2026-03"
        request.pageSize = 3
        var pages = 0
        repeat {
            let page = try await client.listArticles(request)
            titles += page.articles.map(\.title)
            request.pageToken = page.nextPageToken
            pages += 1
        } while !request.pageToken.isEmpty && pages < 10
        #expect(titles == (0..<7).reversed().map { "day \($0)" })
        await client.close()
        await blocking { [server] in server.stop() }
    }

    @Test("a repeated request_id gives the first answer again, and other content is ABORTED")
    func requestID() async throws {
        let folder = try TemporaryDirectory("server")
        let server = try StoreServer(try configuration(folder.entry("store")))
        let client = try RPCClient(patient(target: "\(server.addresses[0])"))
        let first = try await create(client, title: "one", day: 0, requestID: "a-b-c")
        let second = try await create(client, title: "one", day: 0, requestID: "a-b-c")
        #expect(first == second)
        let error = await failure { try await create(client, title: "two", day: 0, requestID: "a-b-c") }
        #expect(error?.code == .aborted)
        #expect(error?.reason == "REQUEST_ID_CONFLICT")
        #expect(server.articleCount == 1)
        await client.close()
        await blocking { [server] in server.stop() }
    }

    @Test("what the server refuses by itself has details too")
    func details() async throws {
        let folder = try TemporaryDirectory("server")
        let server = try StoreServer(try configuration(folder.entry("store")))
        var settings = patient(target: "\(server.addresses[0])")
        settings.requestMessageMax = 8 << 20
        let client = try RPCClient(settings)
        let absent = RPCMethod(service: "news.v1.NewsService", name: "Absent", kind: .unary)
        for (method, bytes, reason) in [
            (absent, [], "METHOD_UNIMPLEMENTED"),
            (NewsServiceMethods.getArticle, [UInt8](repeating: 0, count: (4 << 20) + 1), "LIMIT_EXCEEDED"),
            (NewsServiceMethods.getArticle, [0xFF], "REQUEST_MALFORMED"),
        ] as [(RPCMethod, [UInt8], String)] {
            let error = await failure { try await client.unary(method, message: bytes, options: CallOptions()) }
            #expect(error?.reason == reason)
            let status = try RPCStatus(decoding: error?.details ?? [])
            #expect(Int(status.code) == error?.code.rawValue && status.message == error?.message)
        }
        await client.close()
        await blocking { [server] in server.stop() }
    }

    @Test("a unix socket serves as well")
    func unixSocket() async throws {
        let folder = try TemporaryDirectory("server")
        let listen = "unix:" + folder.entry("s.sock")
        let server = try StoreServer(try configuration(folder.entry("store"), listen: listen))
        let client = try RPCClient(patient(target: listen))
        let made = try await create(client, title: "by socket", day: 1)
        var request = GetArticleRequest()
        request.name = made.name
        #expect(try await client.getArticle(request).body == "text of by socket")
        await client.close()
        await blocking { [server] in server.stop() }
    }

    @Test("a second server on the same store is refused, and the first goes on")
    func secondServer() async throws {
        let folder = try TemporaryDirectory("server")
        let server = try StoreServer(try configuration(folder.entry("store")))
        #expect(throws: StoreError.held(path: folder.entry("store"))) {
            try StoreServer(try configuration(folder.entry("store")))
        }
        let client = try RPCClient(patient(target: "\(server.addresses[0])"))
        #expect(try await client.healthCheck(HealthCheckRequest()).status == .serving)
        await client.close()
        await blocking { [server] in server.stop() }
    }

    @Test("an address that cannot be listened on leaves the store free")
    func badAddress() async throws {
        let folder = try TemporaryDirectory("server")
        let first = try StoreServer(try configuration(folder.entry("one")))
        #expect(throws: LoopError.self) {
            try StoreServer(try configuration(folder.entry("two"), listen: "\(first.addresses[0])"))
        }
        let second = try StoreServer(try configuration(folder.entry("two")))
        await blocking { second.stop() }
        await blocking { first.stop() }
    }
}
