import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import Testing
import Threads

@Suite("CreateArticle") struct CreateArticleTests {
    private func request(_ title: String = "Title", _ fill: (inout Article) -> Void = { _ in }) throws
        -> CreateArticleRequest
    {
        var article = Article()
        article.title = title
        article.publishTime = try .at("2026-02-27T07:55:00Z")
        fill(&article)
        var request = CreateArticleRequest()
        request.article = article
        return request
    }

    @Test("stores the article under an id that begins with its day, and returns it as it is read")
    func create() throws {
        let harness = try ServiceHarness(makeDiscriminator: { 1 })
        defer { harness.close() }
        let created: Article = try harness.call(
            .newsServiceCreateArticle,
            request {
                $0.body = "一段。\n\n二段。"
                $0.channel = "资讯"
                $0.name = "articles/ignored"
                $0.revision = 99
                $0.etag = "ignored"
                $0.state = .scheduled
                $0.stats = ArticleStats()
                $0.stats?.viewCount = 7
            })
        #expect(created.name == "articles/20260227-000000000001")
        #expect(created.revision == 1 && created.etag == "\"1\"" && created.state == .active)
        #expect(created.excerpt == "一段。 二段。" && created.bodyLength == 8)
        #expect(created.publishTimePrecision == .second && created.timeZone == "Asia/Shanghai")
        #expect(created.channelDisplayName == "资讯" && created.stats?.viewCount == 7)
        #expect(created.stats?.known == [.views])
        var get = GetArticleRequest()
        get.name = created.name
        let read: Article = try harness.call(.newsServiceGetArticle, get)
        #expect(read == created)
    }

    @Test(
        "stores a printed day, month or year as the start of it in the publisher's zone",
        arguments: [
            (TimePrecision.day, "2026-02-26T16:00:00Z", "20260227"), (.month, "2026-01-31T16:00:00Z", "20260201"),
            (.year, "2025-12-31T16:00:00Z", "20260101"), (.minute, "2026-02-27T07:55:00Z", "20260227"),
        ])
    func precision(precision: TimePrecision, time: String, day: String) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let created: Article = try harness.call(
            .newsServiceCreateArticle, request { $0.publishTimePrecision = precision })
        #expect(created.publishTime?.text == time)
        #expect(created.name.hasPrefix("articles/\(day)-"))
    }

    @Test("without a time makes an undated article")
    func undated() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let created: Article = try harness.call(.newsServiceCreateArticle, request { $0.publishTime = nil })
        #expect(created.name.hasPrefix("articles/00000000-"))
        #expect(created.publishTime == nil && created.publishTimePrecision == .unknown)
        #expect(created.timeZone.isEmpty)
    }

    @Test("of the future is scheduled until then")
    func scheduled() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let time = try Timestamp.at("2026-11-22T00:00:01Z")
        let created: Article = try harness.call(.newsServiceCreateArticle, request { $0.publishTime = time })
        #expect(created.state == .scheduled)
        harness.clock.advance(by: .seconds(1))
        var get = GetArticleRequest()
        get.name = created.name
        let read: Article = try harness.call(.newsServiceGetArticle, get)
        #expect(read.state == .active && read.etag == created.etag)
    }

    @Test("names every field at fault")
    func faults() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var bad = try request(String(repeating: "x", count: 501)) {
            $0.labels = ["good", ""]
            $0.canonicalUri = "/relative"
            $0.timeZone = "Mars/Base"
            $0.publishTimePrecision = .unknown
            $0.byline = Byline()
            $0.byline?.reporters = [String(repeating: "y", count: 101)]
            $0.stats = ArticleStats()
            $0.stats?.likeCount = -1
            $0.bodyFormat = BodyFormat(rawValue: 9)
            $0.languageCode = "zh_CN"
        }
        bad.articleId = "UPPER"
        bad.requestId = "with space"
        let refused = try harness.failure(.newsServiceCreateArticle, bad)
        #expect(refused.code == .invalidArgument && refused.reason == "FIELD_INVALID")
        #expect(
            refused.fields == [
                "request_id", "article_id", "article.title", "article.language_code", "article.canonical_uri",
                "article.labels[1]", "article.byline.reporters[0]", "article.time_zone", "article.publish_time",
                "article.stats.like_count", "article.body_format",
            ])
        #expect(refused.metadata == ["field": "request_id"])
        #expect(try harness.failure(.newsServiceCreateArticle, CreateArticleRequest()).fields == ["article"])
        #expect(try harness.failure(.newsServiceCreateArticle, request("")).reason == "FIELD_REQUIRED")
        #expect(harness.store.articleCount == 0)
    }

    @Test("refuses text with U+0000 as INVALID_ARGUMENT")
    func nul() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let refused = try harness.failure(.newsServiceCreateArticle, request("a\0b"))
        #expect(refused.code == .invalidArgument && refused.reason == "TEXT_INVALID")
        #expect(refused.fields == ["article.title"])
    }

    @Test(
        "takes an id of the client's own once, wherever it says it belongs",
        arguments: ["my-own-id", "20260227-mine", "20250101-mine"])
    func ownIDs(id: String) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var create = try request()
        create.articleId = id
        let created: Article = try harness.call(.newsServiceCreateArticle, create)
        #expect(created.name == "articles/\(id)")
        var get = GetArticleRequest()
        get.name = created.name
        let read: Article = try harness.call(.newsServiceGetArticle, get)
        #expect(read == created)
        let refused = try harness.failure(.newsServiceCreateArticle, create)
        #expect(refused.code == .alreadyExists && refused.reason == "ARTICLE_EXISTS")
        // Nor in another shard.
        create.article?.publishTime = try .at("2025-01-01T07:55:00Z")
        #expect(try harness.failure(.newsServiceCreateArticle, create).reason == "ARTICLE_EXISTS")
        #expect(harness.store.articleCount == 1)
    }

    @Test("gives the first answer to a repeated request, for a day, and refuses other content under its id")
    func requestIDs() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var create = try request { $0.channel = "Tech" }
        create.requestId = "8c5d6f0a-9d4b-4a57-9d4e-1f6a5e2b7c3d"
        let first: Article = try harness.call(.newsServiceCreateArticle, create)
        harness.clock.advance(by: .seconds(3600))
        let second: Article = try harness.call(.newsServiceCreateArticle, create)
        #expect(first == second)
        #expect(harness.store.articleCount == 1)
        create.article?.title = "Other"
        let refused = try harness.failure(.newsServiceCreateArticle, create)
        #expect(refused.code == .aborted && refused.reason == "REQUEST_ID_CONFLICT")
        // On another date too.
        create.article?.publishTime = try .at("2020-01-01T00:00:00Z")
        #expect(try harness.failure(.newsServiceCreateArticle, create).reason == "REQUEST_ID_CONFLICT")
        #expect(harness.store.articleCount == 1)
    }

    @Test(
        "of a repeated request gives the article where it has moved to, and not when it is gone",
        arguments: ["", "my-own-id"], [1, 4])
    func movedSince(articleID: String, slots: Int) throws {
        let harness = try ServiceHarness(slots: slots)
        defer { harness.close() }
        var create = try request()
        create.requestId = "8c5d6f0a-9d4b-4a57-9d4e-1f6a5e2b7c3d"
        create.articleId = articleID
        let first: Article = try harness.call(.newsServiceCreateArticle, create)
        for time in ["2025-01-01T07:55:00Z", "2026-02-03T07:55:00Z"] {
            var update = UpdateArticleRequest()
            update.article = first
            update.article?.publishTime = try .at(time)
            update.article?.etag = ""
            update.updateMask = FieldMask()
            update.updateMask?.paths = ["publish_time"]
            let moved: Article = try harness.call(.newsServiceUpdateArticle, update)
            #expect(moved.name == first.name && moved.revision > first.revision)
            let repeated: Article = try harness.call(.newsServiceCreateArticle, create)
            #expect(repeated == moved)
        }
        var other = create
        other.article?.title = "Other"
        #expect(try harness.failure(.newsServiceCreateArticle, other).reason == "REQUEST_ID_CONFLICT")
        other.requestId = ""
        other.articleId = String(first.name.dropFirst("articles/".count))
        other.article?.publishTime = try .at("2025-01-01T07:55:00Z")
        #expect(try harness.failure(.newsServiceCreateArticle, other).reason == "ARTICLE_EXISTS")
        let store = harness.store
        let id = try #require(ArticleID(name: first.name))
        let period = try store.period(of: RFC3339.parse("2026-02-03T07:55:00Z"))
        let purged = Monitor(false)
        store.submit(Purge(period: period, id: id)) { _ in purged.broadcast { $0 = true } }
        purged.wait { $0 ? () : nil }
        #expect(try harness.failure(.newsServiceCreateArticle, create).reason == "ARTICLE_NOT_FOUND")
        #expect(store.articleCount == 0)
    }

    private struct Purge: StoreCommand {
        let period: Period
        let claim: ArticleID? = nil
        let id: ArticleID

        func apply(to shard: ShardWriter) throws(StoreError) { _ = try shard.purge(id) }
    }

    @Test("with validate_only checks everything and stores nothing")
    func validateOnly() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var create = try request { $0.channel = "Tech News" }
        create.validateOnly = true
        let checked: Article = try harness.call(.newsServiceCreateArticle, create)
        #expect(checked.title == "Title" && checked.channel == "channels/tech-news" && checked.revision == 0)
        #expect(harness.store.articleCount == 0 && harness.store.shardCount == 0)
        create.requireChannel = true
        #expect(try harness.failure(.newsServiceCreateArticle, create).reason == "CHANNEL_NOT_FOUND")
        create.requireChannel = false
        create.validateOnly = false
        create.articleId = "my-own-id"
        let _: Article = try harness.call(.newsServiceCreateArticle, create)
        create.validateOnly = true
        #expect(try harness.failure(.newsServiceCreateArticle, create).reason == "ARTICLE_EXISTS")
        create.article?.title = ""
        #expect(try harness.failure(.newsServiceCreateArticle, create).reason == "FIELD_REQUIRED")
    }

    @Test("makes an absent channel unless it is required")
    func channels() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var create = try request { $0.channel = "Tech News" }
        create.requireChannel = true
        let refused = try harness.failure(.newsServiceCreateArticle, create)
        #expect(refused.code == .failedPrecondition && refused.metadata == ["channel": "Tech News"])
        create.requireChannel = false
        let first: Article = try harness.call(.newsServiceCreateArticle, create)
        #expect(first.channel == "channels/tech-news" && first.channelDisplayName == "Tech News")
        create.requireChannel = true
        create.article?.channel = "channels/tech-news"
        let second: Article = try harness.call(.newsServiceCreateArticle, create)
        #expect(second.channel == first.channel && second.channelDisplayName == "Tech News")
    }

    @Test("after the store was closed is UNAVAILABLE")
    func closed() throws {
        let harness = try ServiceHarness()
        harness.close()
        let refused = try harness.failure(.newsServiceCreateArticle, request())
        #expect(refused.code == .unavailable && refused.reason == "DRAINING")
    }

    /// Keeps the writer busy.
    private struct Holding: StoreCommand {
        let period = Period.month(year: 2026, month: 2)
        let claim: ArticleID? = nil
        let began = WaitFlag()
        let goOn = WaitFlag()

        func apply(to shard: ShardWriter) -> Bool {
            began.raise()
            goOn.wait()
            return true
        }
    }

    @Test("C7: what was given up before the writer came to it is not written")
    func givenUp() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let holding = Holding()
        harness.store.submit(holding) { _ in }
        holding.began.wait()
        let sink = try harness.giveUp(.newsServiceCreateArticle, request())
        holding.goOn.raise()
        #expect(sink.waitForEnd().status.code == .cancelled)
        #expect(harness.store.articleCount == 0)
    }
}
