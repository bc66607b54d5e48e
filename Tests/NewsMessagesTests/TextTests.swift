import NewsMessages
import Testing

@Suite("Text is checked once, where it enters") struct TextTests {
    /// A message with one field of text, and that field's path.
    struct Place: Sendable, CustomTestStringConvertible {
        let field: String
        /// Reads a message whose only field holds these bytes.
        let read: @Sendable ([UInt8]) throws(MessageError) -> Void
        var testDescription: String { field }
    }

    /// `bytes` as the content of field `number`, inside the fields before it, outermost first.
    private static func wrapped(_ numbers: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        numbers.reversed().reduce(bytes) { content, number in
            let tag = UInt16(number) << 3 | 2
            let tagBytes = tag < 128 ? [UInt8(tag)] : [UInt8(tag & 0x7F) | 0x80, UInt8(tag >> 7)]
            return tagBytes + [UInt8(content.count)] + content
        }
    }

    private static func place<Message: ProtoMessage>(_ field: String, _ type: Message.Type, _ numbers: UInt8...)
        -> Place
    {
        Place(field: field) { bytes throws(MessageError) in _ = try Message(decoding: wrapped(numbers, bytes)) }
    }

    static let places: [Place] = [
        place("name", Article.self, 1), place("title", Article.self, 2), place("excerpt", Article.self, 3),
        place("channel", Article.self, 6), place("source", Article.self, 7), place("editor", Article.self, 8),
        place("language_code", Article.self, 10), place("labels[0]", Article.self, 13), place("etag", Article.self, 15),
        place("body", Article.self, 16), place("time_zone", Article.self, 18), place("canonical_uri", Article.self, 19),
        place("subtitle", Article.self, 31), place("channel_display_name", Article.self, 33),
        place("byline.authors[0]", Article.self, 12, 1), place("byline.reporters[0]", Article.self, 12, 2),
        place("byline.correspondents[0]", Article.self, 12, 3),
        place("text_issues[0].field", Article.self, 28, 2), place("text_issues[0].raw", Article.self, 28, 4),
        place("text_issues[0].replacement", Article.self, 28, 5),
        place("capture.file_name", Article.self, 34, 2), place("capture.time_zone", Article.self, 34, 3),
        place("display_name", Channel.self, 2), place("name", GetArticleRequest.self, 1),
        place("names[0]", BatchGetArticlesRequest.self, 1),
        place("page_token", ListArticlesRequest.self, 2), place("since", ListArticlesRequest.self, 3),
        place("until", ListArticlesRequest.self, 4), place("time_zone", ListArticlesRequest.self, 5),
        place("order_by", ListArticlesRequest.self, 7), place("channel", ListArticlesRequest.self, 12),
        place("source", ListArticlesRequest.self, 13),
        place("articles[0].title", ListArticlesResponse.self, 1, 2),
        place("unreachable[0]", ListArticlesResponse.self, 7),
        place("article_id", CreateArticleRequest.self, 1), place("article.title", CreateArticleRequest.self, 2, 2),
        place("request_id", CreateArticleRequest.self, 3),
        place("capture.file_name", ImportArticlesRequest.self, 2, 2),
        place("article.byline.authors[0]", ImportArticlesRequest.self, 3, 12, 1),
        place("results[0].error.message", ImportArticlesResponse.self, 2, 4, 3),
        place("service", HealthCheckRequest.self, 1), place("statuses[0].key", HealthListResponse.self, 1, 1),
        place("metadata[0].key", ErrorInfo.self, 3, 1), place("metadata[0].value", ErrorInfo.self, 3, 2),
        place("field_violations[0].description", BadRequest.self, 1, 2),
        place("message", RPCStatus.self, 2), place("details[0].type_url", RPCStatus.self, 3, 1),
    ]

    /// Characters of every size, and what is none at every place that a check might pass over.
    @Test("text is taken exactly when it is UTF-8, wherever in it something stands")
    func encodings() {
        let around = ["", "a", "abcdefgh", "中", "中文字", "é", "😀", "中a文，字é"].map { Array($0.utf8) }
        // Long texts are looked at in blocks of sixteen bytes, behind the first 32.
        let long = (0..<9).map { Array((String(repeating: "字", count: 12) + "abcdefgh".prefix($0)).utf8) }
        let places = Array(zip(around, around.reversed())) + long.map { ($0, long[4]) }
        let seconds: [UInt8] = [0x01, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0]
        let rests: [[UInt8]] = [[], [0x80], [0xBF, 0x80], [0x80, 0x80, 0x80], [0x80, 0xC0], [0x7F]]
        var wrong: [[UInt8]] = []
        for lead in UInt8(0x7E)...0xFF {
            for (second, rest) in seconds.flatMap({ second in rests.map { (second, $0) } }) {
                for (before, after) in places {
                    let bytes = before + [lead, second] + rest + after
                    let read = try? HealthCheckRequest(decoding: Self.wrapped([1], bytes).span).service
                    if read != String(validating: bytes, as: UTF8.self) { wrong.append(bytes) }
                }
            }
        }
        #expect(wrong == [])
    }

    @Test("text that is not UTF-8 is refused by the field's path", arguments: places)
    func notUTF8(place: Place) {
        #expect(throws: MessageError.textNotUTF8(field: place.field)) { try place.read([0x61, 0xFF]) }
    }

    @Test("U+0000 is refused by the field's path", arguments: places)
    func nul(place: Place) {
        #expect(throws: MessageError.textHasNUL(field: place.field)) { try place.read([0x61, 0, 0x62]) }
    }

    @Test("good text is taken everywhere", arguments: places)
    func good(place: Place) throws {
        try place.read(Array("質量😀".utf8))
    }

    @Test("the item at fault is counted from 0") func counts() {
        let bytes: [UInt8] = [0x0A, 0, 0x0A, 0, 0x0A, 3, 0x12, 1, 0xC3]
        #expect(throws: MessageError.textNotUTF8(field: "articles[2].title")) {
            try ListArticlesResponse(decoding: bytes)
        }
    }

    @Test(
        "ill-formed UTF-8 of every kind is refused",
        arguments: [
            [0x80], [0xC3], [0xC0, 0x80], [0xE4, 0xB8], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFE],
        ] as [[UInt8]])
    func illFormed(bytes: [UInt8]) {
        #expect(throws: MessageError.textNotUTF8(field: "name")) {
            try GetArticleRequest(decoding: ([0x0A, UInt8(bytes.count)] + bytes).span)
        }
    }

    @Test("bytes are not text: they may be anything") func bytes() throws {
        let capture = try Capture(decoding: [0x0A, 3, 0, 0xFF, 0xC0])
        #expect(capture.content == [0, 0xFF, 0xC0])
    }

    @Test("errors read as sentences") func descriptions() {
        #expect("\(MessageError.textHasNUL(field: "article.title"))" == "article.title: text contains U+0000")
        #expect("\(MessageError.textNotUTF8(field: "name"))" == "name: text is not UTF-8")
        #expect("\(MessageError.malformed(message: "news.v1.Article"))" == "cannot be read as news.v1.Article")
    }
}
