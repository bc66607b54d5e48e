import GRPCCall
import GRPCWire
import NewsMessages
import NewsModel
import Testing

@testable import NewsService

@Suite("What a list took") struct ListTraceTests {
    /// 60 articles in three months, of two channels and five sources in turn.
    private func filled() throws -> ServiceHarness {
        let harness = try ServiceHarness()
        let requests = (0..<60).map { number in
            var article = Article()
            article.title = "Title \(number)"
            // The tenth of October, November or December 2025.
            let day = [20371, 20402, 20432][number % 3] * 86_400
            article.publishTime = Timestamp(Instant(microseconds: Int64(day + 14_400 + number) * 1_000_000))
            article.publishTimePrecision = .second
            article.channel = number % 2 == 0 ? "even" : "odd"
            article.source = "Source \(number % 5)"
            var request = ImportArticlesRequest()
            request.item = .article(article)
            return request
        }
        #expect(try harness.importAll(requests).count == 60)
        return harness
    }

    /// - Returns: the trailer's numbers by their names, and how many articles were listed.
    private func trace(
        _ harness: ServiceHarness, _ change: (inout ListArticlesRequest) -> Void
    ) throws -> (fields: [String: String], count: Int) {
        var request = ListArticlesRequest()
        change(&request)
        let bytes = try harness.call(.newsServiceListArticles, bytes: request.encoded(), isTraced: true).get()
        let page = try ListArticlesResponse(decoding: bytes.span)
        let trailers = try #require(harness.context.takeReplyExtras().fields?.trailers)
        let field = try #require(trailers.fields.first { $0.name == "newsrpc-trace" })
        let pairs = String(decoding: field.value, as: UTF8.self).split(separator: " ").map { $0.split(separator: "=") }
        return (Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0[1])) }), page.articles.count)
    }

    @Test("a filter reads no more rows than it lists, and one for the next page", arguments: [5, 50])
    func filters(pageSize: Int) throws {
        let harness = try filled()
        defer { harness.close() }
        let byChannel = try trace(harness) { request in
            request.channel = "odd"
            request.pageSize = Int32(pageSize)
        }
        #expect(byChannel.count == min(30, pageSize))
        #expect(byChannel.fields["index"] == "channel-index")
        #expect(byChannel.fields["rows"] == "\(min(30, pageSize + 1))")
        let bySource = try trace(harness) { request in
            request.source = "Source 3"
            request.pageSize = Int32(pageSize)
        }
        #expect(bySource.count == min(12, pageSize))
        #expect(bySource.fields["index"] == "source-index")
        #expect(bySource.fields["rows"] == "\(min(12, pageSize + 1))")
    }

    @Test("a range of time looks into its own shards alone")
    func shards() throws {
        let harness = try filled()
        defer { harness.close() }
        let all = try trace(harness) { _ in }
        #expect(all.fields["index"] == "rows" && all.fields["rows"] == "51" && all.count == 50)
        let month = try trace(harness) { request in
            request.since = "2025-11-05"
            request.until = "2025-11-20"
        }
        #expect(month.count == 20 && month.fields["rows"] == "20")
        // The month itself, and where articles sort of which only the month or year is known.
        #expect(Int(month.fields["shards"] ?? "") ?? 9 <= 2)
        let oldest = try trace(harness) { $0.orderBy = "publish_time" }
        #expect(oldest.fields["index"] == "oldest")
        #expect(Int(oldest.fields["bytes"] ?? "") ?? 0 > 50 * 100)
    }

    @Test("nobody is told who does not ask")
    func untraced() throws {
        let harness = try filled()
        defer { harness.close() }
        let _: ListArticlesResponse = try harness.call(.newsServiceListArticles, ListArticlesRequest())
        #expect(harness.context.takeReplyExtras().fields == nil)
    }
}
