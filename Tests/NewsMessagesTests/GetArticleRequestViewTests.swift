import NewsMessages
import TestKit
import Testing

@Suite("A GetArticle request is read where it lies") struct GetArticleRequestViewTests {
    private func read(_ bytes: [UInt8]) throws(MessageError) -> (name: String, view: ArticleView) {
        let (name, view) = try GetArticleRequestView.read(bytes.span)
        return (String(decoding: bytes[name], as: UTF8.self), view)
    }

    @Test(
        "the name and the view are found",
        arguments: [
            ("articles/20260305-0a1b2c3d4e5f", ArticleView.basic), ("", .unspecified), ("a", .capture), ("文", .full),
            ("a", ArticleView(rawValue: -3)), ("a", ArticleView(rawValue: 300)),
        ])
    func fields(name: String, view: ArticleView) throws {
        var request = GetArticleRequest()
        request.name = name
        request.view = view
        let found = try read(request.encoded())
        #expect(found == (name, view))
        request.unknownFields = [0xC0, 0x3E, 0x01, 0xDA, 0x3E, 1, 0xFF]
        #expect(try read(request.encoded()) == (name, view))
    }

    @Test("text is checked as everywhere") func text() {
        #expect(throws: MessageError.textHasNUL(field: "name")) { try read([0x0A, 2, 0x61, 0]) }
        #expect(throws: MessageError.textNotUTF8(field: "name")) { try read([0x0A, 2, 0x61, 0xC3]) }
        #expect(throws: MessageError.malformed(message: "news.v1.GetArticleRequest")) { try read([0x0A, 2, 0x61]) }
    }

    @Test("it takes, refuses and reads what the codec does")
    func agreement() {
        var random = SeededGenerator.forTest("GetArticleRequestViewTests.agreement")
        var taken = 0
        for _ in 0..<20_000 {
            let bytes = random.bytes(Int(random.next() % 14)).map { byte -> UInt8 in
                switch byte % 4 {
                case 0: byte
                case 1: [0x0A, 0x10, 0x0D, 0x09, 0x1A, 0x08, 0x12, 0x0B][Int(byte >> 5)]
                default: byte & 0x83
                }
            }
            let whole = Result { () throws(MessageError) in try GetArticleRequest(decoding: bytes) }
            let view = Result { () throws(MessageError) in try read(bytes) }
            switch (whole, view) {
            case (.success(let request), .success(let found)):
                taken += 1
                #expect(found == (request.name, request.view), "\(bytes)")
            case (.failure(let one), .failure(let other)): #expect(one == other, "\(bytes)")
            default: Issue.record("\(bytes): \(whole) but \(view)")
            }
        }
        #expect(taken > 100)
    }
}
