import Bytes
import Gzip
import TestKit
import Testing

@Suite("Compression by zlib") struct GzipTests {
    /// "hello hello hello hello", by `gzip -n` and by Python's zlib.compress.
    private let hello = Array("hello hello hello hello".utf8)
    private let gzipped: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x57, 0xC8, 0x40,
        0x27, 0x01, 0xE3, 0x51, 0x3D, 0x8D, 0x17, 0x00, 0x00, 0x00,
    ]

    private func deflated(_ bytes: [UInt8], _ format: CompressionFormat, by deflater: Deflater? = nil) -> [UInt8] {
        let arena = ByteArena()
        (deflater ?? Deflater(format)).deflate(bytes.span, into: arena)
        return arena.withBytes(in: 0..<arena.count) { [UInt8](copying: $0) }
    }

    private func inflated(
        _ bytes: [UInt8], _ format: CompressionFormat, limit: Int = 1 << 20, by inflater: Inflater? = nil
    ) throws(InflateError) -> [UInt8] {
        let arena = ByteArena()
        arena.append([1, 2, 3])
        do throws(InflateError) {
            try (inflater ?? Inflater()).inflate(bytes.span, format, limit: limit, into: arena)
        } catch {
            #expect(arena.count == 3, "what was appended before an error stays")
            throw error
        }
        return arena.withBytes(in: 3..<arena.count) { [UInt8](copying: $0) }
    }

    @Test("bytes of another program are read") func foreign() throws {
        #expect(try inflated(gzipped, .gzip) == hello)
    }

    @Test("what was compressed comes back, in one state for all formats and sizes")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 7)
        let inflater = Inflater()
        let deflaters = CompressionFormat.allCases.map { ($0, Deflater($0)) }
        for size in [0, 1, 5, 1000, 65_536, 300_000] {
            for isRandom in [true, false] {
                let bytes = (0..<size).map { isRandom ? UInt8.random(in: 0...255, using: &random) : UInt8($0 % 7) }
                for (format, deflater) in deflaters {
                    let small = deflated(bytes, format, by: deflater)
                    #expect(try inflated(small, format, by: inflater) == bytes)
                    #expect(isRandom || size < 10_000 || small.count < size / 50)
                    // Each message on its own: the same bytes every time.
                    #expect(deflated(bytes, format, by: deflater) == small)
                }
            }
        }
    }

    @Test("B10: whatever byte is changed, the result is an error or the same message, and the next one is read")
    func corrupt() throws {
        let inflater = Inflater()
        for place in gzipped.indices {
            for bit in 0..<8 {
                var bytes = gzipped
                bytes[place] ^= 1 << bit
                let result = try? inflated(bytes, .gzip, by: inflater)
                // Time, system and flags of the header do not change the message.
                #expect(result == nil || result == hello)
            }
        }
        #expect(try inflated(gzipped, .gzip, by: inflater) == hello)
    }

    @Test("B10: a message that is cut off is an error at every length", arguments: 0..<28)
    func truncated(count: Int) {
        #expect(throws: InflateError.truncated) { try inflated(Array(gzipped.prefix(count)), .gzip) }
    }

    @Test("B10: bytes behind a message are an error, a second message too")
    func trailing() {
        #expect(throws: InflateError.trailingBytes(1)) { try inflated(gzipped + [0], .gzip) }
        #expect(throws: InflateError.trailingBytes(gzipped.count)) { try inflated(gzipped + gzipped, .gzip) }
    }

    @Test("B10: the other format is an error") func otherFormat() {
        #expect(throws: InflateError.self) { try inflated(gzipped, .zlib) }
        #expect(throws: InflateError.self) { try inflated(deflated(hello, .zlib), .gzip) }
    }

    @Test("B12: a message of exactly the limit is read, one byte more is refused", arguments: [1000, 1024, 70_000])
    func limit(size: Int) throws {
        let small = deflated([UInt8](repeating: 0, count: size), .gzip)
        #expect(try inflated(small, .gzip, limit: size).count == size)
        #expect(throws: InflateError.tooLarge(limit: size - 1)) { try inflated(small, .gzip, limit: size - 1) }
    }

    @Test("B12: 64 MiB in 64 KiB are never made") func bomb() {
        let bomb = deflated([UInt8](repeating: 0, count: 64 << 20), .gzip)
        #expect(bomb.count < 80 << 10)
        let arena = ByteArena()
        #expect(throws: InflateError.tooLarge(limit: 1 << 20)) {
            try Inflater().inflate(bomb.span, .gzip, limit: 1 << 20, into: arena)
        }
    }
}
