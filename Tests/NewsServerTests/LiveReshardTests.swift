import EventLoops
import NewsClient
import NewsMessages
import NewsServer
import NewsStore
import Synchronization
import TestKit
import Testing

@Suite("A store that gets another layout under its server") struct LiveReshardTests {
    /// - Parameter day: counted from 2025-11-10.
    private static func article(_ title: String, day: Int) -> Article {
        var article = Article()
        article.title = title
        article.body = "text of \(title)"
        article.publishTime = Timestamp()
        article.publishTime?.seconds = 1_762_732_800 + Int64(day) * 86_400
        return article
    }

    private static func create(_ client: RPCClient, _ number: Int) async throws -> String {
        var request = CreateArticleRequest()
        request.article = article("created \(number)", day: 60 + number * 7 % 200)
        request.requestId = "request-\(number)"
        if number.isMultiple(of: 5) { request.articleId = "own-\(number)" }
        return try await client.createArticle(request).name
    }

    /// Creates articles, and moves some, until it is over.
    ///
    /// - Returns: their names.
    private static func creates(_ client: RPCClient, _ over: Over) async throws -> [String] {
        var names: [String] = []
        while names.count < 400, !over.isSet || names.count < 50 {
            names.append(try await create(client, names.count))
            guard names.count.isMultiple(of: 3) else { continue }
            var request = UpdateArticleRequest()
            request.article = article("created \(names.count - 1)", day: 60 + names.count * 11 % 200)
            request.article?.name = names[names.count - 1]
            request.updateMask = FieldMask()
            request.updateMask?.paths = ["publish_time"]
            _ = try await client.updateArticle(request)
        }
        return names
    }

    /// Imports articles, two of each title and day, until it is over.
    ///
    /// - Returns: what came of each.
    private static func imports(_ client: RPCClient, upTo count: Int, _ over: Over) async throws -> [ImportResult] {
        let call = client.importArticles()
        async let sent: Void = {
            for number in 0..<count where !over.isSet || number < 100 {
                var request = ImportArticlesRequest()
                request.sequence = Int64(number)
                var article = article("imported \(number / 2)", day: 60 + number / 2 * 13 % 200)
                article.source = "source \(number % 2)"
                request.item = .article(article)
                try await call.send(request)
            }
            call.finish()
        }()
        var results: [ImportResult] = []
        while let response = try await call.next() { results += response.results }
        try await sent
        return results
    }

    /// Looks at articles and likes them until it is over.
    ///
    /// - Returns: how many of each were counted.
    private static func reads(
        _ client: RPCClient, _ names: [String], _ over: Over
    ) async throws -> [String: (views: Int64, likes: Int64)] {
        var counts: [String: (views: Int64, likes: Int64)] = [:]
        for round in 0..<2000 where !over.isSet || round < 50 {
            var views = RecordViewsRequest()
            views.views = (0..<3).map { number in
                var delta = ViewDelta()
                (delta.name, delta.viewCount) = (names[(round * 3 + number) % names.count], Int64(1 + number))
                return delta
            }
            let reply = try await client.recordViews(views)
            #expect(reply.recordedCount == 6 && reply.missingNames.isEmpty)
            for delta in views.views { counts[delta.name, default: (0, 0)].views += delta.viewCount }
            guard round.isMultiple(of: 4) else { continue }
            var like = AddReactionRequest()
            (like.name, like.kind, like.actor) = (names[round % names.count], .like, "reader-\(round)")
            _ = try await client.addReaction(like)
            counts[like.name, default: (0, 0)].likes += 1
        }
        return counts
    }

    /// Set when nothing more is to be written.
    private final class Over: Sendable {
        private let flag = Atomic<Bool>(false)
        var isSet: Bool { flag.load(ordering: .acquiring) }
        func set() { flag.store(true, ordering: .releasing) }
    }

    private func reshard(_ admin: RPCClient, _ period: ShardPeriod, _ slots: Int32) async throws {
        var request = StartReshardingRequest()
        (request.period, request.slots) = (period, slots)
        var watch = WatchOperationRequest()
        watch.name = try await admin.startResharding(request).name
        var last: NewsMessages.Operation?
        let states: ResponseStream<NewsMessages.Operation> = admin.watchOperation(watch)
        while let state = try await states.next() { last = state }
        #expect(last?.state == .succeeded, "\(String(describing: last?.error))")
        let stats = try await admin.getStoreStats(GetStoreStatsRequest())
        #expect(stats.slots == slots && (period == .unspecified || stats.period == period))
    }

    /// Views are answered before they are shown.
    private func expect(_ counted: [String: (views: Int64, likes: Int64)], _ client: RPCClient) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        for (name, wanted) in counted {
            var (request, stats) = (GetArticleStatsRequest(), ArticleStats())
            request.name = name
            repeat {
                stats = try await client.getArticleStats(request)
            } while stats.viewCount != wanted.views && ContinuousClock.now < deadline
            #expect(stats.viewCount == wanted.views && stats.likeCount == wanted.likes, "\(name)")
        }
    }

    /// The rest of a list, page by page.
    private func rest(_ client: RPCClient, _ request: ListArticlesRequest) async throws -> [String] {
        var (names, request) = ([String](), request)
        while !request.pageToken.isEmpty, names.count < 100 {
            let page = try await client.listArticles(request)
            names += page.articles.map(\.name)
            request.pageToken = page.nextPageToken
        }
        return names
    }

    private func names(_ client: RPCClient) async throws -> [String] {
        var (names, request): ([String], ListArticlesRequest) = ([], ListArticlesRequest())
        request.pageSize = 100
        for _ in 0..<1000 {
            let page = try await client.listArticles(request)
            #expect(page.unreachable.isEmpty)
            names += page.articles.map(\.name)
            request.pageToken = page.nextPageToken
            if request.pageToken.isEmpty { return names }
        }
        return names
    }

    @Test(
        "loses and doubles nothing that is created, moved, imported and counted meanwhile; tokens and request ids hold",
        .timeLimit(.minutes(5)))
    func live() async throws {
        let folder = try TemporaryDirectory("live-reshard")
        let any = try SocketAddress(parsing: "127.0.0.1:0")
        var configuration = StoreServer.Configuration(directory: folder.entry("store"), addresses: [any])
        (configuration.adminAddresses, configuration.loopCount) = ([any], 2)
        (configuration.timeZone, configuration.slotCount) = ("UTC", 2)
        let server = try StoreServer(configuration)
        let news = try RPCClient(patient(target: "\(server.addresses[0])"))
        let admin = try RPCClient(patient(target: "\(server.adminAddresses[0])"))
        // Of an earlier year, where nothing is written later: a list of them goes on page by page.
        var wanted: [String] = []
        for day in 0..<20 {
            var request = CreateArticleRequest()
            request.article = Self.article("early \(day)", day: day * 2)
            wanted.append(try await news.createArticle(request).name)
        }
        wanted.reverse()
        var pages = ListArticlesRequest()
        (pages.until, pages.pageSize) = ("2025", 3)
        var listed: [String] = []

        let (early, over) = (wanted, Over())
        async let creating = Self.creates(news, over)
        async let importing = Self.imports(news, upTo: 2000, over)
        async let reading = Self.reads(news, early, over)
        let ways: [(ShardPeriod, Int32)] = [
            (.unspecified, 4), (.quarter, 3), (.unspecified, 1), (.year, 5), (.month, 1),
        ]
        for (period, slots) in ways {
            let page = try await news.listArticles(pages)
            listed += page.articles.map(\.name)
            pages.pageToken = page.nextPageToken
            try await reshard(admin, period, slots)
        }
        over.set()
        let (created, imported, counted) = try await (creating, importing, reading)
        listed += try await rest(news, pages)
        #expect(listed == wanted)
        #expect(
            imported.allSatisfy { $0.outcome == .created }, "\(imported.first { $0.outcome != .created }?.error as Any)"
        )
        try await expect(counted, news)
        let all = try await names(news)
        #expect(Set(all).count == all.count)
        #expect(Set(all) == Set(wanted + created + imported.map(\.name)))
        #expect(all.count == wanted.count + created.count + imported.count)
        // Done again, all is as it was.
        for number in created.indices { #expect(try await Self.create(news, number) == created[number]) }
        let again = try await Self.imports(news, upTo: imported.count, Over())
        #expect(again.map(\.name) == imported.map(\.name) && again.allSatisfy { $0.outcome == .unchanged })
        await news.close()
        await admin.close()
        await blocking { server.stop() }
        let check = try await blocking { Result { try Store.check(folder.entry("store")) { _ in } } }.get()
        #expect(check.isSound && check.articleCount == all.count)
    }
}
