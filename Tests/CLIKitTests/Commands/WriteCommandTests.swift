import NewsClient
import NewsMessages
import Testing

@Suite("create, update, delete and undelete") struct WriteCommandTests {
    private static let name = "20260305-0h2v8k4mq1ts"

    /// Answers with the article as it would be, etag "2".
    private func run() -> CLIRun {
        let run = CLIRun()
        run.server.on("UpdateArticle") { (request: UpdateArticleRequest) in
            var article = request.article ?? Article()
            article.etag = "\"2\""
            return article
        }
        run.server.on("DeleteArticle") { (request: DeleteArticleRequest) throws(RPCError) in
            if request.name.contains("absent"), !request.allowMissing {
                throw RPCError(
                    .notFound, "\(request.name) does not exist", origin: .server, reason: "ARTICLE_NOT_FOUND")
            }
            var article = Article()
            article.name = request.name
            if !request.name.contains("absent") {
                article.state = .deleted
                article.deleteTime = SampleArticles.timestamp(1_772_640_000)
                article.purgeTime = SampleArticles.timestamp(
                    1_772_640_000 + (request.purgeDelay?.seconds ?? 30 * 86_400))
            }
            return article
        }
        run.server.on("UndeleteArticle") { (request: UndeleteArticleRequest) in
            var article = Article()
            article.name = request.name
            return article
        }
        return run
    }

    private func updates(_ run: CLIRun) throws -> [UpdateArticleRequest] {
        try run.server.requests("UpdateArticle", UpdateArticleRequest.self)
    }

    private func deletions(_ run: CLIRun) throws -> [DeleteArticleRequest] {
        try run.server.requests("DeleteArticle", DeleteArticleRequest.self)
    }

    @Test("update sends the fields that options name, and the mask for them")
    func settings() async throws {
        let run = run()
        let outcome = await run(
            "update", Self.name, "--set", "title=A = b", "--set", "labels=x,y", "--set", "byline.authors=甲,乙",
            "--set", "bodyFormat=MARKDOWN", "--set", "publish_time=2026-02-27T07:55:00Z", "--clear", "subtitle",
            "--etag", "\"1\"", "--upsert")
        #expect(outcome == .init(output: "articles/\(Self.name) updated, etag \"2\"\n", errors: "", code: 0))
        let request = try #require(try updates(run).first)
        #expect(
            request.updateMask?.paths == [
                "title", "labels", "byline.authors", "body_format", "publish_time", "subtitle",
            ])
        let article = try #require(request.article)
        #expect(article.name == "articles/\(Self.name)" && article.title == "A = b" && article.labels == ["x", "y"])
        #expect(article.byline?.authors == ["甲", "乙"] && article.bodyFormat == .markdown)
        #expect(article.publishTime?.seconds == 1_772_178_900 && article.etag == "\"1\"")
        #expect(request.allowMissing && !request.validateOnly && request.requestId.count == 32)
    }

    @Test("update takes a file as 'get' prints it, with its etag, and leaves what only the server sets")
    func file() async throws {
        var run = run()
        run.files = [
            "article.json": """
            {"name": "articles/other", "title": "T", "etag": "\\"7\\"", "revision": 7, "state": "ACTIVE",
             "byline": {"reporters": ["R"]}, "stats": {"viewCount": 0}, "bodyLength": 3}
            """
        ]
        #expect(await run("update", Self.name, "-f", "article.json", "--dry-run", "-o", "name").code == 0)
        let request = try #require(try updates(run).first)
        #expect(request.updateMask?.paths == ["title", "byline", "stats"])
        #expect(request.article?.name == "articles/\(Self.name)" && request.article?.etag == "\"7\"")
        #expect(request.article?.byline?.reporters == ["R"] && request.article?.stats?.known == [.views])
        #expect(request.validateOnly)
        run.input = "[]"
        #expect(await run("update", Self.name, "-f", "-").errors.contains("the file holds an array"))
    }

    @Test("create sends the article, from options or a file, under an id that makes it safe to repeat")
    func create() async throws {
        var run = run()
        run.server.on("CreateArticle") { (request: CreateArticleRequest) in
            var article = request.article ?? Article()
            article.name = "articles/" + (request.articleId.isEmpty ? "made" : request.articleId)
            return article
        }
        run.input =
            #"{"name": "articles/old", "etag": "\"1\"", "title": "From a file", "createTime": "2026-01-01T00:00:00Z"}"#
        #expect(await run("create", "--set", "title=T", "--require-channel").output == "articles/made stored\n")
        #expect(await run("create", "-f", "-", "--id", "own", "--request-id", "r").output == "articles/own stored\n")
        let requests = try run.server.requests("CreateArticle", CreateArticleRequest.self)
        #expect(requests.map(\.article?.title) == ["T", "From a file"])
        #expect(requests[0].requireChannel && requests[0].requestId.count == 32 && requests[1].requestId == "r")
        #expect(requests[1].article?.createTime == nil)
        #expect(await run("create").code == 2)
    }

    @Test("update refuses what it cannot send, without a call", arguments: [[], ["--set", "title"], ["--set", "=x"]])
    func usage(options: [String]) async throws {
        let run = run()
        #expect(await run.run(["update", Self.name] + options).code == 2)
        #expect(await run("update", Self.name, "--set", "publish_time=yesterday").code == 1)
        #expect(try updates(run).isEmpty)
    }

    @Test("delete says until when an article can come back")
    func delete() async throws {
        let run = run()
        #expect(
            await run("delete", Self.name, "articles/other", "--purge-after", "7d").output == """
                articles/\(Self.name) deleted until 2026-03-11T16:00:00Z
                articles/other deleted until 2026-03-11T16:00:00Z

                """)
        let requests = try deletions(run)
        #expect(requests.map(\.purgeDelay?.seconds) == [604_800, 604_800])
        #expect(Set(requests.map(\.requestId)).count == 2)
        // With an id, a call may be tried again.
        #expect(run.server.options.allSatisfy { $0.isIdempotent == true })
        #expect(await run("delete", Self.name).code == 0)
        #expect(try deletions(run).last?.purgeDelay == nil)
    }

    @Test("delete goes on after one of several that fails, and ends with 3")
    func partial() async throws {
        var run = run()
        run.input = "articles/absent-1\n\(Self.name)\n"
        let outcome = await run("delete", "-", "-o", "json")
        #expect(outcome.code == 3 && outcome.errors.contains("articles/absent-1"))
        #expect(outcome.output.contains("\"state\": \"DELETED\""))
        #expect(await run("delete", "absent-1").code == 69)
        #expect(await run("delete", "absent-1", "--missing-ok").output == "articles/absent-1 is absent\n")
    }

    @Test("delete for good wants to be sure")
    func forGood() async throws {
        let run = run()
        #expect(await run("delete", Self.name, "--purge-after", "0s").code == 2)
        #expect(try deletions(run).isEmpty)
        #expect(
            await run("delete", Self.name, "--purge-after", "0s", "--yes").output
                == "articles/\(Self.name) removed\n")
        #expect(await run("delete", "a-name", "b-name", "--etag", "x").code == 2)
    }

    @Test("undelete brings articles back, and list shows what is deleted")
    func undelete() async throws {
        let run = run()
        #expect(await run("undelete", Self.name).output == "articles/\(Self.name) is back\n")
        run.server.on("ListArticles") { (_: ListArticlesRequest) in ListArticlesResponse() }
        _ = await run("list", "--deleted")
        #expect(try run.server.requests("ListArticles", ListArticlesRequest.self).first?.showDeleted == true)
    }
}
