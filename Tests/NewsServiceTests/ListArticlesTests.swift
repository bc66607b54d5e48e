import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import Testing

@Suite("ListArticles") struct ListArticlesTests {
    private func list(
        _ harness: ServiceHarness, _ fill: (inout ListArticlesRequest) -> Void = { _ in }
    ) throws -> ListArticlesResponse {
        var request = ListArticlesRequest()
        fill(&request)
        return try harness.call(.newsServiceListArticles, request)
    }

    /// All pages of a list, and how many articles each has.
    private func pages(
        _ harness: ServiceHarness, size: Int32, _ fill: (inout ListArticlesRequest) -> Void = { _ in }
    ) throws -> (articles: [Article], counts: [Int]) {
        var articles: [Article] = []
        var counts: [Int] = []
        var token = ""
        repeat {
            let page = try list(harness) { request in
                fill(&request)
                request.pageSize = size
                request.pageToken = token
            }
            articles += page.articles
            counts.append(page.articles.count)
            token = page.nextPageToken
        } while !token.isEmpty && counts.count < 100
        return (articles, counts)
    }

    /// Articles of several months, some at one time, one without a date and one still to come.
    private func filled() throws -> ServiceHarness {
        let harness = try ServiceHarness()
        for (title, time) in [
            ("a", "2026-11-21T00:00:00Z"), ("b", "2026-02-27T07:55:00Z"), ("c", "2026-02-27T07:55:00Z"),
            ("d", "2026-01-01T00:00:00Z"), ("e", "2025-06-01T00:00:00Z"), ("f", "1969-12-31T00:00:00Z"),
            ("undated", ""), ("ahead", "2026-11-23T00:00:00Z"),
        ] {
            _ = try harness.create(title, at: time, source: title < "d" ? "early" : "late")
        }
        return harness
    }

    @Test("ends a page early when it has looked at many rows for it, and the next page goes on")
    func examined() throws {
        let harness = try ServiceHarness(examinedRowsMax: 40)
        defer { harness.close() }
        let requests = try (0..<42).map { number in
            var article = Article()
            article.title = "\(number)"
            article.source = "Wire"
            article.channel = number < 2 ? "wanted" : "other"
            article.publishTime = try .at("2026-02-10T00:00:00Z")
            article.publishTime?.seconds += Int64(number)
            return ImportArticlesRequest.article(article, sequence: Int64(number))
        }
        _ = try harness.importAll(requests)
        let found = try pages(harness, size: 50) {
            $0.source = "Wire"
            $0.channel = "wanted"
        }
        #expect(found.counts == [0, 2] && found.articles.map(\.title) == ["1", "0"])
    }

    @Test("gives the newest first, the undated last, and nothing that is still to come")
    func order() throws {
        let harness = try filled()
        defer { harness.close() }
        let titles = try list(harness).articles.map(\.title)
        #expect(Set(titles[1...2]) == ["b", "c"])
        #expect(titles.count == 7 && titles[0] == "a" && Array(titles[3...]) == ["d", "e", "f", "undated"])
        let oldest = try list(harness) { $0.orderBy = "publish_time" }.articles.map(\.title)
        #expect(Array(oldest[...2]) == ["f", "e", "d"] && oldest[5...] == ["a", "undated"])
        // Ties are in one order in both directions.
        #expect(Array(oldest[3...4]) == Array(titles[1...2]))
        harness.clock.advance(by: .seconds(2 * 86_400))
        #expect(try list(harness).articles.first?.title == "ahead")
    }

    @Test(
        "gives every article once over pages of any size, in both orders", arguments: [1, 2, 3, 7, 8],
        ["", "publish_time"])
    func paging(size: Int32, orderBy: String) throws {
        let harness = try filled()
        defer { harness.close() }
        let whole = try list(harness) { $0.orderBy = orderBy }.articles
        let paged = try pages(harness, size: size) { $0.orderBy = orderBy }
        #expect(paged.articles == whole)
        #expect(paged.counts.dropLast().allSatisfy { $0 == Int(size) })
    }

    @Test("takes page sizes as AIP-158 says")
    func pageSizes() throws {
        let harness = try ServiceHarness(examinedRowsMax: 40)
        defer { harness.close() }
        let requests = try (0..<60).map { number in
            var article = Article()
            article.title = "Article \(number)"
            article.publishTime = try .at("2026-02-27T00:00:00Z")
            return ImportArticlesRequest.article(article)
        }
        _ = try harness.importAll(requests)
        #expect(try list(harness).articles.count == 50)
        #expect(try list(harness) { $0.pageSize = 5000 }.articles.count == 60)
        #expect(try list(harness) { $0.pageSize = 60 }.nextPageToken.isEmpty)
        var request = ListArticlesRequest()
        request.pageSize = -1
        let refused = try harness.failure(.newsServiceListArticles, request)
        #expect(refused.reason == "FIELD_INVALID" && refused.fields == ["page_size"])
    }

    @Test("says what since and until were understood as, and keeps relative times from page to page")
    func bounds() throws {
        let harness = try filled()
        defer { harness.close() }
        let first = try list(harness) {
            $0.since = "-2d"
            $0.until = "now"
        }
        #expect(first.resolvedSince?.text == "2026-11-20T00:00:00Z")
        #expect(first.resolvedUntil?.text == "2026-11-22T00:00:00Z")
        #expect(first.articles.map(\.title) == ["a"])
        let unbounded = try list(harness)
        #expect(unbounded.resolvedSince == nil && unbounded.resolvedUntil == nil)

        let page = try list(harness) {
            $0.since = "-500d"
            $0.pageSize = 1
        }
        harness.clock.advance(by: .seconds(86_400))
        let next = try list(harness) {
            $0.since = "-500d"
            $0.pageSize = 10
            $0.pageToken = page.nextPageToken
        }
        #expect(next.resolvedSince == page.resolvedSince)
        #expect(next.articles.count == 3)
    }

    @Test(
        "takes months, years and zones",
        arguments: [
            ("2026-02", "2026-02", "", 2), ("2025", "2025", "", 1), ("2026-02-27", "", "", 3),
            ("2026-02-27T07:55:00Z", "2026-02-27T07:55:01Z", "", 2),
            ("2026-02-27T02:55", "2026-02-27T02:56", "America/New_York", 2), ("2026-02-28", "2026-02-27", "", 0),
        ])
    func windows(since: String, until: String, zone: String, count: Int) throws {
        let harness = try filled()
        defer { harness.close() }
        let found = try list(harness) {
            $0.since = since
            $0.until = until
            $0.timeZone = zone
        }
        #expect(found.articles.count == count)
    }

    @Test("lists what was printed as a month or year with every part of it")
    func coarse() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        _ = try harness.create("year", at: "2026-01-01T00:00:00+08:00", precision: .year)
        _ = try harness.create("month", at: "2026-02-01T00:00:00+08:00", precision: .month)
        _ = try harness.create("day", at: "2026-02-20T00:00:00+08:00", precision: .day)
        func titles(_ since: String, orderBy: String = "") throws -> [String] {
            let whole = try list(harness) {
                $0.since = since
                $0.orderBy = orderBy
            }.articles.map(\.title)
            let paged = try pages(harness, size: 1) {
                $0.since = since
                $0.orderBy = orderBy
            }.articles.map(\.title)
            #expect(paged == whole)
            return whole
        }
        #expect(try titles("2026-02-20T12:00") == ["day", "month", "year"])
        #expect(try titles("2026-02-20T12:00", orderBy: "publish_time") == ["year", "month", "day"])
        #expect(try titles("2026-02-21") == ["month", "year"])
        #expect(try titles("2026-03") == ["year"])
        #expect(try titles("2027") == [])
    }

    @Test("keeps to one channel, by name, id or display name, and to one source")
    func filters() throws {
        let harness = try filled()
        defer { harness.close() }
        let filed = try harness.create("filed", at: "2026-03-01T00:00:00Z", source: "late", channel: "Tech News")
        for channel in ["channels/tech-news", "tech-news", "Tech News", " Tech  News"] {
            #expect(try list(harness) { $0.channel = channel }.articles.map(\.name) == [filed.name])
        }
        #expect(try list(harness) { $0.channel = "other" }.articles.isEmpty)
        #expect(try list(harness) { $0.channel = "channels/other" }.articles.isEmpty)
        #expect(try list(harness) { $0.source = "early" }.articles.count == 3)
        #expect(try pages(harness, size: 1) { $0.source = "early" }.counts == [1, 1, 1])
        let both = try list(harness) {
            $0.source = "late"
            $0.channel = "tech-news"
        }
        #expect(both.articles.map(\.channelDisplayName) == ["Tech News"])
        let bounded = try list(harness) {
            $0.source = "late"
            $0.since = "2026"
        }
        #expect(bounded.articles.map(\.title) == ["filed", "d"])
    }

    @Test(
        "gives the view that was asked for, and pages it alike",
        arguments: [ArticleView.basic, .full, .capture])
    func views(view: ArticleView) throws {
        let harness = try filled()
        defer { harness.close() }
        let whole = try list(harness) { $0.view = view }.articles
        #expect(whole.count == 7 && whole.allSatisfy { $0.body.isEmpty == (view == .basic) })
        #expect(try pages(harness, size: 2) { $0.view = view }.articles == whole)
    }

    @Test("gives as long a page in a turn that has answered much before")
    func busyTurn() throws {
        let harness = try filled()
        defer { harness.close() }
        harness.earlierReplyByteCount = 8 << 20
        #expect(try list(harness).articles.count == 7)
    }

    @Test("ends a page of long articles before it is too long for a client")
    func longPages() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        for number in 0..<5 {
            let body = String(repeating: "文", count: 400_000) + "\(number)"
            _ = try harness.create("Long \(number)", at: "2026-02-2\(number)T00:00:00Z", body: body)
        }
        let paged = try pages(harness, size: 50) { $0.view = .full }
        #expect(paged.articles.map(\.title) == (0..<5).reversed().map { "Long \($0)" })
        #expect(paged.counts == [3, 2])
    }

    @Test(
        "refuses what it does not understand, and names the field",
        arguments: [
            ("since", "2026-13", "TIME_INVALID", "since \"2026-13\": month must be 01 to 12"),
            ("until", "tomorrow", "TIME_INVALID", nil), ("order_by", "title", "ORDER_INVALID", nil),
            ("order_by", "publish_time asc", "ORDER_INVALID", nil), ("time_zone", "Mars/Base", "TIME_INVALID", nil),
            ("time_zone", "../../etc/passwd", "TIME_INVALID", nil), ("channel", "channels/X", "NAME_INVALID", nil),
            ("page_token", "made-up", "PAGE_TOKEN_INVALID", nil),
        ] as [(String, String, String, String?)])
    func refusals(field: String, value: String, reason: String, message: String?) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var request = ListArticlesRequest()
        switch field {
        case "since": request.since = value
        case "until": request.until = value
        case "order_by": request.orderBy = value
        case "time_zone": request.timeZone = value
        case "channel": request.channel = value
        default: request.pageToken = value
        }
        let refused = try harness.failure(.newsServiceListArticles, request)
        #expect(refused.code == .invalidArgument && refused.reason == reason && refused.fields == [field])
        if let message { #expect(refused.message == message) }
    }

    @Test("binds a token to its request, its store and three days")
    func tokens() throws {
        let harness = try filled()
        defer { harness.close() }
        let page = try list(harness) { $0.pageSize = 2 }
        var request = ListArticlesRequest()
        request.pageToken = page.nextPageToken
        request.source = "late"
        #expect(try harness.failure(.newsServiceListArticles, request).reason == "PAGE_TOKEN_MISMATCH")
        request.source = ""
        let next: ListArticlesResponse = try harness.call(.newsServiceListArticles, request)
        #expect(next.articles.count == 5)
        let other = try ServiceHarness()
        defer { other.close() }
        #expect(try other.failure(.newsServiceListArticles, request).reason == "PAGE_TOKEN_INVALID")
        harness.clock.advance(by: .seconds(3 * 86_400 + 1))
        #expect(try harness.failure(.newsServiceListArticles, request).reason == "PAGE_TOKEN_INVALID")
    }

    @Test("goes on with a token after a restart")
    func restart() throws {
        let harness = try filled()
        let page = try list(harness) { $0.pageSize = 2 }
        let whole = try list(harness).articles
        harness.close()
        let again = try ServiceHarness(directory: harness.directory)
        defer { again.close() }
        let next = try list(again) { $0.pageToken = page.nextPageToken }
        #expect(page.articles + next.articles == whole)
    }
}
