import CLIKit
import NewsClient
import NewsMessages
import Testing

@Suite("stats, view and react") struct EngagementCommandTests {
    private static let name = "20260305-0h2v8k4mq1ts"

    private static var stats: ArticleStats {
        var stats = ArticleStats()
        stats.viewCount = 480
        stats.likeCount = 1
        stats.known = [.views, .likes, .shares]
        return stats
    }

    private func run() -> CLIRun {
        let run = CLIRun()
        run.server.on("GetArticleStats") { (request: GetArticleStatsRequest) throws(RPCError) in
            if request.name.contains("absent") {
                throw RPCError(
                    .notFound, "\(request.name) does not exist", origin: .server, reason: "ARTICLE_NOT_FOUND")
            }
            return request.name.contains("bare") ? ArticleStats() : Self.stats
        }
        run.server.on("BatchGetArticles") { (request: BatchGetArticlesRequest) in
            var response = BatchGetArticlesResponse()
            for name in request.names {
                if name.contains("absent") {
                    response.missingNames.append(name)
                    continue
                }
                var article = Article()
                article.name = name
                article.title = name.contains("bare") ? "Bare" : "浙江省药监局"
                if !name.contains("bare") { article.stats = Self.stats }
                response.articles.append(article)
            }
            return response
        }
        run.server.on("RecordViews") { (request: RecordViewsRequest) in
            var response = RecordViewsResponse()
            for delta in request.views {
                if delta.name.contains("absent") {
                    response.missingNames.append(delta.name)
                } else if delta.name.contains("damaged") {
                    var item = ViewError()
                    item.name = delta.name
                    item.error = ItemError()
                    item.error?.code = 15
                    item.error?.message = "it is damaged"
                    response.errors.append(item)
                } else {
                    response.recordedCount += delta.viewCount
                }
            }
            return response
        }
        run.server.on("AddReaction") { (_: AddReactionRequest) in Self.stats }
        run.server.on("RemoveReaction") { (_: RemoveReactionRequest) in Self.stats }
        return run
    }

    @Test("stats prints the counters that are known, one on each line")
    func one() async {
        #expect(
            await run()("stats", Self.name)
                == .init(
                    output: """
                        views      480
                        likes      1
                        shares     0

                        """, errors: "", code: 0))
        #expect(await run()("stats", "bare").output == "no counters known\n")
        #expect(
            await run()("stats", Self.name, "-o", "jsonl").output
                == #"{"name":"articles/\#(Self.name)","stats":{"viewCount":480,"likeCount":1,"shareCount":0}}"# + "\n")
        let absent = await run()("stats", "absent")
        #expect(absent.code == 69 && absent.errors.contains("NOT_FOUND (ARTICLE_NOT_FOUND)"))
    }

    @Test("stats of several lines up, Chinese titles too, and names what is absent")
    func several() async {
        let outcome = await run()("stats", Self.name, "bare", "absent")
        #expect(
            outcome.output == """
                TITLE         VIEWS  LIKES  FAVORITES  TIPS  COMMENTS  SHARES  NAME
                浙江省药监局    480      1          -     -         -       0  \(Self.name)
                Bare              -      -          -     -         -       -  bare

                """)
        #expect(outcome.code == 3 && outcome.errors.contains("no article \"articles/absent\""))
        let lines = await run()("stats", Self.name, "bare", "-o", "jsonl").output.split(separator: "\n")
        #expect(lines.count == 2 && lines[1] == #"{"name":"articles/bare"}"#)
        #expect(await run()("stats", Self.name, "bare", "-o", "json").output.hasPrefix("[\n"))
    }

    @Test("view sends what was viewed, with an id by which it may be repeated")
    func views() async throws {
        var run = run()
        run.input = "articles/cccc=3\ndddd\n"
        let outcome = await run("view", "aaaa", "bbbb=12", "-")
        #expect(outcome == .init(output: "17 views recorded\n", errors: "", code: 0))
        let request = try #require(try run.server.requests("RecordViews", RecordViewsRequest.self).first)
        #expect(request.views.map(\.name) == ["aaaa", "bbbb", "cccc", "dddd"].map { "articles/" + $0 })
        #expect(request.views.map(\.viewCount) == [1, 12, 3, 1])
        #expect(request.requestId.count == 32 && run.server.options.allSatisfy { $0.isIdempotent == true })
        #expect(await run("view", "aaaa").output == "1 view recorded\n")
    }

    @Test("view asks in as many calls as it takes, and names what is absent")
    func batches() async throws {
        let run = run()
        let outcome = await run.run(["view", "absent"] + (0..<1500).map { "a-\($0)=2" })
        #expect(outcome.output == "3000 views recorded\n" && outcome.code == 3)
        #expect(outcome.errors.contains("no article \"articles/absent\""))
        let requests = try run.server.requests("RecordViews", RecordViewsRequest.self)
        #expect(requests.map(\.views.count) == [1000, 501] && requests[0].requestId != requests[1].requestId)
        #expect(await run("view", "absent").code == 1)
        #expect(
            await run("view", "absent", "bbbb", "-o", "jsonl").output
                == #"{"recordedCount":1,"missingNames":["articles/absent"]}"# + "\n")
    }

    @Test("view counts what can be, and says of the others why not")
    func errors() async {
        let run = run()
        let outcome = await run("view", "damaged", "bbbb=2")
        #expect(outcome.output == "2 views recorded\n" && outcome.code == 3)
        #expect(outcome.errors.contains("articles/damaged: it is damaged"))
        #expect(await run("view", "damaged").code == 1)
    }

    @Test("view refuses a count that is none", arguments: ["a=0", "a=x", "a=", "a=1=2", "a=1000001", "a=-1"])
    func badCounts(argument: String) async throws {
        let run = run()
        let outcome = await run("view", argument)
        #expect(outcome.code == 2 && outcome.errors.contains("a count is 1 to 1000000"))
        #expect(try run.server.requests("RecordViews", RecordViewsRequest.self).isEmpty)
    }

    @Test("react adds and takes back, and says how many there are then")
    func reactions() async throws {
        let run = run()
        #expect(
            await run("react", Self.name, "--kind", "like", "--actor", "ann")
                == .init(output: "articles/\(Self.name) has 1 like\n", errors: "", code: 0))
        #expect(
            await run("react", Self.name, "--kind", "share", "-o", "json").output == """
                {
                  "name": "articles/\(Self.name)",
                  "stats": {
                    "viewCount": 480,
                    "likeCount": 1,
                    "shareCount": 0
                  }
                }

                """)
        #expect(await run("react", Self.name, "--kind", "favorite", "--actor", "ann", "--remove").code == 0)
        let added = try run.server.requests("AddReaction", AddReactionRequest.self)
        #expect(added.map(\.kind) == [.like, .share] && added.map(\.actor) == ["ann", ""])
        #expect(added.allSatisfy { $0.name == "articles/\(Self.name)" && $0.requestId.count == 32 })
        let removed = try run.server.requests("RemoveReaction", RemoveReactionRequest.self)
        #expect(removed.map(\.kind) == [.favorite] && removed.map(\.actor) == ["ann"])
    }

    @Test(
        "react refuses what cannot be",
        arguments: [
            (["react", "a", "--kind", "like"], "--kind like needs --actor"),
            (["react", "a", "--kind", "tip", "--remove"], "a tip is not taken back"),
            (["react", "a", "--kind", "love"], "love"), (["react", "a"], "--kind"),
        ])
    func usage(arguments: [String], text: String) async {
        let outcome = await run().run(arguments)
        #expect(outcome.code == 2 && outcome.errors.contains(text))
    }
}
