import Files
import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import TestKit
import Testing

@Suite("Damage on disk") struct DamageTests {
    /// A store with two articles of one month, of which one has a flipped bit where `mark` was stored.
    private func damaged(at mark: String) throws -> (harness: ServiceHarness, sound: String, broken: String) {
        let harness = try ServiceHarness()
        let sound = try harness.create("Sound", at: "2026-02-01T00:00:00Z")
        let broken = try harness.create(
            "TITLEMARK", at: "2026-02-27T00:00:00Z", body: String(repeating: "filler ", count: 30) + "BODYMARK")
        harness.close()
        let path = harness.directory.entry("data/shards/2026-02/data.mdb")
        var bytes = try FileSystem.read(path)
        let wanted = Array(mark.utf8)
        for start in 0...(bytes.count - wanted.count) where bytes[start..<start + wanted.count].elementsEqual(wanted) {
            bytes[start] ^= 1
        }
        try FileSystem.writeAtomically(path, bytes)
        return (try ServiceHarness(directory: harness.directory), sound.name, broken.name)
    }

    private func get(_ name: String) -> GetArticleRequest {
        var request = GetArticleRequest()
        request.name = name
        return request
    }

    @Test("of an article is DATA_LOSS for it alone, and shows in its shard's health")
    func article() throws {
        let (harness, sound, broken) = try damaged(at: "BODYMARK")
        defer { harness.close() }
        let refused = try harness.failure(.newsServiceGetArticle, get(broken))
        #expect(refused.code == .dataLoss && refused.reason == "CHECKSUM_MISMATCH")
        #expect(refused.metadata == ["name": broken, "shard": "2026-02"])
        let other: Article = try harness.call(.newsServiceGetArticle, get(sound))
        #expect(other.title == "Sound")
        #expect(harness.core.health.isServing("newsrpc.shard/2026-02") == false)
        #expect(harness.core.health.isServing("news.v1.NewsService") == true)
        var request = ListArticlesRequest()
        request.view = .full
        let list: ListArticlesResponse = try harness.call(.newsServiceListArticles, request)
        #expect(list.articles.map(\.name) == [sound] && list.unreachable == [broken])
    }

    @Test("of a row is named by the list, which has the others")
    func row() throws {
        let (harness, sound, broken) = try damaged(at: "TITLEMARK")
        defer { harness.close() }
        let list: ListArticlesResponse = try harness.call(.newsServiceListArticles, ListArticlesRequest())
        #expect(list.articles.map(\.name) == [sound])
        #expect(list.unreachable == [broken])
        #expect(list.nextPageToken.isEmpty)
    }

    @Test("of an article keeps no views of others from being counted, and names it; the call may be repeated")
    func views() throws {
        let (harness, sound, broken) = try damaged(at: "BODYMARK")
        defer { harness.close() }
        func record(_ names: [String], _ id: String) throws -> RecordViewsResponse {
            var request = RecordViewsRequest()
            request.requestId = id
            request.views = names.map { name in
                var delta = ViewDelta()
                (delta.name, delta.viewCount) = (name, 2)
                return delta
            }
            return try harness.call(.engagementServiceRecordViews, request)
        }
        for _ in 0..<2 {
            let answer = try record([broken, sound, "articles/20260227-absent"], "v-1")
            #expect(answer.recordedCount == 2 && answer.missingNames == ["articles/20260227-absent"])
            #expect(answer.errors.map(\.name) == [broken])
            #expect(answer.errors.first?.error?.code == 15)
            #expect(answer.errors.first?.error?.reason == "CHECKSUM_MISMATCH")
        }
        try harness.store.writeViews()
        var question = GetArticleStatsRequest()
        question.name = sound
        let stats: ArticleStats = try harness.call(.engagementServiceGetArticleStats, question)
        #expect(stats.viewCount == 2)
        // An id that counted nothing is free.
        #expect(try record([broken], "v-2").errors.count == 1)
        #expect(try record([sound], "v-2").recordedCount == 2)
    }
}
