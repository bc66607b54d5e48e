import Bytes
import TestKit
import Testing
import Zstd

@Suite("Compression by zstd") struct ZstdTests {
    /// "hello hello hello hello\n", by `zstd -3 --check`.
    private let foreign: [UInt8] = [
        0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x58, 0x6D, 0x00, 0x00, 0x38, 0x68, 0x65, 0x6C, 0x6C, 0x6F, 0x20, 0x0A, 0x01,
        0x00,
        0x99, 0x4B, 0x11, 0xA8, 0x7C, 0x2E, 0xA8,
    ]

    @Test("reads what another program wrote, frame after frame")
    func others() throws {
        let text = Array("hello hello hello hello\n".utf8)
        let (back, isWhole) = try decompressed(foreign + foreign, by: 7, room: 16)
        #expect(back == text + text && isWhole)
    }

    private func compressed(_ bytes: [UInt8], by pieces: Int) -> [UInt8] {
        let (compressor, arena) = (ZstdCompressor(), ByteArena())
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            let piece = Array(bytes[start..<min(bytes.count, start + pieces)])
            compressor.compress(piece.span, into: arena)
        }
        compressor.finish(into: arena)
        return arena.withBytes(in: 0..<arena.count) { [UInt8](copying: $0) }
    }

    private func decompressed(_ bytes: [UInt8], by pieces: Int, room: Int) throws -> (bytes: [UInt8], isWhole: Bool) {
        let (decompressor, arena) = (ZstdDecompressor(), ByteArena())
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            let piece = Array(bytes[start..<min(bytes.count, start + pieces)])
            var taken = 0
            while true {
                let before = arena.count
                taken += try decompressor.decompress(piece.span, from: taken, room: room, into: arena)
                #expect(arena.count - before <= room)
                if taken == piece.count, arena.count - before < room { break }
            }
        }
        // As a reader does that does not know of the end yet.
        let isWhole = decompressor.isAtFrameEnd
        let nothing: [UInt8] = []
        _ = try decompressor.decompress(nothing.span, from: 0, room: room, into: arena)
        #expect(decompressor.isAtFrameEnd == isWhole)
        return (arena.withBytes(in: 0..<arena.count) { [UInt8](copying: $0) }, isWhole)
    }

    @Test("gives back what it was given, whatever the pieces are")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 11)
        for size in [0, 1, 511, 70_000, 400_000] {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 7) } + random.bytes(size / 3)
            let frame = compressed(bytes, by: 10_007)
            let (back, isWhole) = try decompressed(frame, by: 1009, room: 65_536)
            #expect(back == bytes && isWhole, "\(size) bytes")
        }
    }

    @Test("a frame that is cut is known as such, and one that is changed is refused")
    func damage() throws {
        let frame = compressed(Array("hello hello hello hello".utf8), by: 5)
        #expect(try !decompressed(Array(frame.dropLast()), by: 4, room: 64).isWhole)
        var other = frame
        other[frame.count - 1] ^= 0x10  // Of the checksum.
        #expect(throws: ZstdError.self) { try decompressed(other, by: 4, room: 64) }
        #expect(throws: ZstdError.self) { try decompressed(Array("no frame at all".utf8), by: 100, room: 64) }
    }
}
