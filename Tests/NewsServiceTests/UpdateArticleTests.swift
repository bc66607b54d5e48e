import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import TestKit
import Testing
import Threads

@Suite("UpdateArticle") struct UpdateArticleTests {
    private func request(
        _ name: String, _ paths: [String] = [], _ fill: (inout Article) throws -> Void = { _ in }
    ) rethrows -> UpdateArticleRequest {
        var request = UpdateArticleRequest()
        var article = Article()
        article.name = name
        try fill(&article)
        request.article = article
        if !paths.isEmpty {
            request.updateMask = FieldMask()
            request.updateMask?.paths = paths
        }
        return request
    }

    private func get(_ harness: ServiceHarness, _ name: String, _ view: ArticleView = .full) throws -> Article {
        var request = GetArticleRequest()
        request.name = name
        request.view = view
        return try harness.call(.newsServiceGetArticle, request)
    }

    private func titles(_ harness: ServiceHarness, channel: String = "", source: String = "") throws -> [String] {
        var request = ListArticlesRequest()
        request.channel = channel
        request.source = source
        let answer: ListArticlesResponse = try harness.call(.newsServiceListArticles, request)
        return answer.articles.map(\.title)
    }

    private func expectSound(_ harness: ServiceHarness) throws {
        harness.close()
        _ = try Store.check(harness.directory.entry("data")) { Issue.record("\($0)") }
    }

    @Test("changes what the mask names, and nothing else")
    func masked() throws {
        let harness = try ServiceHarness()
        let old = try harness.create("Old", at: "2026-02-27T07:55:00Z", source: "s", channel: "News")
        harness.clock.advance(by: .seconds(60))
        let new: Article = try harness.call(
            .newsServiceUpdateArticle,
            request(old.name, ["title", "source", "labels", "byline.authors", "state", "revision"]) {
                $0.title = "New"
                $0.body = "ignored"
                $0.labels = ["a"]
                $0.byline = Byline()
                $0.byline?.authors = ["Writer"]
                $0.byline?.reporters = ["ignored"]
            })
        var wanted = old
        wanted.title = "New"
        wanted.source = ""
        wanted.labels = ["a"]
        wanted.byline = Byline()
        wanted.byline?.authors = ["Writer"]
        wanted.revision = 2
        wanted.etag = "\"2\""
        wanted.updateTime = try .at("2026-11-22T00:01:00Z")
        #expect(new == wanted)
        #expect(try get(harness, old.name) == new)
        #expect(try titles(harness, channel: "News") == ["New"])
        #expect(try titles(harness, source: "s").isEmpty)
        try expectSound(harness)
    }

    @Test("without a mask changes what is set, and with \"*\" clears what is not")
    func unmasked() throws {
        let harness = try ServiceHarness()
        let old = try harness.create("Old", at: "2026-02-27T07:55:00Z", source: "s", channel: "News")
        let set: Article = try harness.call(.newsServiceUpdateArticle, request(old.name) { $0.subtitle = "deck" })
        #expect(set.title == "Old" && set.subtitle == "deck" && set.channel == old.channel && set.body == old.body)
        let all: Article = try harness.call(.newsServiceUpdateArticle, request(old.name, ["*"]) { $0.title = "All" })
        #expect(all.title == "All" && all.subtitle.isEmpty && all.channel.isEmpty && all.source.isEmpty)
        #expect(all.body.isEmpty && all.publishTime == nil && all.publishTimePrecision == .unknown)
        #expect(all.name == old.name && all.createTime == old.createTime)
        #expect(try get(harness, old.name) == all)
        try expectSound(harness)
    }

    @Test("makes the excerpt anew that was made from the body, and leaves one that was given")
    func excerpt() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let old = try harness.create("T", at: "2026-02-27T07:55:00Z", body: "First body")
        #expect(old.excerpt == "First body")
        var new: Article = try harness.call(.newsServiceUpdateArticle, request(old.name) { $0.body = "Second body" })
        #expect(new.excerpt == "Second body" && new.bodyLength == 11 && new.bodySha256 != old.bodySha256)
        new = try harness.call(.newsServiceUpdateArticle, request(old.name) { $0.excerpt = "Given" })
        new = try harness.call(.newsServiceUpdateArticle, request(old.name) { $0.body = "Third body" })
        #expect(new.excerpt == "Given")
    }

    @Test("moves the article in its lists when its time changes, also to another shard")
    func moves() throws {
        let harness = try ServiceHarness()
        let first = try harness.create("First", at: "2026-02-27T07:55:00Z")
        let second = try harness.create("Second", at: "2026-02-26T07:55:00Z")
        #expect(try titles(harness) == ["First", "Second"])
        for time in ["2026-02-25T00:00:00Z", "2025-12-24T00:00:00Z", "2026-02-20T00:00:00Z"] {
            let publishTime = try Timestamp.at(time)
            let moved: Article = try harness.call(
                .newsServiceUpdateArticle, request(first.name, ["publish_time"]) { $0.publishTime = publishTime })
            #expect(moved.name == first.name && moved.publishTime == publishTime && moved.body == first.body)
            #expect(moved.createTime == first.createTime && moved.stats == first.stats)
            #expect(try get(harness, first.name) == moved)
            #expect(try titles(harness) == ["Second", "First"])
        }
        let undated: Article = try harness.call(.newsServiceUpdateArticle, request(second.name, ["publish_time"]))
        #expect(undated.publishTime == nil && undated.publishTimePrecision == .unknown)
        #expect(try titles(harness) == ["First", "Second"])
        // And it can be changed, deleted and brought back where it is now.
        let again: Article = try harness.call(.newsServiceUpdateArticle, request(second.name) { $0.title = "Third" })
        #expect(try titles(harness) == ["First", "Third"] && again.revision > undated.revision)
        try expectSound(harness)
    }

    @Test("refuses an etag that is not the article's, and says which one is")
    func etag() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let old = try harness.create("Old", at: "2026-02-27T07:55:00Z")
        let right: Article = try harness.call(
            .newsServiceUpdateArticle,
            request(old.name, ["title"]) {
                $0.title = "New"
                $0.etag = old.etag
            })
        let refused = try harness.failure(
            .newsServiceUpdateArticle,
            request(old.name, ["title"]) {
                $0.title = "Newer"
                $0.etag = old.etag
            })
        #expect(refused.code == .aborted && refused.reason == "ETAG_MISMATCH")
        #expect(refused.metadata == ["name": old.name, "etag": right.etag])
        #expect(try get(harness, old.name).title == "New")
    }

    @Test("with the same etag from 64 at once lets exactly one of each round win")
    func concurrentEtags() throws {
        let harness = try ServiceHarness()
        var article = try harness.create("0", at: "2026-02-27T07:55:00Z")
        for round in 1...5 {
            let sinks = (0..<64).map { writer in
                harness.begin(
                    .newsServiceUpdateArticle,
                    request(article.name, ["title"]) {
                        $0.title = "\(round) by \(writer)"
                        $0.etag = article.etag
                    })
            }
            let ends = sinks.map { $0.waitForEnd() }
            let winners = try ends.filter { $0.status.isOK }.map { try Article($0.messages[0]) }
            #expect(winners.count == 1)
            #expect(ends.filter { $0.status.code == .aborted }.count == 63)
            article = try get(harness, article.name)
            #expect(article == winners.first && article.revision == Int64(round + 1))
        }
        try expectSound(harness)
    }

    @Test(
        "with one request_id, sent many times at once, is done once, and all are answered alike",
        arguments: [false, true])
    func repeatedAtOnce(isMove: Bool) throws {
        let harness = try ServiceHarness()
        let old = try harness.create("Old", at: "2026-02-27T07:55:00Z")
        var update = try request(old.name) {
            $0.title = "New"
            $0.etag = old.etag
            if isMove { $0.publishTime = try .at("2025-12-24T00:00:00Z") }
        }
        update.requestId = "r-1"
        let ends = (0..<16).map { _ in harness.begin(.newsServiceUpdateArticle, update) }.map { $0.waitForEnd() }
        let answers = try ends.map { try Article($0.messages.first ?? []) }
        #expect(ends.allSatisfy { $0.status.isOK })
        #expect(Set(answers.map(\.etag)).count == 1 && answers[0].title == "New")
        #expect(try get(harness, old.name) == answers[0])
        // The move notes in the old shard that the article left.
        #expect(harness.store.publishedRevision == (isMove ? 3 : 2))
        try expectSound(harness)
    }

    @Test("answers a repeated request as the first time, and refuses other content, for 24 hours")
    func repeated() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let old = try harness.create("Old", at: "2026-02-27T07:55:00Z")
        var update = try request(old.name, ["publish_time"]) { $0.publishTime = try .at("2025-12-24T00:00:00Z") }
        update.requestId = "r-1"
        update.article?.etag = old.etag
        let first: Article = try harness.call(.newsServiceUpdateArticle, update)
        // Its etag is that of before by now, and the article is in another shard.
        #expect(try harness.call(.newsServiceUpdateArticle, update) == first)
        var other = update
        other.article?.title = "Other"
        let refused = try harness.failure(.newsServiceUpdateArticle, other)
        #expect(refused.code == .aborted && refused.reason == "REQUEST_ID_CONFLICT")
        var delete = DeleteArticleRequest()
        delete.name = old.name
        delete.requestId = "r-1"
        #expect(try harness.failure(.newsServiceDeleteArticle, delete).reason == "REQUEST_ID_CONFLICT")
        harness.clock.advance(by: .seconds(24 * 3600 + 1))
        #expect(try harness.failure(.newsServiceUpdateArticle, update).reason == "ETAG_MISMATCH")
    }

    @Test("that only checks stores nothing, and answers with what would be")
    func validateOnly() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let old = try harness.create("Old", at: "2026-02-27T07:55:00Z")
        var update = try request(old.name) {
            $0.title = "New"
            $0.channel = "Not there"
            $0.publishTime = try .at("2025-12-24T00:00:00Z")
        }
        update.validateOnly = true
        update.requestId = "r-1"
        let answer: Article = try harness.call(.newsServiceUpdateArticle, update)
        #expect(answer.title == "New" && answer.etag == old.etag && answer.updateTime == old.updateTime)
        #expect(try get(harness, old.name) == old)
        #expect(harness.store.channels.count == 0 && harness.store.publishedRevision == 1)
        update.article?.etag = "\"9\""
        #expect(try harness.failure(.newsServiceUpdateArticle, update).reason == "ETAG_MISMATCH")
    }

    @Test("of an absent article is NOT_FOUND, or makes it")
    func missing() throws {
        let harness = try ServiceHarness()
        var update = try request("articles/my-own-id", ["title"]) {
            $0.title = "Title"
            $0.body = "Body"
            $0.publishTime = try .at("2026-02-27T07:55:00Z")
        }
        let refused = try harness.failure(.newsServiceUpdateArticle, update)
        #expect(refused.code == .notFound && refused.reason == "ARTICLE_NOT_FOUND")
        update.allowMissing = true
        update.validateOnly = true
        let checked: Article = try harness.call(.newsServiceUpdateArticle, update)
        #expect(checked.title == "Title" && checked.etag.isEmpty && harness.store.articleCount == 0)
        update.validateOnly = false
        let made: Article = try harness.call(.newsServiceUpdateArticle, update)
        #expect(made.name == "articles/my-own-id" && made.body == "Body" && made.revision == 1)
        #expect(try get(harness, made.name) == made)
        update.article?.body = "ignored by the mask"
        update.article?.title = "Again"
        let changed: Article = try harness.call(.newsServiceUpdateArticle, update)
        #expect(changed.title == "Again" && changed.body == "Body")
        var untitled = request("articles/another-id", ["source"]) { $0.source = "s" }
        untitled.allowMissing = true
        #expect(try harness.failure(.newsServiceUpdateArticle, untitled).fields == ["article.title"])
        var tagged = request("articles/another-id") {
            $0.title = "t"
            $0.etag = "\"1\""
        }
        tagged.allowMissing = true
        #expect(try harness.failure(.newsServiceUpdateArticle, tagged).reason == "ETAG_MISMATCH")
        try expectSound(harness)
    }

    @Test("names every field at fault")
    func faults() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let old = try harness.create("Old", at: "")
        var bad = request(old.name, ["title", "publish_time.seconds", "nothing"]) { $0.source = "two\nlines" }
        bad.requestId = "with space"
        let refused = try harness.failure(.newsServiceUpdateArticle, bad)
        #expect(refused.code == .invalidArgument)
        #expect(
            refused.fields == ["request_id", "update_mask.paths[1]", "update_mask.paths[2]", "article.title"])
        #expect(try harness.failure(.newsServiceUpdateArticle, request(old.name, ["x"])).reason == "MASK_INVALID")
        #expect(try harness.failure(.newsServiceUpdateArticle, UpdateArticleRequest()).fields == ["article"])
        #expect(try harness.failure(.newsServiceUpdateArticle, request("articles/NO")).reason == "NAME_INVALID")
        #expect(try harness.failure(.newsServiceUpdateArticle, request("")).fields == ["article.name"])
        // Only the article shows that a precision alone makes no time.
        let precision = request(old.name, ["publish_time_precision"]) { $0.publishTimePrecision = .day }
        #expect(try harness.failure(.newsServiceUpdateArticle, precision).fields == ["article.publish_time"])
    }

    @Test("that changes nothing makes no new version")
    func unchanged() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let old = try harness.create("Old", at: "2026-02-27T07:55:00Z", source: "s", channel: "News")
        let same: Article = try harness.call(
            .newsServiceUpdateArticle, request(old.name, ["title", "source"]) { $0 = old })
        #expect(same == old && harness.store.publishedRevision == 1)
        let counted: Article = try harness.call(
            .newsServiceUpdateArticle,
            request(old.name, ["stats"]) {
                $0.stats = ArticleStats()
                $0.stats?.viewCount = 9
            })
        #expect(counted.etag == old.etag && counted.stats?.viewCount == 9)
    }
}
