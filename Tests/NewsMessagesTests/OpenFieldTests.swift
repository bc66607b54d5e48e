import NewsMessages
import Testing

@Suite("What this version does not know") struct OpenFieldTests {
    /// Field 1000 as varint 1; 1001 as 8 bytes; 1002 as 4 bytes; 1003 as 3 bytes of text; 1000 again.
    private static let unknown: [UInt8] = [
        0xC0, 0x3E, 0x01,
        0xC9, 0x3E, 1, 2, 3, 4, 5, 6, 7, 8,
        0xD5, 0x3E, 1, 2, 3, 4,
        0xDA, 0x3E, 3, 0x61, 0x62, 0x63,
        0xC0, 0x3E, 0x80, 0x01,
    ]

    @Test("unknown fields survive in their order, after the known ones") func fields() throws {
        let stats = Sample.stats.encoded()
        let read = try ArticleStats(decoding: (Self.unknown + stats))
        #expect(read.viewCount == 480)
        #expect(read.unknownFields == Self.unknown)
        #expect(read.encoded() == stats + Self.unknown)
        #expect(try ArticleStats(decoding: read.encoded()) == read)
    }

    @Test("unknown fields of sub-messages and of list items survive") func nested() throws {
        var article = Sample.article
        article.stats?.unknownFields = Self.unknown
        article.textIssues[0].unknownFields = Self.unknown
        var list = ListArticlesResponse()
        list.articles = [article, article]
        let read = try ListArticlesResponse(decoding: list.encoded())
        #expect(read == list)
        #expect(read.articles[1].stats?.unknownFields == Self.unknown)
    }

    @Test("bytes that are no fields are not written") func garbage() {
        var article = Article()
        article.unknownFields = [0x80, 0x80]
        #expect(article.encoded().isEmpty)
        article.unknownFields = [0x00, 0x01]
        #expect(article.encoded().isEmpty)
    }

    @Test(
        "field numbers that cannot be are refused",
        arguments: [
            [0x80, 0x00, 0x01] as [UInt8],  // 0, in two bytes
            [0xF8, 0xFF, 0xFF, 0xFF, 0x7F, 0x01],  // 2^32 - 1
            [0x00, 0x01],
        ])
    func numbers(bytes: [UInt8]) {
        #expect(throws: MessageError.malformed(message: "news.v1.Article")) { try Article(decoding: bytes) }
    }

    @Test("unknown values of enums are kept", arguments: [7, 1000, -1, Int32.max, Int32.min])
    func values(raw: Int32) throws {
        var article = Article()
        article.publishTimePrecision = TimePrecision(rawValue: raw)
        let read = try Article(decoding: article.encoded())
        #expect(read.publishTimePrecision.rawValue == raw)
        #expect(read.encoded() == article.encoded())
    }

    @Test("lists of numbers are read packed and one by one, and written packed") func packed() throws {
        var stats = ArticleStats()
        stats.known = [.views, .shares]
        let packed: [UInt8] = [0x52, 2, 1, 6]
        let single: [UInt8] = [0x50, 1, 0x50, 6]
        #expect(stats.encoded() == packed)
        #expect(try ArticleStats(decoding: packed) == stats)
        #expect(try ArticleStats(decoding: single) == stats)
        stats.known = [.views, .views, .shares, .shares]
        #expect(try ArticleStats(decoding: ([0x50, 1, 0x52, 2, 1, 6, 0x50, 6] as [UInt8])) == stats)
    }
}
