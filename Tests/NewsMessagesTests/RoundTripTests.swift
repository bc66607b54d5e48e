import Bytes
import NewsMessages
import Testing

@Suite("Messages go to the wire and back") struct RoundTripTests {
    @Test("every message reads back as it was written", arguments: Sample.all.indices)
    func roundTrip(index: Int) throws {
        try check(Sample.all[index])
    }

    private func check<Message: ProtoMessage>(_ message: Message) throws {
        let bytes = message.encoded()
        let back = try Message(decoding: bytes)
        #expect(back == message)
        #expect(back.encoded() == bytes)
        #expect(back.hashValue == message.hashValue)
    }

    @Test("texts of every length read back", arguments: [1, 127, 128, 4096, 16_384, 1_000_000])
    func longText(count: Int) throws {
        var article = Sample.article
        article.body = String(repeating: "段", count: count)
        try check(article)
    }

    @Test("an empty message is no bytes") func empty() throws {
        #expect(Article().encoded().isEmpty)
        #expect(HealthListRequest().encoded().isEmpty)
        #expect(try Article(decoding: []) == Article())
        #expect(try HealthListRequest(decoding: []) == HealthListRequest())
    }

    @Test("a present but empty sub-message stays present") func presence() throws {
        var request = CreateArticleRequest()
        request.article = Article()
        #expect(request.encoded() == [0x12, 0x00])
        #expect(try CreateArticleRequest(decoding: [0x12, 0x00]).article == Article())
        #expect(try CreateArticleRequest(decoding: []).article == nil)
    }

    @Test("each case of a oneof is read as itself, and the last one holds") func oneof() throws {
        var request = ImportArticlesRequest()
        request.item = .capture(Sample.capture)
        let capture = request.encoded()
        #expect(try ImportArticlesRequest(decoding: capture).item == .capture(Sample.capture))
        let both = capture + Sample.importRequest.encoded()
        #expect(try ImportArticlesRequest(decoding: both).item == .article(Sample.article))
    }

    @Test("writing into an arena appends the same bytes") func arena() {
        let arena = ByteArena()
        arena.append([1, 2, 3])
        Sample.article.encode(into: arena)
        #expect(arena.bytes == [1, 2, 3] + Sample.article.encoded())
    }

    @Test("equal maps are written alike, in the order of their keys' bytes") func maps() throws {
        var one = ErrorInfo()
        var other = ErrorInfo()
        let keys = (0..<40).map { "key\($0)" }
        for key in keys { one.metadata[key] = "1" }
        for key in keys.reversed() { other.metadata[key] = "1" }
        #expect(one.encoded() == other.encoded())
        var few = ErrorInfo()
        few.metadata = ["b": "", "a": "x", "": "y"]
        // The empty value and the empty key are left out of their entries, as any default is.
        #expect(
            few.encoded() == [0x1A, 3, 0x12, 1, 0x79, 0x1A, 6, 0x0A, 1, 0x61, 0x12, 1, 0x78, 0x1A, 3, 0x0A, 1, 0x62])
        #expect(try ErrorInfo(decoding: few.encoded()) == few)
    }

    @Test("of map entries with one key the last holds") func mapMerge() throws {
        let entries: [UInt8] = [0x1A, 6, 0x0A, 1, 0x61, 0x12, 1, 0x78, 0x1A, 6, 0x0A, 1, 0x61, 0x12, 1, 0x79]
        #expect(try ErrorInfo(decoding: entries).metadata == ["a": "y"])
    }

    @Test("a map entry without a value has the empty value") func mapDefault() throws {
        let response = try HealthListResponse(decoding: [0x0A, 3, 0x0A, 1, 0x61])
        #expect(response.statuses == ["a": HealthCheckResponse()])
    }

    @Test("numbers keep their whole range", arguments: [Int64.min, -1, 0, 1, 127, 128, Int64.max])
    func integers(value: Int64) throws {
        let seconds = Sample.timestamp(value, Int32(truncatingIfNeeded: value))
        #expect(try Timestamp(decoding: seconds.encoded()) == seconds)
    }
}
