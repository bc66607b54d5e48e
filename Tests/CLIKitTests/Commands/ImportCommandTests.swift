import NewsClient
import NewsMessages
import Synchronization
import Testing

@Suite("import") struct ImportCommandTests {
    /// A server that stores each article once and takes a capture for two articles, one of them unchanged.
    private func run(_ files: [String: String] = [:]) -> CLIRun {
        var run = CLIRun()
        run.files = files
        run.server.on("ImportArticles") { (request: ImportArticlesRequest) in
            var answer = ImportArticlesResponse()
            answer.sequence = request.sequence
            switch request.item {
            case .article(let article):
                answer.results = [article.title.isEmpty ? Self.rejected() : Self.result(.created)]
            case .capture: answer.results = [Self.result(.created), Self.result(.unchanged)]
            case nil: answer.results = [Self.rejected()]
            }
            return answer
        }
        return run
    }

    private static func result(_ outcome: ImportOutcome) -> ImportResult {
        var result = ImportResult()
        result.outcome = outcome
        return result
    }

    private static func rejected(line: Int32 = 0) -> ImportResult {
        var result = result(.rejected)
        var error = ItemError()
        error.code = 3
        error.reason = "FIELD_REQUIRED"
        error.message = "title is required"
        error.field = "article.title"
        result.error = error
        result.line = line
        return result
    }

    private func items(_ run: CLIRun) throws -> [ImportArticlesRequest.Item?] {
        try run.server.requests("ImportArticles", ImportArticlesRequest.self).map(\.item)
    }

    @Test("tells captures from JSON by their content, and sums up what became of them")
    func mixed() async throws {
        let run = run(["dir/page.txt": "分享好友\n标题", "more.txt": "{\"title\":\"一\"}\n\n{\"title\":\"二\"}"])
        let outcome = await run("import", "dir/page.txt", "more.txt", "--time-zone", "Asia/Shanghai")
        #expect(
            outcome == .init(output: "4 articles: 3 created, 0 updated, 1 unchanged, 0 rejected\n", errors: "", code: 0)
        )
        var capture = Capture()
        capture.content = Array("分享好友\n标题".utf8)
        capture.fileName = "page.txt"
        capture.timeZone = "Asia/Shanghai"
        let articles = ["一", "二"].map { title in
            var article = Article()
            article.title = title
            article.timeZone = "Asia/Shanghai"
            return article
        }
        #expect(try items(run) == [.capture(capture), .article(articles[0]), .article(articles[1])])
    }

    @Test("takes the lines of a file by their times with --by-date, and says of each where it stands")
    func byDate() async throws {
        let lines = [
            #"{"title":"late","publishTime":"2026-02-28T08:00:00+08:00","body":"\"publishTime\":\"2020-01-01\""}"#,
            "", #"{"title":"early", "publish_time" : "2026-01-05T23:00:00Z"}"#,
            #"{"body":"without a title","publishTime":"2026-01-06T00:00:00Z"}"#, #"{"title":"undated"}"#,
            #"{"publishTime":"2026-01-05T01:00:00Z","title":"the same day, earlier"}"#,
            #"{"title":"an odd one","publishTime":null}"#, #"{"title":"broken","publishTime":"2025"#,
        ]
        let run = run(["a": lines.joined(separator: "\n")])
        let outcome = await run("import", "a", "--by-date")
        let titles = try items(run).map { item in
            if case .article(let article) = item { article.title } else { "" }
        }
        #expect(titles == ["undated", "an odd one", "the same day, earlier", "early", "", "late"])
        #expect(outcome.code == 3)
        #expect(outcome.output == "7 articles: 5 created, 0 updated, 0 unchanged, 2 rejected\n")
        let reasons = [
            "newsrpc-cli: import: a:8: column 33: the string is not closed",
            "newsrpc-cli: import: a:4: INVALID_ARGUMENT (FIELD_REQUIRED): title is required",
        ]
        #expect(outcome.errors == reasons.joined(separator: "\n") + "\n")
    }

    @Test("takes what cannot be read twice in the order in which it comes, and says so with --by-date")
    func byDateOnce() async {
        var run = run()
        run.input = #"{"title":"a"}"# + "\n" + #"{"title":"b"}"#
        let outcome = await run("import", "-", "--by-date")
        #expect(outcome.errors.contains("--by-date reads a file twice, which standard input cannot be"))
        #expect(outcome.code != 0)
        #expect(await run("import", "-").code == 0)
    }

    @Test("prints the summary as an object with -o json")
    func json() async {
        #expect(
            await run(["a": "x"])("import", "a", "-o", "jsonl").output
                == "{\"articles\":2,\"created\":1,\"updated\":0,\"unchanged\":1,\"rejected\":0}\n")
        #expect(
            await run(["a": "x"])("import", "a", "-o", "csv").output
                == "articles,created,updated,unchanged,rejected\n2,1,0,1,0\n")
    }

    @Test("names file, line and reason of what was rejected, in order, and ends with 3")
    func rejected() async {
        let run = run([
            "a.jsonl": """
            {"title":"一"}
            {"title":}
            {"excerpt":"二"}
            {"title":"三","stats":{"viewCount":"many"}}
            {"title":"四","absent":1}
            {"title":"五"}
            """
        ])
        let outcome = await run("import", "a.jsonl", "missing.txt")
        #expect(
            outcome
                == .init(
                    output: "7 articles: 2 created, 0 updated, 0 unchanged, 5 rejected\n",
                    errors: """
                        newsrpc-cli: import: a.jsonl:2: column 10: expected a value, found "}"
                        newsrpc-cli: import: a.jsonl:3: INVALID_ARGUMENT (FIELD_REQUIRED): title is required
                        newsrpc-cli: import: a.jsonl:4: column 35: stats.viewCount: expected an integer, found "many"
                        newsrpc-cli: import: a.jsonl:5: column 14: absent: news.v1.Article has no such field
                        newsrpc-cli: import: missing.txt: cannot open missing.txt: No such file or directory

                        """, code: 3))
    }

    @Test("names the line of a capture that the server rejects")
    func rejectedInCapture() async {
        let run = run(["page.txt": "x"])
        run.server.on("ImportArticles") { (request: ImportArticlesRequest) in
            var answer = ImportArticlesResponse()
            answer.sequence = request.sequence
            answer.results = [Self.result(.updated), Self.rejected(line: 24)]
            return answer
        }
        #expect(
            await run("import", "page.txt")
                == .init(
                    output: "2 articles: 0 created, 1 updated, 0 unchanged, 1 rejected\n",
                    errors: "newsrpc-cli: import: page.txt:24: INVALID_ARGUMENT (FIELD_REQUIRED): title is required\n",
                    code: 3))
        #expect(
            await run("import", "page.txt", "-o", "jsonl").errors == """
                {"file":"page.txt","line":24,"code":3,"reason":"FIELD_REQUIRED","field":"article.title",\
                "message":"title is required"}

                """)
    }

    @Test(
        "reads arrays and objects over many lines, as -o json prints them",
        arguments: [
            "[\n  {\n    \"title\": \"一\"\n  },\n  {\n    \"title\": \"二\"\n  }\n]\n",
            "[{\"title\":\"一\"},{\"title\":\"二\"}]",
            "\u{FEFF}{\"title\":\"一\"}\n{\"title\":\"二\"}\n", "  \n{\"title\":\"一\"}\r\n\r\n{\"title\":\"二\"}",
        ])
    func documents(text: String) async throws {
        let run = run(["a": text])
        #expect(await run("import", "a").output == "2 articles: 2 created, 0 updated, 0 unchanged, 0 rejected\n")
    }

    @Test("names the place of an error in a document")
    func documentErrors() async {
        let run = run([
            "a": "[\n  {\n    \"title\": \"一\"\n  },\n  {\n    \"titel\": \"二\"\n  }\n]\n",
            "b": "[\n  {\n    \"title\" \"一\"}]", "c": "[]",
        ])
        #expect(
            await run("import", "a", "b", "c")
                == .init(
                    output: "3 articles: 1 created, 0 updated, 0 unchanged, 2 rejected\n",
                    errors: """
                        newsrpc-cli: import: a:6: column 5: titel: news.v1.Article has no such field
                        newsrpc-cli: import: b: line 3, column 13: expected ":" after the name "title", found "\\""

                        """.replacing("\\\"", with: "\""), code: 3))
    }

    @Test("takes a page for a capture although it begins with a bracket", arguments: ["[图] 标题", "[视频]\n", "标题 {", ""])
    func captures(text: String) async throws {
        let run = run(["a": text])
        let outcome = await run("import", "a")
        if text.isEmpty {
            #expect(outcome.errors == "newsrpc-cli: import: a: empty\n")
        } else {
            #expect(try items(run).count == 1)
            #expect(outcome.code == 0)
        }
    }

    @Test("takes what --format says in place of what it sees")
    func formats() async throws {
        let capture = run(["a": "{\"title\":\"一\"}"])
        _ = await capture("import", "a", "--format", "capture")
        guard case .capture = try items(capture).first else { throw RPCError(.unknown, "no capture", origin: .local) }
        let lines = run(["a": "x"])
        #expect(
            await lines("import", "a", "--format", "jsonl").errors
                == "newsrpc-cli: import: a:1: column 1: expected a value, found \"x\"\n")
    }

    @Test("reads the input for -")
    func input() async throws {
        var run = run()
        run.input = "{\"title\":\"一\"}\n{\"title\":1}\n"
        #expect(
            await run("import", "-")
                == .init(
                    output: "2 articles: 1 created, 0 updated, 0 unchanged, 1 rejected\n",
                    errors: "newsrpc-cli: import: standard input:2: column 10: title: expected a string, found 1\n",
                    code: 3))
    }

    @Test("refuses an article larger than a message may be, and imports those behind it", arguments: [true, false])
    func largeArticle(isDocument: Bool) async throws {
        let items = ["一", String(repeating: "x", count: 4 << 20), "二"].map { "{\"title\":\"t\",\"body\":\"\($0)\"}" }
        let run = run(["a": isDocument ? "[" + items.joined(separator: ",\n") + "]" : items.joined(separator: "\n")])
        let outcome = await run("import", "a")
        #expect(outcome.errors == "newsrpc-cli: import: a:2: larger than a message may be (4194304 bytes)\n")
        #expect(outcome.code == 3)
        #expect(try self.items(run).count == 2)
    }

    @Test("refuses captures larger than a message may be")
    func tooLarge() async {
        let run = run([
            "big": String(repeating: "x", count: (4 << 20) - 4095),
            "fits": String(repeating: "x", count: (4 << 20) - 4096),
        ])
        let outcome = await run("import", "big", "fits")
        #expect(outcome.errors == "newsrpc-cli: import: big: larger than a message may be (4190208 bytes)\n")
        #expect(outcome.output == "3 articles: 1 created, 0 updated, 1 unchanged, 1 rejected\n")
    }

    @Test("keeps many requests under way and answers in order")
    func many() async throws {
        let body = String(repeating: "药", count: 200)  // Lines lie across the pieces in which the file is read.
        let lines = (0..<1000).map { "{\"title\":\"\($0)\",\"body\":\"\(body)\"}\n" }.joined()
        let run = run(["a": lines])
        #expect(await run("import", "a").output == "1000 articles: 1000 created, 0 updated, 0 unchanged, 0 rejected\n")
        let sequences = try run.server.requests("ImportArticles", ImportArticlesRequest.self).map(\.sequence)
        #expect(sequences == Array(1...1000))
    }

    @Test("passes over a line that no message could hold")
    func longLine() async {
        let long = String(repeating: "x", count: 9 << 20)
        let run = run(["a": "{\"title\":\"一\"}\n{\"title\":\"\(long)\"}\n{\"title\":\"二\"}"])
        #expect(
            await run("import", "a")
                == .init(
                    output: "3 articles: 2 created, 0 updated, 0 unchanged, 1 rejected\n",
                    errors: "newsrpc-cli: import: a:2: the line is longer than 8388608 bytes\n", code: 3))
    }

    @Test("takes again what list -o jsonl prints, counters of 0 included")
    func roundTrip() async throws {
        let original = SampleArticles.listed()
        let listing = CLIRun()
        listing.server.on("ListArticles") { (_: ListArticlesRequest) in
            var page = ListArticlesResponse()
            page.articles = [original]
            return page
        }
        for format in ["jsonl", "json"] {
            let run = run(["a": await listing("list", "-o", format).output])
            #expect(await run("import", "a").code == 0)
            #expect(try items(run) == [.article(original)])
        }
    }

    @Test("prints what there was when the stream fails, and ends with its status")
    func failure() async {
        let run = run(["a": "{\"title\":\"一\"}\n{\"title\":\"二\"}\n"])
        run.server.on("ImportArticles") { (request: ImportArticlesRequest) throws(RPCError) in
            guard request.sequence == 1 else {
                throw RPCError(.unavailable, "draining", origin: .server, reason: "DRAINING")
            }
            var answer = ImportArticlesResponse()
            answer.sequence = 1
            answer.results = [Self.result(.created)]
            return answer
        }
        #expect(
            await run("import", "a")
                == .init(
                    output: "1 article: 1 created, 0 updated, 0 unchanged, 0 rejected\n",
                    errors: "newsrpc-cli: import: UNAVAILABLE (DRAINING): draining\n", code: 78))
    }

    @Test("does not take an answer for another item's")
    func outOfTurn() async {
        let run = run(["a": "x"])
        run.server.on("ImportArticles") { (_: ImportArticlesRequest) in
            var answer = ImportArticlesResponse()
            answer.sequence = 7
            return answer
        }
        #expect(
            await run("import", "a")
                == .init(
                    output: "", errors: "newsrpc-cli: import: the server answered item 7 out of turn\n", code: 1))
    }

    @Test("draws a bar on a terminal and takes it away, and none with --quiet")
    func progress() async {
        var run = run(["a": "{\"title\":\"一\"}\n{\"title\":\"二\"}\n"])
        run.errorsAreTerminal = true
        run.clockStep = 200_000_000
        let errors = await run("import", "a").errors
        #expect(errors.hasPrefix("\r\u{1B}[K[==============                ] 46 %  1 article"))
        #expect(errors.hasSuffix("\r\u{1B}[K"))
        #expect(await run("import", "a", "--quiet").errors == "")
    }
}
