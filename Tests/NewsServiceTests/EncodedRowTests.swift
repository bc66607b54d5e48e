import NewsMessages
import NewsModel
import NewsStore
import TestKit
import Testing

@testable import NewsService

@Suite("The row of a list") struct EncodedRowTests {
    @Test("has the bytes of its article without body and text issues", arguments: 0..<64)
    func bytes(fields: Int) {
        var article = Article()
        article.title = "数字时代的图书馆"
        if fields & 1 != 0 { article.body = String(repeating: "正文。", count: 300) }
        if fields & 2 != 0 {
            var issue = TextIssue()
            issue.raw = "\u{FFFD}"
            article.textIssues = [issue, issue]
        }
        if fields & 4 != 0 { article.bodyFormat = .html }
        if fields & 8 != 0 { article.labels = ["a", "b"] }
        if fields & 16 != 0 { article.subtitle = "behind them" }
        if fields & 32 != 0 { article.unknownFields = [0xA2, 0x06, 1, 7] }  // Number 100, one byte.
        var row = article
        row.body = ""
        row.textIssues = []
        #expect(EncodedRow.content(of: article.encoded()).bytes == row.encoded())
    }
}
