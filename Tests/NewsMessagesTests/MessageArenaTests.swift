import Testing

@testable import NewsMessages

@Suite("Memory of one message") struct MessageArenaTests {
    @Test("pieces are aligned to 8 and do not overlap", arguments: [1, 8, 100, 5000])
    func pieces(size: Int) {
        let arena = MessageArena(firstChunk: 64, limit: 1 << 20)
        var ranges: [Range<UInt>] = []
        for _ in 0..<20 {
            let start = unsafe UInt(bitPattern: arena.allocate(size))
            #expect(start != 0 && start % 8 == 0)
            #expect(!ranges.contains { $0.overlaps(start..<(start + UInt(size))) })
            ranges.append(start..<(start + UInt(size)))
        }
    }

    @Test("nothing is given beyond the limit, however large the wish") func limit() {
        let arena = MessageArena(firstChunk: 64, limit: 10_000)
        #expect(unsafe arena.allocate(64) != nil)
        #expect(unsafe arena.allocate(10_000) == nil)
        #expect(unsafe arena.allocate(.max) == nil)
        #expect(unsafe arena.allocate(-1) == nil)
        #expect(unsafe arena.allocate(Int64.self, count: .max) == nil)
        var count = 0
        while unsafe arena.allocate(100) != nil { count += 1 }
        #expect(count > 20 && count < 100)
    }
}
