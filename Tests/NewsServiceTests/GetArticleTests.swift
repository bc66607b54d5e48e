import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import Testing

@Suite("GetArticle and BatchGetArticles") struct GetArticleTests {
    private func harnessWithArticle() throws -> (ServiceHarness, Article) {
        let harness = try ServiceHarness()
        return (harness, try harness.create("Title", at: "2026-02-27T07:55:00Z"))
    }

    @Test("gives the stored article with what the server adds to it")
    func full() throws {
        let (harness, created) = try harnessWithArticle()
        defer { harness.close() }
        var request = GetArticleRequest()
        request.name = created.name
        let article: Article = try harness.call(.newsServiceGetArticle, request)
        #expect(article == created)
        #expect(article.body == "Body of Title" && article.state == .active)
        #expect(article.createTime?.text == ServiceHarness.now && article.updateTime?.text == ServiceHarness.now)
        request.view = .basic
        let basic: Article = try harness.call(.newsServiceGetArticle, request)
        var expected = article
        expected.body = ""
        #expect(basic == expected)
        request.view = .capture
        let captured: Article = try harness.call(.newsServiceGetArticle, request)
        #expect(captured == article)
    }

    @Test(
        "refuses what is no name of an article",
        arguments: [
            ("", "FIELD_REQUIRED"), ("abcd", "NAME_INVALID"), ("channels/abcd", "NAME_INVALID"),
            ("articles/", "NAME_INVALID"), ("articles/ABCD", "NAME_INVALID"), ("articles/文章", "NAME_INVALID"),
        ])
    func badNames(name: String, reason: String) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var request = GetArticleRequest()
        request.name = name
        let refused = try harness.failure(.newsServiceGetArticle, request)
        #expect(refused.code == .invalidArgument && refused.reason == reason && refused.fields == ["name"])
    }

    @Test(
        "does not find what is not there, in known and unknown shards",
        arguments: ["20260227-vvvvvvvvvvvv", "19990101-vvvvvvvvvvvv", "00000000-vvvvvvvvvvvv", "some-own-id"])
    func absent(id: String) throws {
        let (harness, _) = try harnessWithArticle()
        defer { harness.close() }
        var request = GetArticleRequest()
        request.name = "articles/\(id)"
        let refused = try harness.failure(.newsServiceGetArticle, request)
        #expect(refused.code == .notFound && refused.reason == "ARTICLE_NOT_FOUND")
        #expect(refused.metadata == ["name": request.name])
    }

    @Test("refuses views that it does not know")
    func views() throws {
        let (harness, article) = try harnessWithArticle()
        defer { harness.close() }
        var request = GetArticleRequest()
        request.name = article.name
        request.view = ArticleView(rawValue: 3)
        #expect(try harness.failure(.newsServiceGetArticle, request).fields == ["view"])
    }

    @Test(
        "answers bytes that are no request with INTERNAL",
        arguments: [[0x0a], [0x0a, 0x05, 0x61], [0xff], [0x0a, 0x01, 0xff]] as [[UInt8]])
    func malformed(bytes: [UInt8]) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        guard case .failure(let status) = harness.call(.newsServiceGetArticle, bytes: bytes) else {
            Issue.record("the call succeeded")
            return
        }
        let refused = try RefusedCall(decoding: status)
        #expect(refused.code == .internalError && refused.reason == "REQUEST_MALFORMED")
    }

    @Test("of several gives them in the order of the request, as often as they are named")
    func batch() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let first = try harness.create("First", at: "2026-02-27T07:55:00Z")
        let second = try harness.create("Second", at: "2025-01-01T00:00:00Z")
        var request = BatchGetArticlesRequest()
        request.names = [second.name, first.name, second.name]
        let response: BatchGetArticlesResponse = try harness.call(.newsServiceBatchGetArticles, request)
        #expect(response.articles.map(\.title) == ["Second", "First", "Second"])
        #expect(response.articles.allSatisfy { $0.body.isEmpty })
        request.view = .full
        let full: BatchGetArticlesResponse = try harness.call(.newsServiceBatchGetArticles, request)
        #expect(full.articles == [second, first, second])
        request.names.insert("articles/20260227-vvvvvvvvvvvv", at: 1)
        #expect(try harness.failure(.newsServiceBatchGetArticles, request).reason == "ARTICLE_NOT_FOUND")
        request.allowMissing = true
        let missing: BatchGetArticlesResponse = try harness.call(.newsServiceBatchGetArticles, request)
        #expect(missing.articles == full.articles)
        #expect(missing.missingNames == ["articles/20260227-vvvvvvvvvvvv"])
    }

    @Test("of several takes 1 to 100 good names")
    func batchLimits() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var request = BatchGetArticlesRequest()
        #expect(try harness.failure(.newsServiceBatchGetArticles, request).reason == "FIELD_REQUIRED")
        request.names = Array(repeating: "articles/abcd", count: 101)
        #expect(try harness.failure(.newsServiceBatchGetArticles, request).fields == ["names"])
        request.names = ["articles/abcd", "abcd"]
        request.allowMissing = true
        #expect(try harness.failure(.newsServiceBatchGetArticles, request).fields == ["names[1]"])
    }
}
