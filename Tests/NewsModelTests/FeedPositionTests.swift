import NewsModel
import Testing

@Suite("A position in the change feed") struct FeedPositionTests {
    private let key = SipHash(key: [UInt8](repeating: 7, count: 32))

    @Test("is read as it was written", arguments: [0, 1, 255, 1 << 40, UInt64.max])
    func roundTrip(revision: UInt64) throws {
        let text = FeedPosition(revision: revision).text(key: key)
        #expect(try FeedPosition(text, key: key).revision == revision)
        #expect(text.utf8.allSatisfy { $0 != UInt8(ascii: "=") && $0 > 0x20 && $0 < 0x7F })
    }

    @Test("of another store, cut, changed or empty is unknown")
    func others() throws {
        let text = FeedPosition(revision: 42).text(key: key)
        let other = SipHash(key: [UInt8](repeating: 8, count: 32))
        #expect(throws: FeedPositionError.unknown) { try FeedPosition(text, key: other) }
        for candidate in ["", "x", String(text.dropLast()), text + "A", String(text.reversed())] {
            #expect(throws: FeedPositionError.unknown) { try FeedPosition(candidate, key: key) }
        }
    }
}
