import TestKit
import Testing

@testable import NewsStore

@Suite("The header of a file in an archive") struct TarHeaderTests {
    @Test(
        "is read as it was written, for files of any size",
        arguments: [0, 1, 511, 512, 8_589_934_591, 8_589_934_592, 1 << 40])
    func roundTrip(byteCount: Int) throws {
        let header = TarHeader(name: "parts/2026-02.mdb", byteCount: byteCount, time: 1_772_000_000)
        #expect(header.bytes.count == 512)
        #expect(try TarHeader(header.bytes) == header)
    }

    @Test("with a bit changed is refused, but for bits that nobody reads")
    func flips() throws {
        let header = TarHeader(name: "parts/catalog.mdb", byteCount: 4096, time: 5)
        for place in 0..<512 {
            var block = header.bytes
            block[place] ^= 0x01
            #expect(throws: (any Error).self, "byte \(place)") {
                let read = try TarHeader(block)
                // The end of the checksum's field is no part of the number.
                if read == header { throw TarHeader.Fault.notATar }
            }
        }
    }

    @Test("of a link is refused by its kind, and a block of zeroes is none")
    func others() throws {
        #expect(try TarHeader([UInt8](repeating: 0, count: 512)) == nil)
        var block = TarHeader(name: "x", byteCount: 0, time: 0).bytes
        block[156] = UInt8(ascii: "2")
        // As the sum of all bytes grows by two.
        let sum = block[148..<154].reduce(0) { $0 * 8 + Int($1 - 0x30) } + 2
        let digits = String(sum, radix: 8)
        block.replaceSubrange(148..<154, with: (String(repeating: "0", count: 6 - digits.count) + digits).utf8)
        #expect(throws: TarHeader.Fault.kind(UInt8(ascii: "2"))) { try TarHeader(block) }
        #expect(throws: TarHeader.Fault.notATar) { try TarHeader([1, 2, 3]) }
    }
}
