import CLIKit
import NewsClient
import NewsMessages
import Testing

@Suite("list") struct ListCommandTests {
    private func run(
        _ articles: [Article] = [SampleArticles.listed(), SampleArticles.full(), SampleArticles.bare()]
    ) -> CLIRun {
        let run = CLIRun()
        run.server.on("ListArticles") { (_: ListArticlesRequest) in
            var page = ListArticlesResponse()
            page.articles = articles
            return page
        }
        return run
    }

    @Test("prints TSV with a head line to a pipe, and cuts nothing")
    func pipe() async {
        let long = String(repeating: "药", count: 200)
        let outcome = await run([SampleArticles.listed(long), SampleArticles.bare()])("list")
        #expect(
            outcome
                == CLIRun.Outcome(
                    output: """
                        date\tviews\tcomments\tchannel\tsource\ttitle\teditor\t\
                        likes\tfavorites\ttips\tshares\tpublish_time\tname
                        2026-03-05\t59\t0\t资讯\t\t\(long)\t\t\t\t\t\t2026-03-04T16:00:00Z\tarticles/20260305-0h2v8k4mq1ts
                        \t\t\t\t\t長三角首個生物醫藥行業質量提升示范試點項目通過驗收\t\t\t\t\t\t\tarticles/00000000-3m5n7p9r1t3v

                        """, errors: "", code: 0))
    }

    @Test("prints a table to a terminal, cut to its width")
    func terminal() async {
        var run = run()
        run.terminal = 80
        let outcome = await run("list", "--color", "never")
        #expect(
            outcome.output == """
                DATE              VIEWS  COMMENTS  CHANNEL  SOURCE        TITLE
                2026-03-05           59         0  资讯     -             国家药监局召开挂职干…
                2024-03-13 15:55    480         0  资讯     浙江省药监局  温州市局以三“量”全面…
                -                     -         -  -        -             長三角首個生物醫藥行…

                """)
        #expect(outcome.output.split(separator: "\n").allSatisfy { DisplayWidth().columns(of: $0) <= 80 })
        #expect(outcome.code == 0)
        #expect(await run("list").output.hasPrefix("\u{1B}[1mDATE "))
        #expect(
            await run("list", "--width", "40").output.split(separator: "\n").dropFirst().allSatisfy { line in
                DisplayWidth().columns(of: line) <= 40
            })
    }

    @Test("prints a whole table with -o table to a pipe")
    func wholeTable() async {
        let outcome = await run()("list", "-o", "table")
        #expect(
            outcome.output == """
                DATE              VIEWS  COMMENTS  CHANNEL  SOURCE        TITLE
                2026-03-05           59         0  资讯     -             国家药监局召开挂职干部座谈会
                2024-03-13 15:55    480         0  资讯     浙江省药监局  温州市局以三“量”全面推动药品检查工作提质增效
                -                     -         -  -        -             長三角首個生物醫藥行業質量提升示范試點項目通過驗收

                """)
    }

    @Test("prints one JSON object on each line: numbers, short enumerations, known counters")
    func jsonLines() async {
        let outcome = await run([SampleArticles.listed(), SampleArticles.bare()])("list", "-o", "jsonl")
        #expect(
            outcome.output == """
                {"name":"articles/20260305-0h2v8k4mq1ts","title":"国家药监局召开挂职干部座谈会",\
                "excerpt":"近日,国家药监局召开挂职干部座谈会","publishTime":"2026-03-04T16:00:00Z","publishTimePrecision":"DAY",\
                "channel":"channels/zixun","stats":{"viewCount":59,"commentCount":0},"revision":9007199254740993,\
                "timeZone":"Asia/Shanghai","channelDisplayName":"资讯"}
                {"name":"articles/00000000-3m5n7p9r1t3v","title":"長三角首個生物醫藥行業質量提升示范試點項目通過驗收",\
                "publishTimePrecision":"UNKNOWN"}

                """)
    }

    @Test("prints one JSON array with -o json, over all pages")
    func jsonArray() async {
        var article = Article()
        article.name = "articles/a"
        let outcome = await run([article, article])("list", "-o", "json")
        #expect(
            outcome.output == """
                [
                  {
                    "name": "articles/a"
                  },
                  {
                    "name": "articles/a"
                  }
                ]

                """)
    }

    @Test(
        "prints names alone, CSV, and a wide table",
        arguments: [
            ("name", "articles/20260305-0h2v8k4mq1ts\n"),
            (
                "csv",
                "date,views,comments,channel,source,title,editor,likes,favorites,tips,shares,publish_time,name\n"
                    + "2026-03-05,59,0,资讯,,\"a,b\",,,,,,2026-03-04T16:00:00Z,articles/20260305-0h2v8k4mq1ts\n"
            ),
            (
                "wide",
                "DATE        VIEWS  COMMENTS  LIKES  FAVORITES  TIPS  SHARES  CHANNEL  SOURCE  EDITOR  TITLE  NAME\n"
                    + "2026-03-05     59         0      -          -     -       -  资讯     -       -       a,b    "
                    + "articles/20260305-0h2v8k4mq1ts\n"
            ),
        ])
    func otherFormats(format: String, expected: String) async {
        let outcome = await run([SampleArticles.listed("a,b")])("list", "-o", format)
        #expect(outcome == CLIRun.Outcome(output: expected, errors: "", code: 0))
    }

    @Test(
        "says on the errors that there is nothing, and ends with 0",
        arguments: [
            (
                "tsv",
                "date\tviews\tcomments\tchannel\tsource\ttitle\teditor\tlikes\tfavorites\ttips\tshares\t"
                    + "publish_time\tname\n"
            ),
            ("table", ""), ("json", "[]\n"), ("jsonl", ""), ("name", ""),
        ])
    func empty(format: String, expected: String) async {
        let outcome = await run([])("list", "-o", format)
        #expect(outcome == CLIRun.Outcome(output: expected, errors: "no articles\n", code: 0))
        #expect(await run([])("list", "-o", format, "--quiet").errors == "")
    }

    @Test("sends its options as they are, relative times too")
    func request() async throws {
        let run = run()
        _ = await run(
            "list", "--since", "-7d", "--until", "2026-02", "--channel", "资讯", "--source", "浙江省药监局", "--limit", "7",
            "--sort", "oldest",
            "--tz", "Asia/Shanghai", "--timeout", "250ms")
        var expected = ListArticlesRequest()
        expected.since = "-7d"
        expected.until = "2026-02"
        expected.channel = "资讯"
        expected.source = "浙江省药监局"
        expected.pageSize = 7
        expected.orderBy = "publish_time"
        expected.timeZone = "Asia/Shanghai"
        #expect(try run.server.requests("ListArticles", ListArticlesRequest.self) == [expected])
        #expect(run.server.timeouts == [.milliseconds(250)])
    }

    /// A store of so many articles, served in pages no longer than 40.
    private func store(_ total: Int) -> CLIRun {
        let run = CLIRun()
        run.server.on("ListArticles") { (request: ListArticlesRequest) in
            let start = Int(request.pageToken) ?? 0
            let end = min(total, start + min(40, Int(request.pageSize)))
            var page = ListArticlesResponse()
            page.articles = (start..<end).map { number in
                var article = Article()
                article.name = "articles/\(number)"
                return article
            }
            page.nextPageToken = end < total ? String(end) : ""
            return page
        }
        return run
    }

    @Test(
        "follows page tokens up to the limit",
        arguments: [
            (["--limit", "100"], 100, [100, 60, 20]), ([], 50, [50, 10]),
            (["--limit", "0"], 130, [1000, 1000, 1000, 1000]), (["--limit", "40"], 40, [40]),
        ])
    func paging(arguments: [String], count: Int, pageSizes: [Int32]) async throws {
        let run = store(130)
        let outcome = await run.run(["list", "-o", "name"] + arguments)
        #expect(outcome.output == (0..<count).map { "articles/\($0)\n" }.joined())
        #expect(try run.server.requests("ListArticles", ListArticlesRequest.self).map(\.pageSize) == pageSizes)
    }

    @Test("says on a terminal that there are more")
    func more() async {
        var run = store(60)
        run.terminal = 80
        #expect(await run("list").errors == "there are more; --limit 0 lists all\n")
        #expect(await store(60)("list").errors == "")
        var whole = store(50)
        whole.terminal = 80
        #expect(await whole("list").errors == "")
    }

    @Test("names what the server could not read, and ends with 3")
    func unreachable() async {
        let run = CLIRun()
        run.server.on("ListArticles") { (_: ListArticlesRequest) in
            var page = ListArticlesResponse()
            page.articles = [SampleArticles.listed()]
            page.unreachable = ["shards/2026-02"]
            return page
        }
        let outcome = await run("list", "-o", "name")
        #expect(
            outcome
                == CLIRun.Outcome(
                    output: "articles/20260305-0h2v8k4mq1ts\n",
                    errors: "newsrpc-cli: list: shards/2026-02 could not be read; the list lacks it\n", code: 3))
    }

    @Test("shows controls in what it prints to a terminal, and leaves them to other programs")
    func controls() async {
        var terminal = run([SampleArticles.listed("a\u{1B}[2Jb")])
        terminal.terminal = 120
        #expect(await terminal("list").output.contains("a␛[2Jb"))
        #expect(await run([SampleArticles.listed("a\u{1B}[2Jb")])("list").output.contains("a\u{1B}[2Jb"))
        #expect(
            await run([SampleArticles.listed("a\u{1B}[2Jb")])("list", "-o", "json").output.contains(#"a\u001b[2Jb"#))
    }

    @Test(
        "prints dates as precisely as they are known",
        arguments: [
            (.second, "2024-03-13 15:55:00"), (.minute, "2024-03-13 15:55"), (.day, "2024-03-13"), (.month, "2024-03"),
            (.year, "2024"),
            (.unspecified, "2024-03-13 15:55:00"), (.unknown, ""),
        ] as [(TimePrecision, String)])
    func dates(precision: TimePrecision, expected: String) async {
        var article = SampleArticles.full()
        article.publishTimePrecision = precision
        let outcome = await run([article])("list", "-o", "csv")
        #expect(
            outcome.output.split(separator: "\n").last?.split(separator: ",", omittingEmptySubsequences: false).first
                .map(String.init) == expected)
    }

    @Test("prints a time in UTC when its zone is unknown here, and says so")
    func unknownZone() async {
        var article = SampleArticles.full()
        article.timeZone = "Mars/Olympus"
        #expect(await run([article])("list", "-o", "csv").output.contains("\n2024-03-13 07:55Z,"))
    }

    @Test("tells with -v what the times were understood as")
    func verbose() async {
        let run = CLIRun()
        run.server.on("ListArticles") { (_: ListArticlesRequest) in
            var page = ListArticlesResponse()
            page.resolvedSince = SampleArticles.timestamp(1_769_875_200)
            return page
        }
        #expect(await run("list", "-v").errors == "from 2026-01-31T16:00:00Z to any time\nno articles\n")
    }
}
