import NewsMessages
import TestKit
import Testing

@Suite("Bytes that are no message") struct MalformedTests {
    @Test("a message cut anywhere is refused or is a shorter message, and never more", arguments: WireFixture.all)
    func cuts(fixture: WireFixture) throws {
        try cut(fixture.value, try fixture.bytes())
    }

    private func cut<Message: ProtoMessage>(_ value: Message, _ bytes: [UInt8]) throws {
        // A cut between two fields leaves a message; any other is found out.
        var wholes = 0
        for count in 0..<bytes.count {
            let part = Array(bytes.prefix(count))
            guard let message = try? Message(decoding: part) else { continue }
            wholes += 1
            #expect(message.encoded() == part, "cut to \(count) bytes")
        }
        #expect(wholes >= 1 && wholes < bytes.count)
    }

    @Test("a message with any bit inverted is refused, or reads and writes as itself", arguments: WireFixture.all)
    func flips(fixture: WireFixture) throws {
        try flip(fixture.value, try fixture.bytes())
    }

    private func flip<Message: ProtoMessage>(_ value: Message, _ bytes: [UInt8]) throws {
        for offset in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[offset] ^= 1 << bit
                guard let message = try? Message(decoding: damaged) else { continue }
                #expect(try Message(decoding: message.encoded()) == message, "bit \(bit) of byte \(offset)")
            }
        }
    }

    @Test("random bytes are refused, or read and write as themselves")
    func noise() throws {
        var random = SeededGenerator.forTest("MalformedTests.noise")
        for _ in 0..<4000 {
            // Few distinct bytes make tags of known fields and short lengths likely.
            let bytes = random.bytes(Int(random.next() % 40)).map { $0 & (random.oneIn(4) ? 0xFF : 0x1B) }
            guard let message = try? ImportArticlesRequest(decoding: bytes) else { continue }
            #expect(try ImportArticlesRequest(decoding: message.encoded()) == message)
        }
    }

    @Test(
        "what protobuf does not allow is refused",
        arguments: [
            [0x0A],  // a tag without its value
            [0x0A, 5, 0x61],  // a length beyond the end
            [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],  // a length of 2^32 - 1, which overflows when the tag is added
            [0x0A, 0xFB, 0xFF, 0xFF, 0xFF, 0x0F],
            [0x0A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],  // a length of more than 5 bytes
            [0x28, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],  // a varint of 11 bytes
            [0x28, 0x80],  // a varint that does not end
            [0x08, 0x01],  // text as a varint
            [0x2A, 0x01, 0x01],  // an enum as bytes
            [0x4A, 0x02, 0x10],  // a sub-message that ends within a field
            [0x4A, 0x02, 0x52, 0x80],
            [0x0B, 0x0C],  // a group
            [0x0E, 0x00],  // wire types 6 and 7
            [0x0F, 0x00],
        ] as [[UInt8]])
    func refused(bytes: [UInt8]) {
        #expect(throws: MessageError.malformed(message: "news.v1.Article")) { try Article(decoding: bytes) }
    }

    @Test("a small message that would take much memory is refused")
    func amplification() throws {
        // Two bytes each ask for an Article of several hundred.
        let empty: [UInt8] = [0x0A, 0x00]
        let few = [[UInt8]](repeating: empty, count: 50).flatMap(\.self)
        #expect(try ListArticlesResponse(decoding: few).articles == [Article](repeating: Article(), count: 50))
        let many = [[UInt8]](repeating: empty, count: 1 << 20).flatMap(\.self)
        #expect(throws: MessageError.malformed(message: "news.v1.ListArticlesResponse")) {
            try ListArticlesResponse(decoding: many)
        }
    }

    @Test("a page of 1,000 articles and a full batch of names are within the memory limit")
    func honestSizes() throws {
        var list = ListArticlesResponse()
        list.articles = [Article](repeating: Sample.article, count: 1000)
        #expect(try ListArticlesResponse(decoding: list.encoded()) == list)
        var batch = BatchGetArticlesRequest()
        batch.names = (0..<100_000).map { "articles/20260305-\($0)" }
        #expect(try BatchGetArticlesRequest(decoding: batch.encoded()) == batch)
    }

    @Test("a singular field that comes twice has its last value") func lastHolds() throws {
        let twice: [UInt8] = [0x0A, 1, 0x61, 0x10, 1, 0x0A, 1, 0x62, 0x10, 2]
        let request = try GetArticleRequest(decoding: twice)
        #expect(request.name == "b")
        #expect(request.view == .full)
    }
}
