import NewsClient
import NewsMessages
import Testing

@Suite("get") struct GetCommandTests {
    private func run(_ articles: [Article] = [SampleArticles.full()]) -> CLIRun {
        let run = CLIRun()
        let byName = Dictionary(articles.map { ($0.name, $0) }) { first, _ in first }
        run.server.on("GetArticle") { (request: GetArticleRequest) throws(RPCError) in
            guard let article = byName[request.name] else {
                throw RPCError(
                    .notFound, "no article \"\(request.name)\"", origin: .server, reason: "ARTICLE_NOT_FOUND")
            }
            return article
        }
        run.server.on("BatchGetArticles") { (request: BatchGetArticlesRequest) in
            var answer = BatchGetArticlesResponse()
            answer.articles = request.names.compactMap { byName[$0] }
            answer.missingNames = request.names.filter { byName[$0] == nil }
            return answer
        }
        return run
    }

    private let page = """
        温州市局以三“量”全面推动药品检查工作提质增效
        副题
        2024-03-13 15:55 · 资讯 · 浙江省药监局 · huamei
        reporters 蔡美萍 · correspondents 丁帥, 王五
        480 views · 0 likes · 0 favorites · 0 tips · 0 comments · 3 shares

        近年来,温州市局坚持以“药械化赋能培优”为牵引。

        一是在建设专业队伍上扩大容量。

        3 places repaired (2 certain, 1 derived), 1 left as it was

        articles/20240313-7p9c2d5f8g1h

        """

    @Test(
        "prints an article for people, paragraphs as they are when the output is a pipe",
        arguments: [
            "articles/20240313-7p9c2d5f8g1h", "20240313-7p9c2d5f8g1h",
        ])
    func text(name: String) async {
        #expect(await run()("get", name) == CLIRun.Outcome(output: page, errors: "", code: 0))
    }

    @Test("wraps paragraphs to a terminal by its columns")
    func wrapped() async {
        var run = run()
        run.terminal = 24
        let lines = await run("get", "20240313-7p9c2d5f8g1h").output.split(separator: "\n").map(String.init)
        #expect(lines.contains("近年来,温州市局坚持以“药"))
        #expect(lines.contains("械化赋能培优”为牵引。"))
    }

    @Test("prints bold titles on a terminal, nothing of the kind to a pipe")
    func colour() async {
        var run = run([SampleArticles.bare()])
        run.terminal = 80
        #expect(await run("get", "00000000-3m5n7p9r1t3v").output.hasPrefix("\u{1B}[1m長三角首個"))
        #expect(await run("get", "00000000-3m5n7p9r1t3v", "--color", "never").output.hasPrefix("長三角首個"))
        run.environment["NO_COLOR"] = "1"
        #expect(await run("get", "00000000-3m5n7p9r1t3v").output.hasPrefix("長三角首個"))
    }

    @Test("says that there is no date, and leaves out what is unknown")
    func bare() async {
        #expect(
            await run([SampleArticles.bare()])("get", "00000000-3m5n7p9r1t3v").output == """
                長三角首個生物醫藥行業質量提升示范試點項目通過驗收
                no date

                articles/00000000-3m5n7p9r1t3v

                """)
    }

    @Test(
        "prints one object for one name, an array for several",
        arguments: [
            (["a"], "json", "{\n  \"name\": \"articles/a\"\n}\n"),
            (
                ["a", "b"], "json",
                "[\n  {\n    \"name\": \"articles/a\"\n  },\n  {\n    \"name\": \"articles/b\"\n  }\n]\n"
            ),
            (["a", "b"], "jsonl", "{\"name\":\"articles/a\"}\n{\"name\":\"articles/b\"}\n"),
        ])
    func json(names: [String], format: String, expected: String) async {
        let articles = ["articles/a", "articles/b"].map { name in
            var article = Article()
            article.name = name
            return article
        }
        #expect(
            await run(articles).run(["get"] + names + ["-o", format]) == .init(output: expected, errors: "", code: 0))
    }

    @Test("reads names from the input, and asks for a hundred at a time")
    func input() async throws {
        var run = run()
        run.input = (0..<250).map { " articles/\($0)\r\n\n" }.joined()
        run.server.on("BatchGetArticles") { (request: BatchGetArticlesRequest) in
            var answer = BatchGetArticlesResponse()
            answer.articles = request.names.map { name in
                var article = Article()
                article.name = name
                return article
            }
            return answer
        }
        let outcome = await run("get", "-", "-o", "jsonl")
        #expect(outcome.output == (0..<250).map { "{\"name\":\"articles/\($0)\"}\n" }.joined())
        let requests = try run.server.requests("BatchGetArticles", BatchGetArticlesRequest.self)
        #expect(requests.map(\.names.count) == [100, 100, 50])
        #expect(requests.allSatisfy { $0.allowMissing && $0.view == .full })
    }

    @Test("asks in halves for what does not fit into one answer")
    func halves() async throws {
        let run = run()
        run.server.on("BatchGetArticles") { (request: BatchGetArticlesRequest) throws(RPCError) in
            guard request.names.count <= 2 else {
                throw RPCError(.resourceExhausted, "too large", origin: .server, reason: "MESSAGE_TOO_LARGE")
            }
            var answer = BatchGetArticlesResponse()
            answer.missingNames = request.names
            return answer
        }
        let outcome = await run("get", "a", "b", "c", "d", "e")
        #expect(
            try run.server.requests("BatchGetArticles", BatchGetArticlesRequest.self).map(\.names.count) == [
                5, 2, 3, 1, 2,
            ])
        #expect(outcome.code == 3)
    }

    @Test("has nothing to do when the input names nothing")
    func nothing() async {
        #expect(await run()("get", "-") == .init(output: "", errors: "no articles\n", code: 0))
    }

    @Test("ends with 69 when the one article is missing, and with 3 when one of several is")
    func missing() async {
        #expect(
            await run()("get", "x")
                == .init(
                    output: "", errors: "newsrpc-cli: get: NOT_FOUND (ARTICLE_NOT_FOUND): no article \"articles/x\"\n",
                    code: 69))
        let outcome = await run()("get", "x", "20240313-7p9c2d5f8g1h")
        #expect(
            outcome
                == .init(
                    output: page,
                    errors: "newsrpc-cli: get: NOT_FOUND (ARTICLE_NOT_FOUND): no article \"articles/x\"\n", code: 3))
    }

    @Test("prints the capture byte for byte, and cleaned on a terminal")
    func raw() async throws {
        var article = SampleArticles.bare()
        var capture = Capture()
        capture.content = Array("a\u{1B}[2J\nb".utf8)
        article.capture = capture
        var run = run([article])
        #expect(await run("get", "00000000-3m5n7p9r1t3v", "--raw").output == "a\u{1B}[2J\nb")
        #expect(try run.server.requests("GetArticle", GetArticleRequest.self).map(\.view) == [.capture])
        run.terminal = 80
        #expect(await run("get", "00000000-3m5n7p9r1t3v", "--raw").output == "a␛[2J\nb\n")
    }

    @Test("says that an article was not taken from a capture")
    func noCapture() async {
        #expect(
            await run()("get", "20240313-7p9c2d5f8g1h", "--raw")
                == .init(
                    output: "",
                    errors: "newsrpc-cli: get: articles/20240313-7p9c2d5f8g1h was not taken from a capture\n", code: 1))
    }
}
