import Bytes
import NewsModel
import NewsStore
import TestKit
import Testing

@Suite("Reading articles") struct ReadingTests {
    @Test("gives the stored bytes, the head and the counters")
    func read() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let instant = try StoreFixture.instant("2026-02-27")
        let record = try StoreFixture.record(
            "20260227-aaaaaaaaaaaa", at: instant, order: 3, capture: Array("page".utf8), views: 62)
        let revision = try store.put(record)
        let reader = try store.makeReader()
        let header = RecordHeader(
            revision: revision, sortInstant: instant, precision: .second, pageOrder: 3, channel: 0,
            createTime: StoreFixture.noon, updateTime: StoreFixture.noon)
        for (part, text) in [
            (StoreReader.Part.full, "full 20260227-aaaaaaaaaaaa"), (.row, "row 20260227-aaaaaaaaaaaa"),
            (.capture, "page"),
        ] {
            let (outcome, found) = reader.text("20260227-aaaaaaaaaaaa", part)
            #expect(outcome == .found(header, Counters(views: 62)))
            #expect(found == text)
        }
        #expect(store.articleCount == 1)
        #expect(store.shardCount == 1)
        #expect(store.publishedRevision == revision)
    }

    @Test(
        "knows absent articles, whatever their id",
        arguments: [
            "20260227-bbbbbbbbbbbb", "20250101-aaaaaaaaaaaa", "00000000-aaaaaaaaaaaa", "some-own-id",
            "20269999-aaaaaaaaaaaa", "", "x", String(repeating: "a", count: 65), String(repeating: "a", count: 600),
            "20260227-aaaaaaaaaaaa\0",
        ])
    func absent(id: String) throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try store.put(StoreFixture.record("20260227-aaaaaaaaaaaa", at: StoreFixture.instant("2026-02-27")))
        let (outcome, text) = try store.makeReader().text(id)
        #expect(outcome == .absent)
        #expect(text.isEmpty)
    }

    @Test("finds articles whose id does not name their shard, also after the store was opened again")
    func located() throws {
        let directory = try TemporaryDirectory("store")
        do {
            let store = try StoreFixture.open(directory)
            try store.put(StoreFixture.record("some-own-id", at: StoreFixture.instant("2026-02-27")))
            try store.put(StoreFixture.record("20200101-elsewhere", at: StoreFixture.instant("2026-01-27")))
            store.close()
        }
        let store = try StoreFixture.open(directory)
        let reader = try store.makeReader()
        #expect(reader.text("some-own-id").text == "full some-own-id")
        #expect(reader.text("20200101-elsewhere").text == "full 20200101-elsewhere")
        #expect(reader.text("some-other-id").outcome == .absent)
        #expect(reader.locate(Array("some-own-id".utf8).span) == Period("2026-02"))
    }

    @Test("gives parts of every size about a piece's", arguments: [0, 1, 4015, 4016, 4017, 8072, 8073, 300_000])
    func pieces(byteCount: Int) throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        var random = SeededGenerator(seed: UInt64(byteCount + 1))
        let bytes = random.bytes(byteCount).map { $0 & 0x7F }
        let text = String(decoding: bytes, as: UTF8.self)
        let record = try StoreFixture.record(
            "20260227-aaaaaaaaaaaa", at: StoreFixture.instant("2026-02-27"), full: bytes, row: bytes, capture: bytes)
        try store.put(record)
        let reader = try store.makeReader()
        #expect(reader.text("20260227-aaaaaaaaaaaa").text == text)
        #expect(reader.text("20260227-aaaaaaaaaaaa", .row).text == text)
        #expect(reader.text("20260227-aaaaaaaaaaaa", .capture).text == text)
        #expect(try reader.rows().map(\.text) == [text])
    }

    @Test("gives a row that is parts of its article, wherever a piece ends", arguments: [0, 1900, 4000, 4100, 90_000])
    func rowOfParts(skipped: Int) throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        var random = SeededGenerator(seed: UInt64(skipped + 1))
        let full = random.bytes(100_000).map { $0 & 0x7F }
        let parts = [0..<1000, 1000 + skipped..<5000 + skipped, 99_990..<99_990, 99_999..<100_000]
        let row = parts.flatMap { full[$0] }
        var record = try StoreFixture.record(
            "20260227-aaaaaaaaaaaa", at: StoreFixture.instant("2026-02-27"), full: full)
        record.row = RecordContent(parts, of: full)
        #expect(record.row.count == row.count)
        #expect(record.row == RecordContent(row))
        #expect(record.row != RecordContent(Array(row.reversed())))
        try store.put(record)
        let reader = try store.makeReader()
        #expect(reader.text("20260227-aaaaaaaaaaaa").text == String(decoding: full, as: UTF8.self))
        #expect(reader.text("20260227-aaaaaaaaaaaa", .row).text == String(decoding: row, as: UTF8.self))
        #expect(try reader.rows().map(\.text) == [String(decoding: row, as: UTF8.self)])
    }

    @Test("replaces a long article by a short one, and keeps its capture and the time it was made")
    func shrink() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let instant = try StoreFixture.instant("2026-02-27")
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 20_000)
        try store.put(StoreFixture.record("20260227-aaaaaaaaaaaa", at: instant, full: long, row: long, capture: long))
        let revision = try store.put(StoreFixture.record("20260227-aaaaaaaaaaaa", at: instant, order: 1))
        let reader = try store.makeReader()
        let (outcome, text) = reader.text("20260227-aaaaaaaaaaaa")
        #expect(text == "full 20260227-aaaaaaaaaaaa")
        guard case .found(let header, _) = outcome else { throw StoreError.closed }
        #expect(header.revision == revision)
        #expect(header.pageOrder == 1)
        #expect(try reader.ids() == ["20260227-aaaaaaaaaaaa"])
        #expect(reader.text("20260227-aaaaaaaaaaaa", .capture).text.utf8.count == 20_000)
        #expect(store.articleCount == 1)
    }

    @Test("sees within a turn what was there at its first look, and afterwards what is there now")
    func turn() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let instant = try StoreFixture.instant("2026-02-27")
        try store.put(StoreFixture.record("20260227-aaaaaaaaaaaa", at: instant, full: [1]))
        let reader = try store.makeReader()
        let arena = ByteArena()
        let id = Array("20260227-aaaaaaaaaaaa".utf8)
        for (full, seen) in [(2, 1), (3, 1)] as [(UInt8, UInt8)] {
            _ = reader.read(id.span, .full, appendingTo: arena)
            #expect(arena.bytes.last == seen)
            try store.put(StoreFixture.record("20260227-aaaaaaaaaaaa", at: instant, full: [full]))
        }
        reader.endTurn()
        _ = reader.read(id.span, .full, appendingTo: arena)
        #expect(arena.bytes == [1, 1, 3])
    }
}
