import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import Testing

@Suite("ImportArticles") struct ImportArticlesTests {
    private func list(_ harness: ServiceHarness, since: String = "", until: String = "") throws -> [Article] {
        var request = ListArticlesRequest()
        request.since = since
        request.until = until
        let response: ListArticlesResponse = try harness.call(.newsServiceListArticles, request)
        #expect(response.nextPageToken.isEmpty && response.unreachable.isEmpty)
        return response.articles
    }

    private func outcomes(_ responses: [ImportArticlesResponse]) -> [ImportOutcome] {
        responses.flatMap { $0.results.map(\.outcome) }
    }

    /// A store with the two captures of the project.
    private func harnessWithSamples(slots: Int? = nil) throws -> ServiceHarness {
        let harness = try ServiceHarness(slots: slots)
        let responses = try harness.importAll([
            Samples.request(Samples.listing, sequence: 1), Samples.request(Samples.damaged, sequence: 2),
        ])
        #expect(responses.map(\.sequence) == [1, 2])
        #expect(outcomes(responses) == [ImportOutcome](repeating: .created, count: 12))
        return harness
    }

    @Test("of the sample captures lists the ten items in the order of the page")
    func samples() throws {
        let harness = try harnessWithSamples()
        defer { harness.close() }
        let items = try list(harness, since: "2026-02")
        #expect(items.compactMap { $0.stats?.viewCount } == [62, 59, 59, 68, 58, 60, 56, 57, 63, 58])
        #expect(items.allSatisfy { $0.stats?.commentCount == 0 && $0.stats?.known == [.views, .comments] })
        #expect(items.allSatisfy { $0.publishTimePrecision == .day && !$0.excerpt.isEmpty && $0.body.isEmpty })
        #expect(items.map { $0.publishTime?.text }.prefix(3) == ArraySlice(repeating: "2026-03-04T16:00:00Z", count: 3))
        #expect(try list(harness, since: "2026-02", until: "2026-02").compactMap { $0.stats?.viewCount } == [63, 58])
        #expect(items.allSatisfy { $0.state == .active && $0.revision > 0 && $0.etag == "\"\($0.revision)\"" })
    }

    @Test("of the sample captures keeps the article with its minute, counts and texts")
    func sampleArticle() throws {
        let harness = try harnessWithSamples()
        defer { harness.close() }
        let rows = try list(harness, since: "2024-03", until: "2024-03")
        let row = try #require(rows.first)
        #expect(rows.count == 1)
        #expect(row.publishTime?.text == "2024-03-13T07:55:00Z")
        #expect(row.publishTimePrecision == .minute)
        #expect(row.timeZone == "Asia/Shanghai")
        #expect(row.stats?.viewCount == 480 && row.stats?.shareCount == 3)
        #expect(row.editor == "huamei" && row.source == "浙江省药监局")
        #expect(row.channelDisplayName == "资讯" && row.channel.hasPrefix("channels/c-"))
        var get = GetArticleRequest()
        get.name = row.name
        let article: Article = try harness.call(.newsServiceGetArticle, get)
        #expect(article.body.components(separatedBy: "\n\n").count == 4)
        #expect(article.bodyLength == Int32(article.body.unicodeScalars.count))
        #expect(article.bodySha256 == SHA256.hash(Array(article.body.utf8)))
        #expect(article.capture == nil)
        get.view = .capture
        let captured: Article = try harness.call(.newsServiceGetArticle, get)
        #expect(captured.capture?.content == (try Samples.bytes(Samples.listing)))
        #expect(captured.capture?.fileName == Samples.listing)
        var without = captured
        without.capture = nil
        #expect(without == article)
    }

    @Test("of the damaged sample makes an article without a date, last in the list and in none with bounds")
    func undated() throws {
        let harness = try harnessWithSamples()
        defer { harness.close() }
        let all = try list(harness)
        #expect(all.count == 12)
        let last = try #require(all.last)
        #expect(last.publishTime == nil && last.publishTimePrecision == .unknown)
        #expect(last.name.hasPrefix("articles/00000000-"))
        #expect(last.source == "中国质量报" || last.source == "中國質量報")
        #expect(last.textIssues.isEmpty)
        #expect(try list(harness, since: "0001").count == 11)
        var get = GetArticleRequest()
        get.name = last.name
        let article: Article = try harness.call(.newsServiceGetArticle, get)
        #expect(article.textIssues.count > 300)
        #expect(article.body.components(separatedBy: "\n\n").count == 7)
    }

    @Test("of the same pages again changes nothing, however many slots a period has", arguments: [1, 2, 4, 16])
    func again(slots: Int) throws {
        let harness = try harnessWithSamples(slots: slots)
        defer { harness.close() }
        let before = try list(harness)
        harness.clock.advance(by: .seconds(3600))
        let responses = try harness.importAll([
            Samples.request(Samples.damaged), Samples.request(Samples.listing),
        ])
        #expect(outcomes(responses) == [ImportOutcome](repeating: .unchanged, count: 12))
        #expect(try list(harness) == before)
    }

    @Test("takes the zone of a capture from the request")
    func zone() throws {
        let harness = try ServiceHarness(timeZone: "UTC")
        defer { harness.close() }
        _ = try harness.importAll([Samples.request(Samples.listing, timeZone: "Asia/Shanghai")])
        let article = try #require(try list(harness, since: "2024-03", until: "2024-03").first)
        #expect(article.publishTime?.text == "2024-03-13T07:55:00Z")
        #expect(article.timeZone == "Asia/Shanghai")
        // What was printed as a day is that day for every reader, and is shown as the publisher's.
        let day = try #require(try list(harness, since: "2026-03-05").first)
        #expect(day.publishTime?.text == "2026-03-04T16:00:00Z")
        #expect(try list(harness, since: "2026-03-05").count == 3)
    }

    @Test("of an article after its row fills the row's article, and of the row again changes only counts")
    func rowThenArticle() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        _ = try harness.importAll([Samples.request(Samples.listing)])
        let row = try #require(try list(harness, since: "2026-03-03", until: "2026-03-03").first)
        var page = Article()
        page.title = row.title
        page.body = "第一段。\n\n第二段。"
        page.source = "某局"
        page.publishTime = try .at("2026-03-03T10:30:00+08:00")
        page.publishTimePrecision = .minute
        var stats = ArticleStats()
        stats.viewCount = 100
        page.stats = stats
        let first = try harness.importAll([.article(page)])
        #expect(outcomes(first) == [.updated])
        #expect(first[0].results[0].name == row.name)
        #expect(try list(harness).count == 11)
        var get = GetArticleRequest()
        get.name = row.name
        let filled: Article = try harness.call(.newsServiceGetArticle, get)
        #expect(filled.body == page.body && filled.source == "某局" && filled.excerpt == row.excerpt)
        #expect(filled.publishTimePrecision == .minute && filled.publishTime?.text == "2026-03-03T02:30:00Z")
        #expect(filled.stats?.viewCount == 100 && filled.stats?.commentCount == 0)
        #expect(filled.revision > row.revision)

        #expect(outcomes(try harness.importAll([.article(page)])) == [.unchanged])
        let rows = outcomes(try harness.importAll([Samples.request(Samples.listing)]))
        #expect(rows.filter { $0 == .updated }.count == 1 && rows.filter { $0 == .unchanged }.count == 10)
        let after: Article = try harness.call(.newsServiceGetArticle, get)
        #expect(after.stats?.viewCount == 68)
        #expect(after.body == filled.body && after.publishTimePrecision == .minute)
        #expect(after.revision == filled.revision && after.etag == filled.etag)
    }

    @Test("keeps two items of one title and two dates, and two equal rows of one page, apart")
    func equalTitles() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        _ = try harness.importAll([Samples.request(Samples.listing)])
        let titles = try list(harness, since: "2026-02").map(\.title)
        #expect(titles[1] == titles[5])
        #expect(Set(titles).count == 9)

        let row = "同样的标题\n同样的摘要\n\n0评论2026-01-0562\n"
        let rows = row + "\n" + row
        let page = "分享好友 资讯首页 资讯分类 切换频道\n\n" + rows
        let first = outcomes(try harness.importAll([.capture(page)]))
        #expect(first == [.created, .created])
        #expect(outcomes(try harness.importAll([.capture(page)])) == [.unchanged, .unchanged])
        #expect(try list(harness, since: "2026-01", until: "2026-01").count == 2)
    }

    @Test("takes another source for another article and an empty one for any")
    func sources() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        func article(_ source: String) throws -> ImportArticlesRequest {
            var article = Article()
            article.title = "One title"
            article.source = source
            article.publishTime = try .at("2026-02-27T00:00:00+08:00")
            article.publishTimePrecision = .day
            return .article(article)
        }
        let responses = try harness.importAll([article("A"), article("B"), article(""), article("B"), article("A")])
        #expect(outcomes(responses) == [.created, .created, .unchanged, .unchanged, .unchanged])
        let names = responses.map { $0.results[0].name }
        #expect(names[0] != names[1] && names[2] == names[0] && names[3] == names[1] && names[4] == names[0])
    }

    @Test("of a named article writes the article of that name")
    func named() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var article = Article()
        article.name = "articles/my-own-id"
        article.title = "First title"
        article.publishTime = try .at("2026-02-27T12:00:00Z")
        #expect(outcomes(try harness.importAll([.article(article)])) == [.created])
        article.title = "Second title"
        #expect(outcomes(try harness.importAll([.article(article), .article(article)])) == [.updated, .unchanged])
        // Without a time, it is still that article.
        article.publishTime = nil
        article.editor = "someone"
        #expect(outcomes(try harness.importAll([.article(article)])) == [.updated])
        let all = try list(harness)
        #expect(all.map(\.title) == ["Second title"] && all.map(\.editor) == ["someone"])
        #expect(all[0].publishTime?.text == "2026-02-27T12:00:00Z")
        // Moving it into another shard is not offered yet.
        article.publishTime = try .at("2026-04-01T12:00:00Z")
        let refused = try harness.importAll([.article(article)])[0].results[0]
        #expect(refused.outcome == .rejected && refused.error?.reason == "PERIOD_CHANGED")
        #expect(try list(harness) == all)
    }

    @Test("answers an item at fault and goes on")
    func faults() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var untitled = Article()
        untitled.body = "text"
        var good = Article()
        good.title = "Good"
        var late = Article()
        late.title = "Line\nbreak"
        var badName = good
        badName.name = "channels/abcd"
        let requests: [ImportArticlesRequest] = [
            .article(untitled, sequence: 1), ImportArticlesRequest(), .article(late, sequence: 3),
            .article(badName, sequence: 4), .capture("", sequence: 5),
            .capture("x", sequence: 6, timeZone: "Mars/Base"), .article(good, sequence: 7),
        ]
        let responses = try harness.importAll(requests)
        #expect(responses.map(\.sequence) == [1, 0, 3, 4, 5, 6, 7])
        let errors = responses.map { $0.results.first?.error }
        #expect(
            errors.map { $0?.reason } == [
                "FIELD_REQUIRED", "FIELD_REQUIRED", "FIELD_INVALID", "NAME_INVALID", "CAPTURE_UNREADABLE",
                "TIME_INVALID", nil,
            ])
        #expect(
            errors.map { $0?.field } == [
                "article.title", "item", "article.title", "article.name", "", "capture.time_zone", nil,
            ])
        #expect(outcomes(responses).last == .created)
    }

    @Test("answers text with U+0000 by its sequence, and ends on bytes that are no request")
    func malformed() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var article = Article()
        article.title = "a\0b"
        let (messages, status) = harness.importBytes([
            ImportArticlesRequest.article(article, sequence: 300).encoded(), [0xff, 0xff],
        ])
        #expect(status.code == .internalError)
        #expect(try RefusedCall(decoding: status).reason == "REQUEST_MALFORMED")
        let first = try ImportArticlesResponse(try #require(messages.first))
        #expect(first.sequence == 300)
        #expect(first.results.first?.error?.reason == "TEXT_INVALID")
        #expect(first.results.first?.error?.field == "article.title")
    }

    @Test("stores many articles of a stream in its order")
    func many() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let requests = try (0..<600).map { number in
            var article = Article()
            article.title = "Article \(number)"
            article.publishTime = try .at("2026-02-27T00:00:00Z")
            article.publishTime?.seconds += Int64(number)
            return ImportArticlesRequest.article(article, sequence: Int64(number))
        }
        let responses = try harness.importAll(requests)
        #expect(responses.map(\.sequence) == (0..<600).map { Int64($0) })
        #expect(outcomes(responses).allSatisfy { $0 == .created })
        #expect(harness.store.articleCount == 600)
    }
}

extension String {
    func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
