import NewsMessages
import ProtoJSON
import TestKit
import Testing

@Suite("Plain JSON to wire bytes") struct PlainTranscoderTests {
    private let mapping: JSONMapping

    init() throws { mapping = JSONMapping(try Schema(fileDescriptorSet: DescriptorSet.bytes)) }

    private func plain(_ json: [UInt8]) throws -> Article? {
        guard let bytes = mapping.plainBytes(of: json, in: 0..<json.count, as: Article.protoName) else { return nil }
        return try Article(decoding: bytes.span)
    }

    private func careful(_ json: [UInt8]) throws -> Article {
        let bytes = try mapping.bytes(of: try JSONReader.read(json), as: Article.protoName)
        return try Article(decoding: bytes.span)
    }

    private static let article = #"""
        {"title":"标题 ÿ 😀","publishTime":"2026-02-27T15:55:00.5+08:00","publishTimePrecision":"DAY" , "channel":"要闻",
         "stats":{"viewCount":480,"likeCount":0}, "labels":["药",""], "byline":{"authors":["王",""],"reporters":[]},
        "body":"a\n\"b\"\\\/\t\r\b\f\u00e9\u836F\ud83d\ude00", "revision":-12,"excerpt":null,"time_zone":""}
        """#

    @Test("takes what an article usually is")
    func usual() throws {
        let json = Array(Self.article.utf8)
        let article = try #require(try plain(json))
        #expect(article == (try careful(json)))
        #expect(article.body == "a\n\"b\"\\/\t\r\u{8}\u{C}é药😀")
        #expect(article.revision == -12)
    }

    @Test("takes every length, also those that the length of the field is written in more bytes for")
    func lengths() throws {
        for count in [0, 1, 127, 128, 16_383, 16_384, 2_097_152] {
            let json = Array(
                "{\"title\":\"x\",\"body\":\"\(String(repeating: "x", count: count))\",\"source\":\"y\"}".utf8)
            let article = try #require(try plain(json))
            #expect(article.body.utf8.count == count && article.title == "x" && article.source == "y")
        }
    }

    @Test(
        "leaves to the others what is unusual or wrong",
        arguments: [
            "", "[]", "{", "{}x", "{\"title\":1}", "{\"title\":\"a\",}", "{\"title\":\"a\" \"body\":\"b\"}",
            "{\"title\":\"a\",\"title\":\"b\"}", "{\"timeZone\":\"a\",\"time_zone\":\"b\"}", "{\"absent\":1}",
            "{\"title\":\"\n\"}", "{\"title\":\"\\x\"}", "{\"title\":\"\\ud800\"}", "{\"title\":\"\\udc00\\ud800\"}",
            "{\"title\":\"\\u12g4\"}", "{\"title\":\"\\u0000\"}", "{\"title\":\"a", "{\"title\":\"a\\",
            "{\"revision\":01}", "{\"revision\":1.0}",
            "{\"revision\":- 1}", "{\"revision\":}", "{\"revision\":9223372036854775808}",
            "{\"bodyLength\":2147483648}",
            "{\"publishTime\":\"today\"}", "{\"publishTimePrecision\":\"ERA\"}", "{\"labels\":[\"a\"",
            "{\"labels\":[null]}",
            "{\"publishTime\":null}", "{\"bodySha256\":\"AA==\"}", "{\"ti\\u0074le\":\"a\"}", "\u{FEFF}{}",
            "{\"stats\":{\"known\":[\"VIEWS\"]}}",
        ])
    func unusual(json: String) throws { #expect(try plain(Array(json.utf8)) == nil) }

    @Test("takes UTF-8 and nothing else")
    func encodings() throws {
        for lead in UInt8(0x7F)...0xFF {
            for second: UInt8 in [0x22, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0] {
                for rest: [UInt8] in [[], [0x80], [0xBF, 0x80], [0x80, 0x80, 0x80], [0x80, 0xC0], [0x7F]] {
                    let json = Array("{\"title\":\"".utf8) + [lead, second] + rest + Array("\"}".utf8)
                    let article = try? careful(json)
                    #expect(try plain(json) == article, "\(json)")
                }
            }
        }
    }

    @Test("means what the others mean, whatever is done to a text")
    func changed() throws {
        var random = SeededGenerator(seed: 7)
        let original = Array(Self.article.utf8)
        let replacements = Array("\"\\{}[],:nulltrue0129-+.eE \n\u{1}uxé药".utf8)
        var takenCount = 0
        for _ in 0..<4000 {
            var json = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<json.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: json[place] = replacements.randomElement(using: &random) ?? 0
                case 1: json.remove(at: place)
                default: json.insert(replacements.randomElement(using: &random) ?? 0, at: place)
                }
            }
            guard let article = try plain(json) else { continue }
            takenCount += 1
            #expect(article == (try? careful(json)), "\(String(decoding: json, as: UTF8.self))")
        }
        #expect(takenCount > 100)
    }

    @Test("adds what follows from the fields that are given, and puts first what stands before them")
    func completion() throws {
        let json = Array(Self.article.utf8)
        let completion = JSONMapping.Completion(of: ArticleStats.protoName) { given in
            var stats = ArticleStats()
            stats.known = given == ["viewCount", "likeCount"] ? [.views, .likes] : []
            return stats.encoded()
        }
        var start = Article()
        start.timeZone = "Asia/Shanghai"
        start.title = "another"
        let bytes = try #require(
            mapping.plainBytes(
                of: json, in: 0..<json.count, as: Article.protoName, after: start.encoded(), completing: completion))
        var expected = try careful(json)
        expected.stats?.known = [.views, .likes]
        expected.timeZone = "Asia/Shanghai"
        #expect(try Article(decoding: bytes.span) == expected)
    }
}
