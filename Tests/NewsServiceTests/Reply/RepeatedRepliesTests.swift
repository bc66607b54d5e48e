import Bytes
import NewsMessages
import NewsModel
import NewsService
import Testing

@Suite("Repeated replies") struct RepeatedRepliesTests {
    private let arena = ByteArena()
    private let replies = RepeatedReplies()

    private func moment(_ changeNumber: UInt64 = 7, at microseconds: Int64 = 1_000_000) -> RepeatedReplies.Moment {
        RepeatedReplies.Moment(changeNumber: changeNumber, time: Instant(microseconds: microseconds))
    }

    private func learn(_ request: [UInt8], _ reply: [UInt8], _ moment: RepeatedReplies.Moment) {
        arena.removeAll()
        arena.append(reply)
        replies.learn(request.span, at: moment, arena, 0..<reply.count)
    }

    /// What a request is answered; `nil`: nothing is known.
    private func reply(_ request: [UInt8], _ moment: RepeatedReplies.Moment) -> [UInt8]? {
        arena.removeAll()
        guard replies.append(request.span, at: moment, to: arena) else { return nil }
        return arena.withBytes(in: 0..<arena.count) { [UInt8](copying: $0) }
    }

    @Test("are kept from the second time on, for the same bytes only")
    func second() {
        #expect(reply([1, 2], moment()) == nil)
        learn([1, 2], [9, 9, 9], moment())
        #expect(reply([1, 2], moment()) == nil)
        learn([1, 2], [9, 9, 9], moment())
        #expect(reply([1, 2], moment()) == [9, 9, 9])
        #expect(reply([1, 3], moment()) == nil && reply([1], moment()) == nil && reply([], moment()) == nil)
    }

    @Test("hold for one state of the store, and for 100 ms of a clock that goes forward")
    func life() {
        for _ in 0..<2 { learn([1], [5], moment()) }
        #expect(reply([1], moment(8)) == nil && reply([1], moment(6)) == nil)
        #expect(reply([1], moment(at: 1_000_000 + RepeatedReplies.lifetime - 1)) == [5])
        #expect(reply([1], moment(at: 1_000_000 + RepeatedReplies.lifetime)) == nil)
        #expect(reply([1], moment(at: 999_999)) == nil)
        #expect(reply([1], moment(at: .max)) == nil && reply([1], moment(at: .min)) == nil)
        learn([1], [6], moment(8))
        #expect(reply([1], moment(8)) == nil)
        learn([1], [6], moment(8))
        #expect(reply([1], moment(8)) == [6])
    }

    @Test("take 4 MiB at most, and none of them is a large one")
    func memory() {
        let large = [UInt8](repeating: 1, count: 100 << 10)
        for number in 0..<UInt8(200) {
            for _ in 0..<2 { learn([number], large, moment()) }
            #expect(replies.byteCount <= RepeatedReplies.byteCountMax)
            #expect(reply([number], moment())?.count == large.count)
        }
        #expect(replies.byteCount > RepeatedReplies.byteCountMax / 4)
        let huge = [UInt8](repeating: 1, count: (128 << 10) + 1)
        for _ in 0..<3 { learn([201], huge, moment()) }
        #expect(reply([201], moment()) == nil)
        let request = [UInt8](repeating: 1, count: 1025)
        for _ in 0..<3 { learn(request, [1], moment()) }
        #expect(reply(request, moment()) == nil)
    }

    @Test("never answer one request with the reply to another, however their places meet")
    func collisions() {
        for round in 0..<2 {
            for number in 0..<3000 {
                let request = Array("request \(number)".utf8)
                for _ in 0...round { learn(request, Array("reply \(number)".utf8), moment()) }
            }
        }
        var known = 0
        for number in 0..<3000 {
            guard let found = reply(Array("request \(number)".utf8), moment()) else { continue }
            known += 1
            #expect(found == Array("reply \(number)".utf8))
        }
        #expect(known > 500)
    }

    @Test("show what was written between two equal requests")
    func writes() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        func titles() throws -> [String] {
            let page: ListArticlesResponse = try harness.call(.newsServiceListArticles, ListArticlesRequest())
            return page.articles.map(\.title)
        }
        func isRepeated() throws {
            let request = ListArticlesRequest().encoded()
            let first = try harness.call(.newsServiceListArticles, bytes: request).get()
            for _ in 0..<3 {
                let next = try harness.call(.newsServiceListArticles, bytes: request).get()
                #expect(next == first)
            }
        }
        try isRepeated()
        let article = try harness.create("one", at: "2026-02-27T07:55:00Z")
        #expect(try titles() == ["one"])
        try isRepeated()
        _ = try harness.create("two", at: "2026-02-28T07:55:00Z")
        #expect(try titles() == ["two", "one"])
        try isRepeated()
        var delete = DeleteArticleRequest()
        delete.name = article.name
        let _: Article = try harness.call(.newsServiceDeleteArticle, delete)
        #expect(try titles() == ["two"])
    }

    @Test("show an article when its time has come, 100 ms late at most")
    func scheduled() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        _ = try harness.create("ahead", at: "2026-11-22T00:00:00.05Z")
        func count() throws -> Int {
            let page: ListArticlesResponse = try harness.call(.newsServiceListArticles, ListArticlesRequest())
            return page.articles.count
        }
        for _ in 0..<3 { #expect(try count() == 0) }
        harness.clock.advance(by: .milliseconds(100))
        #expect(try count() == 1)
    }

    @Test("show counters that an import has changed")
    func counters() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        func importViews(_ count: Int) throws {
            var request = ImportArticlesRequest()
            var article = Article()
            article.title = "counted"
            article.publishTime = try .at("2026-02-27T07:55:00Z")
            article.publishTimePrecision = .second
            var stats = ArticleStats()
            stats.viewCount = Int64(count)
            article.stats = stats
            request.item = .article(article)
            _ = try harness.importAll([request])
        }
        func views() throws -> [Int64] {
            let page: ListArticlesResponse = try harness.call(.newsServiceListArticles, ListArticlesRequest())
            return page.articles.map { $0.stats?.viewCount ?? -1 }
        }
        try importViews(5)
        for _ in 0..<3 { #expect(try views() == [5]) }
        try importViews(8)
        #expect(try views() == [8])
    }
}
