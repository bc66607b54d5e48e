import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import TestKit
import Testing

@Suite("expire_time") struct ExpiryTests {
    private func created(_ harness: ServiceHarness, _ title: String, expires time: String?) throws -> Article {
        var request = CreateArticleRequest()
        request.article = Article()
        request.article?.title = title
        request.article?.publishTime = try .at("2026-02-27T00:00:00Z")
        request.article?.expireTime = try time.map { try .at($0) }
        return try harness.call(.newsServiceCreateArticle, request)
    }

    private func get(_ name: String) -> GetArticleRequest {
        var request = GetArticleRequest()
        request.name = name
        return request
    }

    private func listed(_ harness: ServiceHarness, deleted: Bool = false, _ view: ArticleView = .basic) throws
        -> [Article]
    {
        var request = ListArticlesRequest()
        request.showDeleted = deleted
        request.view = view
        let page: ListArticlesResponse = try harness.call(.newsServiceListArticles, request)
        return page.articles
    }

    private func update(_ article: Article, expires time: String?) throws -> UpdateArticleRequest {
        var request = UpdateArticleRequest()
        request.article = Article()
        request.article?.name = article.name
        request.article?.expireTime = try time.map { try .at($0) }
        request.updateMask = FieldMask()
        request.updateMask?.paths = ["expire_time"]
        return request
    }

    @Test("hides an article from that instant on, wherever it is asked for, and nothing is written then")
    func expires() throws {
        let harness = try ServiceHarness()  // 2026-11-22T00:00:00Z
        defer { harness.close() }
        let (one, two) = (
            try created(harness, "One", expires: "2026-11-22T00:01:00Z"), try created(harness, "Two", expires: nil)
        )
        #expect(one.state == .active && one.expireTime?.text == "2026-11-22T00:01:00Z" && two.expireTime == nil)
        harness.clock.advance(by: .seconds(60) - .microseconds(1))
        #expect(try listed(harness).count == 2)
        let before: Article = try harness.call(.newsServiceGetArticle, get(one.name))
        #expect(before == one)
        let revision = harness.store.publishedRevision
        harness.clock.advance(by: .microseconds(1))
        let refused = try harness.failure(.newsServiceGetArticle, get(one.name))
        #expect(refused.code == .notFound && refused.reason == "ARTICLE_NOT_FOUND")
        var batch = BatchGetArticlesRequest()
        batch.names = [one.name, two.name]
        batch.allowMissing = true
        let found: BatchGetArticlesResponse = try harness.call(.newsServiceBatchGetArticles, batch)
        #expect(found.articles.map(\.name) == [two.name] && found.missingNames == [one.name])
        for view in [ArticleView.basic, .full] {
            #expect(try listed(harness, view).map(\.name) == [two.name])
            let all = try listed(harness, deleted: true, view)
            #expect(all.count == 2 && all.first { $0.name == one.name }?.state == .expired)
        }
        #expect(harness.store.publishedRevision == revision)
    }

    @Test("can be changed and taken away, also when it has come")
    func changes() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let article = try created(harness, "One", expires: "2026-11-22T00:01:00Z")
        harness.clock.advance(by: .seconds(3600))
        #expect(try listed(harness).isEmpty)
        let later: Article = try harness.call(
            .newsServiceUpdateArticle, update(article, expires: "2026-11-22T02:00:00Z"))
        #expect(later.state == .active && later.etag != article.etag)
        #expect(try listed(harness).count == 1)
        harness.clock.advance(by: .seconds(3600))
        #expect(try listed(harness).isEmpty)
        let never: Article = try harness.call(.newsServiceUpdateArticle, update(article, expires: nil))
        #expect(never.state == .active && never.expireTime == nil)
        let found: Article = try harness.call(.newsServiceGetArticle, get(article.name))
        #expect(found.title == "One" && found.expireTime == nil)
        let past: Article = try harness.call(
            .newsServiceUpdateArticle, update(article, expires: "2025-01-01T00:00:00Z"))
        #expect(past.state == .expired)
        harness.store.close()
        _ = try Store.check(harness.directory.entry("data")) { Issue.record("\($0)") }
    }

    @Test("of an article that moves to another shard goes with it, and so does that of a deleted one")
    func moves() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let article = try created(harness, "One", expires: "2026-11-22T00:01:00Z")
        var request = UpdateArticleRequest()
        request.article = Article()
        request.article?.name = article.name
        request.article?.publishTime = try .at("2025-12-24T00:00:00Z")
        let moved: Article = try harness.call(.newsServiceUpdateArticle, request)
        #expect(moved.expireTime == article.expireTime)
        var deletion = DeleteArticleRequest()
        deletion.name = article.name
        let deleted: Article = try harness.call(.newsServiceDeleteArticle, deletion)
        harness.clock.advance(by: .seconds(60))
        #expect(deleted.state == .deleted)
        #expect(try harness.failure(.newsServiceGetArticle, get(article.name)).reason == "ARTICLE_NOT_FOUND")
        var undeletion = UndeleteArticleRequest()
        undeletion.name = article.name
        let back: Article = try harness.call(.newsServiceUndeleteArticle, undeletion)
        #expect(back.state == .expired)
        #expect(try listed(harness).isEmpty)
    }

    @Test("must be a time")
    func bad() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var request = CreateArticleRequest()
        request.article = Article()
        request.article?.title = "One"
        request.article?.expireTime = Timestamp()
        request.article?.expireTime?.nanos = -1
        let refused = try harness.failure(.newsServiceCreateArticle, request)
        #expect(refused.code == .invalidArgument && refused.fields == ["article.expire_time"])
    }
}
