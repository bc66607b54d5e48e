import NewsImport
import Testing

/// One fixture: the page as captured and what it says, worked out by hand.
struct PageFixture: Decodable {
    struct Expected: Decodable {
        var title: String?
        var published_at: String?
        var published_precision: String
        var views: Int64?
        var source: String?
        var authors: [String]?
        var reporters: [String]?
        var correspondents: [String]?
        var paragraphs: [String]
        var editor: String?
        var comments: Int64?
        var listing: [[String]]?
        var keywords: [String]?
        var breadcrumb: [String]?
        var category: String?
        var captions: [String]?
        var serial: String?
        var pages: Int?
        var size: String?
        var affiliation: String?
        var document_number: String?
        var signed_by: String?
        var issued: String?
        var effective: String?
        var tag: String?
        var damaged: Bool?
    }

    var id: String
    var expected: Expected
}

@Suite("Pages of many families")
struct PageFixtureTests {
    @Test("every value of a page is as worked out by hand", arguments: Fixture.pageNames)
    func values(name: String) throws {
        let expected = try Fixture.decode(PageFixture.self, "pages/\(name).json").expected
        let page = try CaptureReader.read(try Fixture.bytes("pages/\(name).txt"))
        #expect(page.title == expected.title ?? "")
        if let breadcrumb = expected.breadcrumb { #expect(page.breadcrumb == breadcrumb) }
        if let listing = expected.listing {
            #expect(page.main == nil)
            #expect(page.rows.map { [$0.published?.text ?? "", $0.title] } == listing)
            #expect(page.rows.map(\.pageOrder) == Array(1...listing.count))
            return
        }
        let article = try #require(page.main)
        #expect(page.rows.isEmpty)
        #expect(article.published?.text == expected.published_at)
        #expect(article.published?.precisionName ?? "unknown" == expected.published_precision)
        #expect(article.counts.views == expected.views)
        #expect(article.counts.comments == expected.comments)
        #expect(article.source == expected.source ?? "")
        #expect(article.editor == expected.editor ?? "")
        #expect(article.authors == expected.authors ?? [])
        #expect(article.reporters == expected.reporters ?? [])
        #expect(article.correspondents == expected.correspondents ?? [])
        #expect(article.paragraphs == expected.paragraphs)
        #expect(article.labels == expected.keywords ?? (expected.tag.map { [$0] } ?? []))
        #expect(article.issues.contains { $0.kind == .gloss } == expected.damaged ?? false)
        if let category = expected.category { #expect(article.channel == category) }
        if let captions = expected.captions { #expect(article.captions == captions) }
    }

    @Test("facts with labels are kept", arguments: Fixture.pageNames)
    func facts(name: String) throws {
        let expected = try Fixture.decode(PageFixture.self, "pages/\(name).json").expected
        let facts = try CaptureReader.read(try Fixture.bytes("pages/\(name).txt")).main?.facts ?? []
        func fact(_ labels: String...) -> String? { facts.first { labels.contains($0.label) }?.value }
        if let serial = expected.serial { #expect(fact("文档序号", "文档编号") == serial) }
        if let pages = expected.pages { #expect(fact("页数") == String(pages)) }
        if let size = expected.size { #expect(fact("大小") == size) }
        if let affiliation = expected.affiliation { #expect(fact("单位") == affiliation) }
        if let number = expected.document_number { #expect(fact("文号") == number) }
        if let signer = expected.signed_by { #expect(fact("局长") == signer) }
        if expected.issued != nil { #expect(fact("颁发日期") == "2014-1-13") }
    }
}
