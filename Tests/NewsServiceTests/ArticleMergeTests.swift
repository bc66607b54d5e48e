import NewsMessages
import NewsModel
import NewsStore
import Testing

@testable import NewsService

@Suite("Merging what is imported") struct ArticleMergeTests {
    /// A listing's row.
    static let listingRow: Article = {
        var row = Article()
        row.title = "Title"
        row.excerpt = "Printed excerpt"
        row.publishTime = Timestamp(.epoch)
        row.publishTimePrecision = .day
        row.timeZone = "UTC"
        return row.hashed
    }()

    /// The article's own page.
    static let page: Article = {
        var page = Article()
        page.title = " Title "
        page.body = "The body."
        page.bodyFormat = .plain
        page.source = "Source"
        page.editor = "editor"
        page.channel = "channels/news"
        page.publishTime = Timestamp(Instant(microseconds: 3_600_000_000))
        page.publishTimePrecision = .minute
        page.timeZone = "UTC"
        page.labels = ["label"]
        page.textIssues = [TextIssue()]
        page.byline = Byline()
        page.byline?.reporters = ["reporter"]
        return page.hashed
    }()

    @Test("gives the same whichever comes first, but for the excerpt that only the row prints")
    func anyOrder() {
        let rowFirst = Self.listingRow.excerpted().merged(with: Self.page)
        var pageFirst = Self.page.excerpted().merged(with: Self.listingRow)
        #expect(pageFirst.excerpt == "The body.")
        pageFirst.excerpt = rowFirst.excerpt
        pageFirst.title = rowFirst.title
        #expect(rowFirst == pageFirst)
        #expect(rowFirst.excerpt == "Printed excerpt" && rowFirst.publishTimePrecision == .minute)
    }

    @Test("changes nothing the second time", arguments: [listingRow, page], [listingRow, page])
    func idempotence(first: Article, second: Article) {
        let once = first.excerpted().merged(with: second)
        #expect(once.merged(with: second) == once)
        #expect(once.merged(with: first).merged(with: second) == once.merged(with: first))
    }

    @Test("takes a newer text with its hash, and makes an excerpt again that was made from the old one")
    func newerText() {
        var newer = Self.page
        newer.body = "Another body."
        let old = Self.page.excerpted()
        let merged = old.merged(with: newer.hashed)
        #expect(merged.body == "Another body." && merged.excerpt == "Another body.")
        #expect(merged.bodySha256 == SHA256.hash(Array("Another body.".utf8)))
        #expect(merged.bodyLength == 13)
        #expect(merged.textIssues == newer.textIssues)
    }

    @Test("keeps the damage that was found when the same text comes without it, and forgets it with the text")
    func textIssues() {
        var again = Self.page
        again.textIssues = []
        #expect(Self.page.merged(with: again).textIssues == Self.page.textIssues)
        again.body = "Another body."
        #expect(Self.page.merged(with: again.hashed).textIssues.isEmpty)
    }

    @Test("keeps the finer time and takes one that is as fine")
    func times() {
        var later = Self.listingRow
        later.publishTime = Timestamp(Instant(microseconds: 86_400_000_000))
        #expect(Self.listingRow.merged(with: later).publishTime == later.publishTime)
        #expect(Self.page.merged(with: later).publishTime == Self.page.publishTime)
        var timeless = Self.listingRow
        timeless.publishTime = nil
        timeless.publishTimePrecision = .unknown
        #expect(Self.listingRow.merged(with: timeless).publishTime == Self.listingRow.publishTime)
        #expect(timeless.merged(with: Self.listingRow).publishTime == Self.listingRow.publishTime)
    }

    @Test("fills gaps of an article with a text from a row, and nothing else")
    func gaps() {
        var row = Self.listingRow
        row.source = "Row source"
        row.subtitle = "Row subtitle"
        row.labels = ["other"]
        let merged = Self.page.merged(with: row)
        #expect(merged.source == "Source" && merged.subtitle == "Row subtitle" && merged.labels == ["label"])
        #expect(merged.textIssues.count == 1)
    }

    @Test("leaves out of the row what only the whole article has")
    func row() throws {
        let row = try Article(decoding: EncodedRow.content(of: Self.page.encoded()).bytes.span)
        #expect(row.body.isEmpty && row.textIssues.isEmpty)
        #expect(row.bodyLength == 9 && row.bodySha256.count == 32)
    }
}
