import Bytes
import NewsMessages
import Testing

@Suite("Fields appended to a reply") struct WireWriterTests {
    @Test("what is appended to a stored article is read with it") func completes() throws {
        var stored = Sample.article
        stored.stats = nil
        stored.state = .unspecified
        stored.revision = 0
        let arena = ByteArena()
        stored.encode(into: arena)
        let stats = WireWriter.begin(9, in: arena)
        WireWriter.append(2, 480, to: arena)
        WireWriter.append(3, -1, to: arena)
        WireWriter.append(7, 3, to: arena)
        WireWriter.append(10, 1, to: arena)
        WireWriter.append(10, 6, to: arena)
        WireWriter.end(stats, in: arena)
        WireWriter.append(11, 1, to: arena)
        WireWriter.append(14, 1 << 40, to: arena)
        #expect(try Article(decoding: arena.bytes) == Sample.article)
    }

    @Test("items of a list are written one after the other") func items() throws {
        let arena = ByteArena()
        let row = Sample.article.encoded()
        for number in 0..<3 {
            let item = WireWriter.begin(1, in: arena)
            arena.append(row)
            WireWriter.append(33, "频道\(number)", to: arena)
            WireWriter.end(item, in: arena)
        }
        WireWriter.append(2, "token", to: arena)
        let list = try ListArticlesResponse(decoding: arena.bytes)
        #expect(list.articles.map(\.channelDisplayName) == ["频道0", "频道1", "频道2"])
        #expect(list.nextPageToken == "token")
    }

    @Test("sub-messages of every length are read", arguments: [0, 1, 127, 128, 16_383, 16_384, 2_097_152])
    func lengths(count: Int) throws {
        let arena = ByteArena()
        let capture = WireWriter.begin(34, in: arena)
        WireWriter.append(1, [UInt8](repeating: 7, count: count).span, to: arena)
        WireWriter.end(capture, in: arena)
        #expect(try Article(decoding: arena.bytes).capture?.content.count == count)
    }

    @Test("numbers are written as protobuf writes them", arguments: [0, 1, 127, 128, Int64.max, -1, .min])
    func numbers(value: Int64) throws {
        let arena = ByteArena()
        WireWriter.append(1, value, to: arena)
        WireWriter.append(2000, value, to: arena)
        let read = try Timestamp(decoding: arena.bytes)
        #expect(read.seconds == value)
        #expect(read.unknownFields.prefix(2) == [0x80, 0x7D])
    }
}
