import GRPCCall
import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import TestKit
import Testing

@Suite("EngagementService") struct EngagementTests {
    private func stats(_ harness: ServiceHarness, _ name: String) throws -> ArticleStats {
        var request = GetArticleStatsRequest()
        request.name = name
        return try harness.call(.engagementServiceGetArticleStats, request)
    }

    private func views(_ counts: [(String, Int64)], id: String = "") -> RecordViewsRequest {
        var request = RecordViewsRequest()
        request.views = counts.map { name, count in
            var delta = ViewDelta()
            delta.name = name
            delta.viewCount = count
            return delta
        }
        request.requestId = id
        return request
    }

    private func reaction(
        _ name: String, _ kind: ReactionKind, _ actor: String = "", id: String = ""
    ) -> AddReactionRequest {
        var request = AddReactionRequest()
        request.name = name
        request.kind = kind
        request.actor = actor
        request.requestId = id
        return request
    }

    private func removal(_ name: String, _ kind: ReactionKind, _ actor: String = "") -> RemoveReactionRequest {
        var request = RemoveReactionRequest()
        request.name = name
        request.kind = kind
        request.actor = actor
        return request
    }

    private func deletion(_ name: String) -> DeleteArticleRequest {
        var request = DeleteArticleRequest()
        request.name = name
        return request
    }

    /// An article whose page printed 480 views.
    private func printed(_ harness: ServiceHarness) throws -> Article {
        var request = CreateArticleRequest()
        request.article = Article()
        request.article?.title = "浙江省药监局"
        request.article?.stats = ArticleStats()
        request.article?.stats?.viewCount = 480
        return try harness.call(.newsServiceCreateArticle, request)
    }

    @Test("counts what happens here beside what the page printed, and leaves the etag as it is")
    func counting() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let article = try printed(harness)
        #expect(try stats(harness, article.name).viewCount == 480)
        #expect(try stats(harness, article.name).known == [.views])
        let answer: RecordViewsResponse = try harness.call(
            .engagementServiceRecordViews, views([(article.name, 3), (article.name, 1_000_000)]))
        #expect(answer.recordedCount == 1_000_003 && answer.missingNames.isEmpty)
        let liked: ArticleStats = try harness.call(
            .engagementServiceAddReaction, reaction(article.name, .like, "ann"))
        #expect(liked.likeCount == 1 && liked.viewCount >= 480)
        for kind in [ReactionKind.share, .share, .tip] {
            let _: ArticleStats = try harness.call(.engagementServiceAddReaction, reaction(article.name, kind))
        }
        let _: ArticleStats = try harness.call(
            .engagementServiceAddReaction, reaction(article.name, .favorite, "ann"))
        try harness.store.writeViews()
        let counted = try stats(harness, article.name)
        #expect(counted.viewCount == 1_000_483 && counted.likeCount == 1 && counted.favoriteCount == 1)
        #expect(counted.shareCount == 2 && counted.tipCount == 1 && counted.commentCount == 0)
        #expect(counted.known == [.views, .likes, .favorites, .tips, .shares])
        var get = GetArticleRequest()
        get.name = article.name
        let now: Article = try harness.call(.newsServiceGetArticle, get)
        #expect(now.stats == counted && now.etag == article.etag && now.revision == article.revision)
    }

    @Test("knows nothing of an article of which neither a page nor a reader said anything")
    func unknown() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let article = try harness.create("A", at: "")
        #expect(try stats(harness, article.name) == ArticleStats())
        let _: RecordViewsResponse = try harness.call(
            .engagementServiceRecordViews, views([(article.name, 2)]))
        try harness.store.writeViews()
        #expect(try stats(harness, article.name).known == [.views])
    }

    @Test("skips articles that are unknown or deleted, and names each once")
    func missing() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let (article, gone) = (try harness.create("A", at: ""), try harness.create("B", at: ""))
        let _: Article = try harness.call(.newsServiceDeleteArticle, deletion(gone.name))
        let absent = "articles/20260227-absent"
        let answer: RecordViewsResponse = try harness.call(
            .engagementServiceRecordViews, views([(absent, 1), (article.name, 2), (gone.name, 3), (absent, 4)]))
        #expect(answer.recordedCount == 2 && answer.missingNames == [absent, gone.name])
        #expect(try stats(harness, gone.name) == ArticleStats())
        try harness.store.writeViews()
        #expect(try stats(harness, article.name).viewCount == 2)
    }

    @Test("counts a repeated request once, and refuses other content under its request_id")
    func requestIDs() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let article = try harness.create("A", at: "")
        for _ in 0..<2 {
            let answer: RecordViewsResponse = try harness.call(
                .engagementServiceRecordViews, views([(article.name, 2)], id: "v"))
            #expect(answer.recordedCount == 2)
            let shared: ArticleStats = try harness.call(
                .engagementServiceAddReaction, reaction(article.name, .share, id: "s"))
            #expect(shared.shareCount == 1)
        }
        try harness.store.writeViews()
        #expect(try stats(harness, article.name).viewCount == 2)
        let tip = try harness.failure(.engagementServiceAddReaction, reaction(article.name, .tip, id: "s"))
        #expect(tip.code == .aborted && tip.reason == "REQUEST_ID_CONFLICT")
        let refused = try harness.failure(.engagementServiceRecordViews, views([(article.name, 3)], id: "v"))
        #expect(refused.code == .aborted && refused.reason == "REQUEST_ID_CONFLICT")
        #expect(refused.metadata["request_id"] == "v")
        // A day later it is a request like any other.
        harness.clock.advance(by: .seconds(24 * 3600 + 1))
        let tipped: ArticleStats = try harness.call(
            .engagementServiceAddReaction, reaction(article.name, .tip, id: "s"))
        #expect(tipped.tipCount == 1 && tipped.shareCount == 1)
    }

    @Test("needs no request_id for likes and favorites, which their actors tell apart, and keeps none of theirs")
    func requestIDsOfActors() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let article = try harness.create("A", at: "")
        for actor in ["ann", "ann", "bob"] {
            let _: ArticleStats = try harness.call(
                .engagementServiceAddReaction, reaction(article.name, .like, actor, id: "s"))
        }
        #expect(try stats(harness, article.name).likeCount == 2)
        for _ in 0..<2 {
            let _: ArticleStats = try harness.call(
                .engagementServiceAddReaction, reaction(article.name, .share, id: "s"))
        }
        #expect(try stats(harness, article.name).shareCount == 1)
        let refused = try harness.failure(
            .engagementServiceAddReaction, reaction(article.name, .like, "ann", id: "ä"))
        #expect(refused.code == .invalidArgument && refused.fields == ["request_id"])
    }

    @Test("takes likes and favorites back, also of a deleted article")
    func removing() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let article = try harness.create("A", at: "2026-02-27T07:55:00Z")
        for actor in ["ann", "bob"] {
            let _: ArticleStats = try harness.call(
                .engagementServiceAddReaction, reaction(article.name, .like, actor))
        }
        for _ in 0..<2 {
            let left: ArticleStats = try harness.call(
                .engagementServiceRemoveReaction, removal(article.name, .like, "ann"))
            #expect(left.likeCount == 1)
        }
        let _: Article = try harness.call(.newsServiceDeleteArticle, deletion(article.name))
        let refused = try harness.failure(.engagementServiceAddReaction, reaction(article.name, .like, "carl"))
        #expect(refused.code == .failedPrecondition && refused.reason == "ARTICLE_DELETED")
        let left: ArticleStats = try harness.call(
            .engagementServiceRemoveReaction, removal(article.name, .like, "bob"))
        #expect(left.likeCount == 0 && left.known == [.likes])
    }

    @Test("follows an article to another shard")
    func moved() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let article = try harness.create("A", at: "2026-02-27T07:55:00Z")
        let _: ArticleStats = try harness.call(
            .engagementServiceAddReaction, reaction(article.name, .like, "ann"))
        let _: RecordViewsResponse = try harness.call(
            .engagementServiceRecordViews, views([(article.name, 2)]))
        var update = UpdateArticleRequest()
        update.article = Article()
        update.article?.name = article.name
        update.article?.publishTime = try .at("2025-12-24T00:00:00Z")
        update.article?.publishTimePrecision = .second
        update.updateMask = FieldMask()
        update.updateMask?.paths = ["publish_time"]
        let moved: Article = try harness.call(.newsServiceUpdateArticle, update)
        #expect(moved.stats?.likeCount == 1)
        let liked: ArticleStats = try harness.call(
            .engagementServiceAddReaction, reaction(article.name, .like, "ann"))
        #expect(liked.likeCount == 1)
        try harness.store.writeViews()
        #expect(try stats(harness, article.name).viewCount == 2)
    }

    @Test(
        "names the field that is at fault",
        arguments: [
            (RecordViewsRequest(), "views", "FIELD_REQUIRED"),
            (Self.delta("articles/aaaa", 0), "views[0].view_count", "FIELD_INVALID"),
            (Self.delta("articles/aaaa", 1_000_001), "views[0].view_count", "FIELD_INVALID"),
            (Self.delta("", 1), "views[0].name", "FIELD_REQUIRED"),
            (Self.delta("aaaa", 1), "views[0].name", "NAME_INVALID"),
            (Self.delta("articles/aaaa", 1, count: 1001), "views", "FIELD_INVALID"),
            (Self.delta("articles/aaaa", 1, id: "ä"), "request_id", "FIELD_INVALID"),
        ])
    func badViews(request: RecordViewsRequest, field: String, reason: String) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let refused = try harness.failure(.engagementServiceRecordViews, request)
        #expect(refused.code == .invalidArgument && refused.reason == reason && refused.fields == [field])
    }

    private static func delta(_ name: String, _ views: Int64, count: Int = 1, id: String = "") -> RecordViewsRequest {
        var (request, delta) = (RecordViewsRequest(), ViewDelta())
        delta.name = name
        delta.viewCount = views
        request.views = Array(repeating: delta, count: count)
        request.requestId = id
        return request
    }

    @Test("names what is wrong with a reaction")
    func badReactions() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let name = "articles/20260227-absent"
        let cases: [(AddReactionRequest, String, String)] = [
            (reaction("", .like, "a"), "name", "FIELD_REQUIRED"), (reaction("x", .like, "a"), "name", "NAME_INVALID"),
            (reaction(name, .unspecified, "a"), "kind", "FIELD_REQUIRED"),
            (reaction(name, ReactionKind(rawValue: 9), "a"), "kind", "FIELD_INVALID"),
            (reaction(name, .like), "actor", "FIELD_REQUIRED"),
            (reaction(name, .favorite, "a b"), "actor", "FIELD_INVALID"),
            (reaction(name, .like, String(repeating: "a", count: 65)), "actor", "FIELD_INVALID"),
            (reaction(name, .share, "名"), "actor", "FIELD_INVALID"),
        ]
        for (request, field, reason) in cases {
            let refused = try harness.failure(.engagementServiceAddReaction, request)
            #expect(refused.code == .invalidArgument && refused.reason == reason && refused.fields == [field])
        }
        for kind in [ReactionKind.share, .tip] {
            let refused = try harness.failure(.engagementServiceRemoveReaction, removal(name, kind, "a"))
            #expect(refused.reason == "FIELD_INVALID" && refused.fields == ["kind"])
        }
        for refused in [
            try harness.failure(.engagementServiceAddReaction, reaction(name, .like, "a", id: "r")),
            try harness.failure(.engagementServiceRemoveReaction, removal(name, .like, "a")),
            try harness.failure(.engagementServiceGetArticleStats, removal(name, .unspecified)),
        ] {
            #expect(refused.code == .notFound && refused.reason == "ARTICLE_NOT_FOUND")
        }
        let refused = try harness.failure(.engagementServiceGetArticleStats, GetArticleStatsRequest())
        #expect(refused.code == .invalidArgument && refused.fields == ["name"])
        // A name that is no text, and bytes that are no message.
        for bytes: [UInt8] in [[0x0a, 1, 0xff], [0x0a, 5, 0x61], [0x08, 1]] {
            guard case .failure(let status) = harness.call(.engagementServiceGetArticleStats, bytes: bytes) else {
                Issue.record("\(bytes) were read")
                continue
            }
            #expect(status.code == .internalError)
        }
    }

    @Test("tells those who watch with counters of views and of reactions, and nobody else")
    func watching() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let article = try harness.create("A", at: "2026-02-27T07:55:00Z")
        let sinks = [TestSink(), TestSink()]
        for (sink, wantsStats) in zip(sinks, [true, false]) {
            let handler = harness.open(.newsServiceWatchArticles, sink)
            var request = WatchArticlesRequest()
            request.includeStats = wantsStats
            #expect(sink.waitForCredit())
            handler.received(request.encoded().span)
            handler.halfClosed()
            _ = try sink.waitForMessages(1)
        }
        let _: RecordViewsResponse = try harness.call(
            .engagementServiceRecordViews, views([(article.name, 2)]))
        let told = try WatchArticlesResponse(sinks[0].waitForMessages(2)[1])
        #expect(told.changes.map(\.kind) == [.stats] && told.changes[0].article?.stats?.viewCount == 2)
        let _: ArticleStats = try harness.call(
            .engagementServiceAddReaction, reaction(article.name, .like, "ann"))
        let next = try WatchArticlesResponse(sinks[0].waitForMessages(3)[2])
        #expect(next.changes.map(\.kind) == [.stats] && next.changes[0].article?.stats?.likeCount == 1)
        #expect(sinks[1].messages.count == 1)
    }
}
