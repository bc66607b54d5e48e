@testable import Bytes
import Testing

@Suite struct ByteArenaTests {
    private static let none: [UInt8] = []
    private static let more: [UInt8] = [4, 5]
    private struct Refusal: Error, Equatable {}

    private func contents(_ arena: ByteArena, _ range: Range<Int>? = nil) -> [UInt8] {
        arena.withBytes(in: range ?? 0..<arena.count) { [UInt8](copying: $0) }
    }

    @Test("what is appended follows what was there, whatever its form")
    func append() {
        let arena = ByteArena(capacity: 1)
        arena.append([1, 2])
        arena.append(3)
        arena.append(Self.none.span)
        arena.append(Self.more.span)
        #expect(contents(arena) == [1, 2, 3, 4, 5])
        #expect(contents(arena, 1..<3) == [2, 3])
        #expect(contents(arena, 5..<5) == [])
    }

    @Test("bytes and their offsets stay as they were while the arena grows")
    func growth() {
        let arena = ByteArena(capacity: 2)
        var expected: [UInt8] = []
        for round in 0..<2_000 {
            let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: round % 7)
            let offset = arena.count
            arena.append(bytes)
            expected += bytes
            #expect(contents(arena, offset..<arena.count) == bytes)
        }
        #expect(contents(arena) == expected)
    }

    @Test("memory above 64 KiB comes from the system, and goes back to it with what is above the amount to keep")
    func largeBlocks() {
        let arena = ByteArena()
        arena.append([UInt8](repeating: 1, count: 64 << 10))
        #expect(arena.capacity == 64 << 10)
        arena.append(2)
        #expect(arena.capacity == 256 << 10)
        arena.append([UInt8](repeating: 3, count: 300 << 10))
        #expect(arena.capacity == 512 << 10)
        arena.removeAll(keeping: 64 << 10)
        #expect(arena.capacity == 64 << 10)
    }

    @Test("a copy of its own bytes is whole although the arena grows for it", arguments: [1, 8, 4096])
    func appendCopy(capacity: Int) {
        let arena = ByteArena(capacity: capacity)
        arena.append([1, 2, 3])
        for _ in 0..<8 { arena.appendCopy(of: 0..<arena.count) }
        arena.appendCopy(of: 1..<1)
        #expect(contents(arena) == (0..<768).map { UInt8($0 % 3 + 1) })
    }

    @Test("reserved room is filled in later, a number in network order")
    func reserve() {
        let arena = ByteArena(capacity: 4)
        arena.append(9)
        let offset = arena.reserve(5)
        arena.append(8)
        arena.store(0, at: offset)
        arena.storeBigEndian(0x0102_0304, at: offset + 1)
        #expect(offset == 1)
        #expect(contents(arena) == [9, 0, 1, 2, 3, 4, 8])
    }

    @Test("truncation forgets the end, removal forgets everything")
    func forgetting() {
        let arena = ByteArena()
        arena.append([1, 2, 3, 4])
        arena.truncate(to: 2)
        arena.append(7)
        #expect(contents(arena) == [1, 2, 7])
        arena.truncate(to: 3)
        #expect(arena.count == 3)
        arena.removeAll()
        #expect(arena.count == 0)
        arena.append([5])
        #expect(contents(arena) == [5])
    }

    @Test("an arena that gave memory back is filled as before", arguments: [0, 64, 100, 1 << 20])
    func keeping(byteCount: Int) {
        let arena = ByteArena(capacity: 16)
        arena.append([UInt8](repeating: 1, count: 10_000))
        arena.removeAll(keeping: byteCount)
        #expect(arena.count == 0)
        arena.append([UInt8](repeating: 2, count: 10_000))
        #expect(contents(arena) == [UInt8](repeating: 2, count: 10_000))
    }

    @Test("an error of the borrower is passed on with its type")
    func errors() {
        let arena = ByteArena()
        #expect(throws: Refusal()) {
            try arena.withBytes(in: 0..<0) { (_: Span<UInt8>) throws(Refusal) in throw Refusal() }
        }
    }

    @Test("C may use less than the room that it is lent")
    func appendUnsafe() {
        let arena = ByteArena(capacity: 1)
        arena.append(1)
        let used = unsafe arena.appendUnsafe(upTo: 100) { room in
            unsafe room[0] = 2
            unsafe room[1] = 3
            return 2
        }
        #expect(used == 2)
        let sum = unsafe arena.withUnsafeBytes(in: 0..<3) { bytes in unsafe bytes.reduce(0) { $0 + Int($1) } }
        #expect(sum == 6)
        #expect(arena.count == 3)
    }
}
