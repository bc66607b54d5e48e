import Bytes
import Testing

@Suite struct ByteWriterTests {
    private func written(upTo byteCount: Int = 400, _ body: (inout ByteWriter) -> Void) -> [UInt8] {
        let arena = ByteArena(capacity: 1)
        arena.append([0xEE])
        arena.write(upTo: byteCount, body)
        return arena.withBytes(in: 1..<arena.count) { [UInt8](copying: $0) }
    }

    @Test(
        "numbers are written as base 128 varints",
        arguments: [
            (0, [0]), (1, [1]), (127, [0x7F]), (128, [0x80, 1]), (300, [0xAC, 2]), (16_384, [0x80, 0x80, 1]),
            (UInt64.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
        ] as [(UInt64, [UInt8])])
    func varints(value: UInt64, bytes: [UInt8]) {
        #expect(written { $0.append(varint: value) } == bytes)
    }

    @Test("numbers are written in decimal digits", arguments: [0, 7, 10, 99, 100, 12_345, UInt64.max])
    func decimals(value: UInt64) {
        #expect(written { $0.append(decimal: value) } == Array("\(value)".utf8))
    }

    @Test("bytes are appended and repeated")
    func bytes() {
        let some: [UInt8] = [1, 2, 3]
        let all = written { writer in
            writer.append(9)
            writer.append(some.span)
            writer.appendCopy(from: 1, count: 2)
            #expect(writer.count == 6)
        }
        #expect(all == [9, 1, 2, 3, 1, 2])
    }

    @Test(
        "a length takes the bytes that it needs, however many were left open",
        arguments: [1, 2, 3], [0, 1, 127, 128, 300])
    func lengths(openCount: Int, length: Int) {
        let content = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        let all = written { writer in
            writer.append(0x0A)
            let offset = writer.open(openCount)
            writer.append(content.span)
            writer.closeLength(at: offset, openCount: openCount)
        }
        let wanted = written { writer in
            writer.append(0x0A)
            writer.append(varint: UInt64(length))
            writer.append(content.span)
        }
        #expect(all == wanted)
    }

    @Test("what is written follows what the arena held, and an arena grows for it")
    func growth() {
        let arena = ByteArena(capacity: 4)
        arena.append([1, 2, 3])
        arena.write(upTo: 5000) { writer in
            for _ in 0..<4000 { writer.append(7) }
        }
        #expect(arena.count == 4003)
        #expect(arena.withBytes(in: 0..<4) { [UInt8](copying: $0) } == [1, 2, 3, 7])
    }
}
