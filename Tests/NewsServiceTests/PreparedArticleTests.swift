import NewsMessages
import NewsModel
import NewsStore
import TestKit
import Testing

@testable import NewsService

@Suite("An article that waits to be written") struct PreparedArticleTests {
    private func draft(_ change: (inout Article) -> Void) -> ArticleDraft {
        var article = Article()
        article.title = "数字时代的图书馆"
        article.body = "第一段。\n第二段，含有更多的文字。"
        article.publishTime = Timestamp(Instant(microseconds: 1_772_150_400_000_000))
        article.publishTimePrecision = .day
        article.source = "新华社"
        change(&article)
        return ArticleDraft(article, zones: ZoneTable(storeZone: .utc) { _ in nil })
    }

    @Test("is the same draft after its record has been made", arguments: [false, true])
    func roundTrip(hasExcerpt: Bool) {
        var draft = draft { article in
            if hasExcerpt { article.excerpt = "摘要" }
            article.labels = ["a", "b"]
        }
        draft.pageOrder = 7
        draft.capture = [1, 2, 3]
        let firstID = draft.titleDay.id(ordinal: 0, sortDay: draft.sortDay)
        let article = PreparedArticle(draft, id: firstID, ChannelTable())
        #expect(article.preparedID == firstID && article.source == "新华社")
        let again = article.draft
        #expect(again.article == draft.article)
        #expect((again.channel, again.pageOrder) == (draft.channel, draft.pageOrder))
        #expect((again.sort, again.titleDay) == (draft.sort, draft.titleDay))
        #expect((again.counters, again.capture) == (draft.counters, draft.capture))
    }

    @Test("is made into the record that the draft makes, under whatever id it gets") func otherID() {
        let draft = draft { _ in }
        let item = ImportItem(index: 0, draft: draft, id: nil, ChannelTable())
        let article = item.article
        for ordinal in 0..<2 {
            let id = draft.titleDay.id(ordinal: ordinal, sortDay: draft.sortDay)
            #expect(article.record(id, channel: nil) == draft.record(id, channel: nil))
        }
    }

    @Test("waits as a draft while its channel is not there") func newChannel() {
        let draft = draft { $0.channel = "要闻" }
        let item = ImportItem(index: 0, draft: draft, id: nil, ChannelTable())
        let article = item.article
        #expect(article.preparedID == nil && article.channelText == "要闻")
        #expect(article.draft.channel == "要闻")
    }
}
