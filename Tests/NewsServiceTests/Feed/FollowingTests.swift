import GRPCCall
import NewsMessages
import NewsModel
import NewsService
import TestKit
import Testing

/// A list, and a watch from that list's position on.
private final class Follower {
    /// Names with the revisions of their articles.
    private(set) var articles: [String: Int64] = [:]
    private let watch: Watch
    private var count = 0
    private var lastRevision: Int64 = 0

    init(_ harness: ServiceHarness) throws {
        let (listed, position) = try harness.listed()
        articles = listed
        watch = Watch(harness) { $0.position = position }
    }

    /// Applies what the watch tells, up to a revision.
    func follow(upTo last: Int64) throws {
        while lastRevision < last {
            let response = try watch.responses(count + 1)[count]
            count += 1
            for change in response.changes {
                #expect(change.revision > lastRevision, "a change came late, or twice")
                lastRevision = change.revision
                let name = try #require(change.article?.name)
                switch change.kind {
                case .deleted, .purged: articles[name] = nil
                default: articles[name] = change.revision
                }
            }
            watch.handler.drained()
        }
        watch.handler.ended()
    }
}

extension ServiceHarness {
    /// Names and revisions of all articles, page by page, and the position to watch from.
    fileprivate func listed() throws -> (articles: [String: Int64], position: String) {
        var request = ListArticlesRequest()
        request.pageSize = 7
        var articles: [String: Int64] = [:]
        var position = ""
        repeat {
            let page: ListArticlesResponse = try call(.newsServiceListArticles, request)
            if position.isEmpty { position = page.position }
            for article in page.articles { articles[article.name] = article.revision }
            request.pageToken = page.nextPageToken
        } while !request.pageToken.isEmpty
        return (articles, position)
    }
}

@Suite("Whoever lists and then watches") struct FollowingTests {
    private static func time(_ random: inout SeededGenerator) throws -> Timestamp {
        let (month, day) = (Int.random(in: 1...4, using: &random), Int.random(in: 10...28, using: &random))
        return try .at("2026-0\(month)-\(day)T08:00:00Z")
    }

    /// Begins one write of any kind.
    ///
    /// - Returns: `nil` when it was answered at once.
    private func write(_ harness: ServiceHarness, _ names: [String], _ random: inout SeededGenerator) throws
        -> TestSink?
    {
        let name = names.randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<2:
            var request = CreateArticleRequest()
            request.article = Article()
            request.article?.title = "new"
            request.article?.publishTime = try Self.time(&random)
            return harness.start(.newsServiceCreateArticle, request)
        case 2..<4:
            var request = DeleteArticleRequest()
            request.name = name
            if Bool.random(using: &random) { request.purgeDelay = ProtoDuration() }
            return harness.start(.newsServiceDeleteArticle, request)
        case 4..<6:
            var request = UndeleteArticleRequest()
            request.name = name
            return harness.start(.newsServiceUndeleteArticle, request)
        case let kind:
            var request = UpdateArticleRequest()
            request.article = Article()
            request.article?.name = name
            if kind < 8 {  // To another month, as often as not.
                request.article?.publishTime = try Self.time(&random)
            } else {
                request.article?.title = "changed \(Int.random(in: 0..<1000, using: &random))"
            }
            return harness.start(.newsServiceUpdateArticle, request)
        }
    }

    @Test("has the same list at the end, whatever was moved, deleted, brought back and purged meanwhile")
    func following() throws {
        var random = SeededGenerator.forTest("lists and watches")
        let harness = try ServiceHarness()
        defer { harness.close() }
        let names = try (10..<28).map { try harness.create("Title \($0)", at: "2026-02-\($0)T08:00:00Z").name }
        var followers: [Follower] = []
        for round in 0..<60 {
            let writes = try (0..<8).compactMap { _ in try write(harness, names, &random) }
            // In the middle of those writes.
            if round.isMultiple(of: 6) { followers.append(try Follower(harness)) }
            for write in writes { _ = write.waitForEnd() }
        }
        let last = try harness.create("the end", at: "2026-03-03T08:00:00Z")
        let listed = try harness.listed().articles
        #expect(listed.count > 10)
        for (number, follower) in followers.enumerated() {
            try follower.follow(upTo: last.revision)
            #expect(follower.articles == listed, "follower \(number)")
        }
    }
}
