import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import TestKit
import Testing

@Suite("DeleteArticle and UndeleteArticle") struct DeleteArticleTests {
    private func deletion(_ name: String, _ fill: (inout DeleteArticleRequest) -> Void = { _ in })
        -> DeleteArticleRequest
    {
        var request = DeleteArticleRequest()
        request.name = name
        fill(&request)
        return request
    }

    private func undeletion(_ name: String, etag: String = "") -> UndeleteArticleRequest {
        var request = UndeleteArticleRequest()
        request.name = name
        request.etag = etag
        return request
    }

    private func get(_ harness: ServiceHarness, _ name: String) throws -> Article {
        var request = GetArticleRequest()
        request.name = name
        return try harness.call(.newsServiceGetArticle, request)
    }

    private func list(
        _ harness: ServiceHarness, deleted: Bool = false, _ fill: (inout ListArticlesRequest) -> Void = { _ in }
    ) throws -> ListArticlesResponse {
        var request = ListArticlesRequest()
        request.showDeleted = deleted
        fill(&request)
        return try harness.call(.newsServiceListArticles, request)
    }

    private func delay(_ seconds: Int64) -> ProtoDuration {
        var delay = ProtoDuration()
        delay.seconds = seconds
        return delay
    }

    @Test("takes an article out of the lists, says until when it can come back, and brings it back")
    func deletion() throws {
        let harness = try ServiceHarness()
        let names = ["A", "B", "C"]
        let created = try names.map {
            try harness.create($0, at: "2026-02-27T07:55:00Z", source: "s", channel: "News")
        }
        harness.clock.advance(by: .seconds(60))
        let deleted: Article = try harness.call(.newsServiceDeleteArticle, deletion(created[1].name))
        #expect(deleted.state == .deleted && deleted.title == "B" && deleted.etag != created[1].etag)
        #expect(deleted.deleteTime?.text == "2026-11-22T00:01:00Z" && deleted.updateTime == deleted.deleteTime)
        #expect(deleted.purgeTime?.text == "2026-12-22T00:01:00Z")
        #expect(try get(harness, deleted.name) == deleted)
        for isNewest in [true, false] {
            for (channel, source) in [("", ""), ("News", ""), ("", "s")] {
                let fill = { (request: inout ListArticlesRequest) in
                    request.orderBy = isNewest ? "" : "publish_time"
                    request.channel = channel
                    request.source = source
                }
                #expect(Set(try list(harness, fill).articles.map(\.title)) == ["A", "C"])
                let all = try list(harness, deleted: true, fill).articles
                #expect(Set(all.map(\.title)) == ["A", "B", "C"])
                #expect(all.first { $0.title == "B" }?.state == .deleted)
            }
        }
        let back: Article = try harness.call(.newsServiceUndeleteArticle, undeletion(deleted.name, etag: deleted.etag))
        #expect(back.state == .active && back.deleteTime == nil && back.purgeTime == nil)
        #expect(try get(harness, back.name) == back)
        #expect(try list(harness).articles.count == 3)
        harness.close()
        _ = try Store.check(harness.directory.entry("data")) { Issue.record("\($0)") }
    }

    @Test("pages over deleted articles as over any, with a token for one kind of list only")
    func pages() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        for number in 0..<20 {
            let article = try harness.create("\(number)", at: "2026-02-27T07:55:00Z")
            if number.isMultiple(of: 2) {
                let _: Article = try harness.call(.newsServiceDeleteArticle, deletion(article.name))
            }
        }
        var (token, count) = ("", 0)
        repeat {
            let page = try list(harness) {
                $0.pageSize = 3
                $0.pageToken = token
            }
            count += page.articles.count
            token = page.nextPageToken
        } while !token.isEmpty
        #expect(count == 10)
        token = try list(harness) { $0.pageSize = 3 }.nextPageToken
        var other = ListArticlesRequest()
        other.pageToken = token
        other.showDeleted = true
        #expect(try harness.failure(.newsServiceListArticles, other).reason == "PAGE_TOKEN_MISMATCH")
    }

    @Test("for good removes it at once, or when its time has come")
    func purge() throws {
        let harness = try ServiceHarness()
        let now = try harness.create("Now", at: "2026-02-27T07:55:00Z")
        let soon = try harness.create("Soon", at: "2026-02-27T07:55:00Z")
        let deleted: Article = try harness.call(
            .newsServiceDeleteArticle,
            deletion(now.name) {
                $0.purgeDelay = delay(0)
                $0.requestId = "r-1"
            })
        #expect(deleted.state == .deleted && deleted.purgeTime == deleted.deleteTime && deleted.title == "Now")
        var request = GetArticleRequest()
        request.name = now.name
        #expect(try harness.failure(.newsServiceGetArticle, request).code == .notFound)
        #expect(try harness.failure(.newsServiceUndeleteArticle, undeletion(now.name)).code == .notFound)
        // Repeated, it is done: what the article was is not known any more.
        let again: Article = try harness.call(
            .newsServiceDeleteArticle,
            deletion(now.name) {
                $0.purgeDelay = delay(0)
                $0.requestId = "r-1"
            })
        #expect(again.name == now.name)
        let _: Article = try harness.call(
            .newsServiceDeleteArticle, deletion(soon.name) { $0.purgeDelay = delay(3600) })
        harness.clock.advance(by: .seconds(3600))
        // The writer looks at what is due after each round.
        for number in 0..<2 { _ = try harness.create("\(number)", at: "2026-02-27T07:55:00Z") }
        request.name = soon.name
        #expect(try harness.failure(.newsServiceGetArticle, request).code == .notFound)
        harness.close()
        _ = try Store.check(harness.directory.entry("data")) { Issue.record("\($0)") }
    }

    @Test("of one that is absent or deleted already is NOT_FOUND, unless that is allowed")
    func missing() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let absent = "articles/20260227-absent"
        #expect(try harness.failure(.newsServiceDeleteArticle, deletion(absent)).reason == "ARTICLE_NOT_FOUND")
        let nothing: Article = try harness.call(.newsServiceDeleteArticle, deletion(absent) { $0.allowMissing = true })
        #expect(nothing.name == absent && nothing.title.isEmpty)
        let article = try harness.create("A", at: "2026-02-27T07:55:00Z")
        let first: Article = try harness.call(.newsServiceDeleteArticle, deletion(article.name))
        #expect(try harness.failure(.newsServiceDeleteArticle, deletion(article.name)).reason == "ARTICLE_NOT_FOUND")
        let same: Article = try harness.call(
            .newsServiceDeleteArticle, deletion(article.name) { $0.allowMissing = true })
        #expect(same == first)
        let later: Article = try harness.call(
            .newsServiceDeleteArticle,
            deletion(article.name) {
                $0.allowMissing = true
                $0.purgeDelay = delay(60)
            })
        #expect(later.deleteTime == first.deleteTime && later.purgeTime?.text == "2026-11-22T00:01:00Z")
    }

    @Test("refuses other etags, wrong delays, and what is not deleted")
    func refusals() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let article = try harness.create("A", at: "2026-02-27T07:55:00Z")
        let stale = try harness.failure(.newsServiceDeleteArticle, deletion(article.name) { $0.etag = "\"9\"" })
        #expect(stale.code == .aborted && stale.reason == "ETAG_MISMATCH")
        for seconds in [-1, 365 * 86_400 + 1] as [Int64] {
            let refused = try harness.failure(
                .newsServiceDeleteArticle, deletion(article.name) { $0.purgeDelay = delay(seconds) })
            #expect(refused.code == .invalidArgument && refused.fields == ["purge_delay"])
        }
        #expect(try harness.failure(.newsServiceDeleteArticle, deletion("no")).reason == "NAME_INVALID")
        #expect(try harness.failure(.newsServiceUndeleteArticle, undeletion("")).reason == "FIELD_REQUIRED")
        let live = try harness.failure(.newsServiceUndeleteArticle, undeletion(article.name))
        #expect(live.code == .alreadyExists && live.reason == "ARTICLE_NOT_DELETED")
        let checked: Article = try harness.call(
            .newsServiceDeleteArticle, deletion(article.name) { $0.validateOnly = true })
        #expect(checked.state == .deleted && checked.etag == article.etag)
        #expect(try get(harness, article.name) == article)
    }

    @Test("keeps a deleted article from being changed, made again or brought back by an import")
    func deleted() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let article = try harness.create("A", at: "2026-02-27T07:55:00Z")
        let gone: Article = try harness.call(.newsServiceDeleteArticle, deletion(article.name))
        var update = UpdateArticleRequest()
        update.article = Article()
        update.article?.name = article.name
        update.article?.title = "B"
        let refused = try harness.failure(.newsServiceUpdateArticle, update)
        #expect(refused.code == .failedPrecondition && refused.reason == "ARTICLE_DELETED")
        var create = CreateArticleRequest()
        create.articleId = String(article.name.dropFirst("articles/".count))
        create.article = Article()
        create.article?.title = "B"
        create.article?.publishTime = article.publishTime
        #expect(try harness.failure(.newsServiceCreateArticle, create).reason == "ARTICLE_EXISTS")
        var unnamed = article
        unnamed.name = ""
        unnamed.body = "changed"
        let results = try harness.importAll([.article(unnamed), .article(article)]).flatMap(\.results)
        #expect(results.map(\.outcome) == [.unchanged, .rejected])
        #expect(results[1].error?.reason == "ARTICLE_DELETED")
        #expect(try get(harness, article.name) == gone)
    }
}
