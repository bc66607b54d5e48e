import NewsImport
import NewsModel
import Testing

/// Hand-checked values of the two sample captures.
struct Gold: Decodable {
    struct Text: Decodable { var repaired: String }
    struct Paragraph: Decodable {
        var repaired: String?
        var text: String?
    }
    struct Byline: Decodable { var correspondents: [String], reporters: [String] }
    struct Credit: Decodable { var repaired: String }
    struct Damage: Decodable {
        struct Glosses: Decodable { var count: Int, distinct_characters: Int }
        struct Other: Decodable { var kind: String, at: Int, raw: String, fixed: String, confidence: String }
        var glosses: Glosses
        var other: [Other]
    }
    struct Engagement: Decodable { var likes: Int64, favorites: Int64, tips: Int64, comments: Int64, shares: Int64 }
    struct Row: Decodable {
        var position: Int, title: String, excerpt: String, excerpt_raw: String, fused_raw: String
        var comments: Int64, date: String, views: Int64, lines: [Int]
    }
}

struct DamagedGold: Decodable {
    var title: Gold.Text, subtitle: Gold.Text, byline: Gold.Byline, credit: Gold.Credit
    var paragraphs: [Gold.Paragraph]
    var damage: Gold.Damage
}

struct ListingGold: Decodable {
    var title: String, channel: String, published_at: String, views: Int64, editor: String, source: String
    var paragraphs: [Gold.Paragraph]
    var engagement: Gold.Engagement
    var listing: [Gold.Row]
}

@Suite("The damaged sample")
struct DamagedSampleTests {
    static let name = "000_da504fa7611e0768"
    let gold: DamagedGold
    let page: CapturedPage
    let raw: [UInt8]

    init() throws {
        gold = try Fixture.decode(DamagedGold.self, "gold/\(Self.name).json")
        raw = try Fixture.sample(Self.name + ".txt")
        page = try CaptureReader.read(raw)
    }

    @Test("becomes one article, repaired, with its people and its paper, and without a time")
    func values() throws {
        #expect(page.articles.count == 1)
        let article = try #require(page.main)
        #expect(article.title == gold.title.repaired)
        #expect(article.subtitle == gold.subtitle.repaired)
        #expect(article.paragraphs == gold.paragraphs.map { $0.repaired ?? "" })
        #expect(article.correspondents == gold.byline.correspondents)
        #expect(article.reporters == gold.byline.reporters)
        #expect(article.source == String(gold.credit.repaired.dropFirst().dropLast()))
        #expect(article.published == nil)
        #expect(article.counts == CapturedCounts())
        #expect(article.editor == "")
        #expect(article.channel == nil)
        #expect(article.languageCode == "zh-Hant")
        #expect(Array(article.rawText.utf8) == raw)
    }

    @Test("repairs are listed with their places")
    func issues() throws {
        let article = try #require(page.main)
        let glosses = article.issues.filter { $0.kind == .gloss }
        #expect(glosses.count == gold.damage.glosses.count)
        #expect(Set(glosses.map(\.replacement)).count == gold.damage.glosses.distinct_characters)
        #expect(glosses.allSatisfy { $0.confidence == .certain })
        let others = article.issues.filter { $0.kind != .gloss }
        #expect(others.map(\.offset) == gold.damage.other.map(\.at))
        #expect(others.map(\.raw) == gold.damage.other.map(\.raw))
        #expect(others.map(\.replacement) == gold.damage.other.map(\.fixed))
        #expect(others.map(\.kind) == [.straddledGloss, .straddledGloss, .straddledPunctuation])
        #expect(others.allSatisfy { $0.confidence == .derived && $0.field == "body" })
        #expect(article.issues.first?.field == "title")
        #expect(article.issues.last?.field == "source")
    }

    @Test("issues applied to the capture give the repaired text")
    func application() throws {
        let article = try #require(page.main)
        let repaired = String(decoding: try Fixture.bytes("gold/\(Self.name).repaired.txt"), as: UTF8.self)
        #expect(try article.applyingIssues() == repaired)
    }
}

@Suite("The sample with a listing")
struct ListingSampleTests {
    static let name = "003_59471dc68994d382"
    let gold: ListingGold
    let page: CapturedPage

    init() throws {
        gold = try Fixture.decode(ListingGold.self, "gold/\(Self.name).json")
        page = try CaptureReader.read(try Fixture.sample(Self.name + ".txt"))
    }

    @Test("has its article with fused facts, counts and paragraphs")
    func article() throws {
        let article = try #require(page.articles.first)
        #expect(article.kind == .page)
        #expect(article.line == 3)
        #expect(article.title == gold.title)
        #expect(article.subtitle == "")
        #expect(article.channel == gold.channel)
        #expect(article.published?.text == gold.published_at)
        #expect(article.published?.precision == .minute)
        #expect(article.counts.views == gold.views)
        #expect(article.counts.likes == gold.engagement.likes)
        #expect(article.counts.favorites == gold.engagement.favorites)
        #expect(article.counts.tips == gold.engagement.tips)
        #expect(article.counts.comments == gold.engagement.comments)
        #expect(article.counts.shares == gold.engagement.shares)
        #expect(article.editor == gold.editor)
        #expect(article.source == gold.source)
        #expect(article.paragraphs == gold.paragraphs.map { $0.text ?? "" })
        #expect(article.issues.isEmpty)
        #expect(article.languageCode == "zh-Hans")
    }

    @Test("has the rows of its listing in the order of the page")
    func rows() throws {
        #expect(page.rows.count == gold.listing.count)
        for (row, expected) in zip(page.rows, gold.listing) {
            #expect(row.pageOrder == expected.position)
            #expect(row.title == expected.title)
            #expect(row.excerpt == expected.excerpt)
            #expect(row.excerptRaw == expected.excerpt_raw)
            #expect(row.published?.text == expected.date)
            #expect(row.published?.precision == .day)
            #expect(row.counts.views == expected.views)
            #expect(row.counts.comments == expected.comments)
            #expect(row.counts.likes == nil)
            #expect(row.line == expected.lines[0])
            #expect(row.rawText.hasPrefix(expected.title + "\n"))
            #expect(row.rawText.hasSuffix("\n" + expected.fused_raw))
            #expect(row.rawText.split(separator: "\n", omittingEmptySubsequences: false).count == 4)
            #expect(row.languageCode == "zh-Hans")
        }
    }
}

extension CapturedArticle {
    /// The capture with every repair put in its place.
    func applyingIssues() throws -> String {
        let scalars = Array(rawText.unicodeScalars)
        var result = String.UnicodeScalarView()
        var index = 0
        for issue in issues.sorted(by: { $0.offset < $1.offset }) {
            let raw = Array(issue.raw.unicodeScalars)
            try #require(issue.offset >= index && Array(scalars[issue.offset..<issue.offset + raw.count]) == raw)
            result.append(contentsOf: scalars[index..<issue.offset])
            result.append(contentsOf: issue.replacement.unicodeScalars)
            index = issue.offset + raw.count
        }
        result.append(contentsOf: scalars[index...])
        return String(result)
    }
}
