import GRPCCall
import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import Testing

@Suite("The change feed") struct ChangeFeedTests {
    private func changes(
        _ harness: ServiceHarness, _ change: (inout ListArticleChangesRequest) -> Void = { _ in }
    ) throws -> ListArticleChangesResponse {
        var request = ListArticleChangesRequest()
        change(&request)
        return try harness.call(.newsServiceListArticleChanges, request)
    }

    @Test("begins with a bookmark and tells each change with its article")
    func watching() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        _ = try harness.create("Before", at: "2026-02-27T07:55:00Z")
        let watch = Watch(harness)
        let bookmark = try watch.responses(1)[0]
        #expect(bookmark.changes.isEmpty && !bookmark.position.isEmpty)
        let article = try harness.create("After", at: "2026-02-27T08:00:00Z", body: "Long text")
        let told = try watch.responses(2)[1]
        #expect(told.changes.map(\.kind) == [.created])
        #expect(told.changes[0].revision == article.revision)
        #expect(told.changes[0].article?.name == article.name && told.changes[0].article?.title == "After")
        #expect(told.changes[0].article?.body == "")
        #expect(told.changes[0].changeTime == article.updateTime)
        #expect(told.position != bookmark.position)
        watch.handler.ended()
    }

    @Test("goes on from any position, through older changes into new ones, without a gap and without a repetition")
    func resuming() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var titles: [String] = []
        for number in 0..<300 {
            titles.append("Title \(number)")
            _ = try harness.create(titles[number], at: "2026-0\(1 + number % 3)-10T07:55:00Z")
        }
        let start = try changes(harness) { $0.pageSize = 10 }
        #expect(start.changes.compactMap(\.article?.title) == Array(titles[..<10]))
        let watch = Watch(harness) { $0.position = start.nextPosition }
        var seen: [String] = []
        var count = 0
        while seen.count < 290 {
            count += 1
            seen += try watch.responses(count)[count - 1].changes.compactMap(\.article?.title)
            watch.handler.drained()
        }
        #expect(seen == Array(titles[10...]))
        _ = try harness.create("Live", at: "2026-05-10T07:55:00Z")
        while seen.last != "Live" {
            count += 1
            seen += try watch.responses(count)[count - 1].changes.compactMap(\.article?.title)
        }
        #expect(seen.count == 291)
        watch.handler.ended()
    }

    @Test("sends only what matches a channel or a source, and whole articles where they are wanted")
    func filters() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let byChannel = Watch(harness) { $0.channel = "资讯" }
        let bySource = Watch(harness) {
            $0.source = "Wire"
            $0.view = .full
        }
        _ = try byChannel.responses(1)
        _ = try bySource.responses(1)
        _ = try harness.create("Neither", at: "2026-02-01T00:00:00Z")
        _ = try harness.create("In the channel", at: "2026-02-02T00:00:00Z", channel: "资讯")
        _ = try harness.create("From the wire", at: "2026-02-03T00:00:00Z", source: "Wire", body: "Text")
        #expect(try byChannel.responses(2)[1].changes.map(\.article?.title) == ["In the channel"])
        let whole = try bySource.responses(2)[1].changes
        #expect(whole.map(\.article?.title) == ["From the wire"] && whole[0].article?.body == "Text")
        byChannel.handler.ended()
        bySource.handler.ended()
    }

    @Test("has a page for those who ask: changes, and where to go on")
    func polling() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        for number in 0..<5 { _ = try harness.create("Title \(number)", at: "2026-02-0\(1 + number)T00:00:00Z") }
        let first = try changes(harness) { $0.pageSize = 2 }
        #expect(first.changes.compactMap(\.article?.title) == ["Title 0", "Title 1"])
        #expect(first.nextPageToken == first.nextPosition)
        let second = try changes(harness) {
            $0.pageSize = 3
            $0.pageToken = first.nextPageToken
        }
        #expect(second.changes.count == 3 && second.nextPageToken.isEmpty)
        let none = try changes(harness) { $0.position = second.nextPosition }
        #expect(none.changes.isEmpty && none.nextPosition == second.nextPosition)
    }

    @Test("begins where a list ends: its position shows what the list does not")
    func listPosition() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        _ = try harness.create("Listed", at: "2026-02-01T00:00:00Z")
        let list: ListArticlesResponse = try harness.call(.newsServiceListArticles, ListArticlesRequest())
        _ = try harness.create("Later", at: "2026-02-02T00:00:00Z")
        let behind = try changes(harness) { $0.position = list.position }
        #expect(behind.changes.compactMap(\.article?.title) == ["Later"])
    }

    @Test("shows an article that changed twice once, as it is")
    func folding() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let article = try harness.create("First", at: "2026-02-01T00:00:00Z")
        var request = UpdateArticleRequest()
        request.article = Article()
        request.article?.name = article.name
        request.article?.title = "Second"
        let _: Article = try harness.call(.newsServiceUpdateArticle, request)
        let all = try changes(harness)
        #expect(all.changes.compactMap(\.article?.title) == ["Second"])
        #expect(all.changes.map(\.kind) == [.updated])
    }

    @Test("refuses positions of other stores, and asks who comes from nowhere to list again")
    func unknownPositions() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let other = FeedPosition(revision: 1).text(key: SipHash(key: [UInt8](repeating: 1, count: 32)))
        let ahead = FeedPosition(revision: 99).text(key: SipHash(key: harness.store.tokenKey))
        for position in [other, ahead, "nonsense"] {
            var request = ListArticleChangesRequest()
            request.position = position
            let refused = try harness.failure(.newsServiceListArticleChanges, request)
            #expect(refused.code == .outOfRange && refused.reason == "POSITION_UNKNOWN")
            let watch = Watch(harness) { $0.position = position }
            #expect(watch.sink.waitForEnd().status.code == .outOfRange)
        }
    }

    @Test("cuts off who does not read, with a word, and tells the others all the same")
    func slowReaders() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let slow = Watch(harness) { $0.view = .full }
        let quick = Watch(harness)
        _ = try slow.responses(1)
        _ = try quick.responses(1)
        let body = String(repeating: "text ", count: 40_000)
        for number in 0..<8 {
            _ = try harness.create("Long \(number)", at: "2026-02-01T00:00:0\(number)Z", body: body)
            quick.handler.drained()
        }
        let (_, status) = slow.sink.waitForEnd()
        #expect(try RefusedCall(decoding: status).reason == "WATCHER_TOO_SLOW")
        #expect(try quick.responses(9).suffix(8).flatMap(\.changes).count == 8)
        quick.handler.ended()
    }

    @Test("ends with the server, and says so")
    func draining() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let watch = Watch(harness)
        _ = try watch.responses(1)
        watch.handler.draining()
        let status = watch.sink.waitForEnd().status
        #expect(status.code == .unavailable)
        watch.handler.ended()
    }
}
