import Bytes
import TestKit
import Testing

@Suite struct CRC32CTests {
    /// RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
    static let vectors: [(bytes: [UInt8], checksum: UInt32)] = [
        ([], 0),
        (Array("123456789".utf8), 0xe306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
        ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
        (Array(0..<32), 0x46dd_794e),
        (Array((0..<32).reversed()), 0x113f_db5c),
    ]

    private func byProcessor(_ bytes: [UInt8], continuing checksum: UInt32 = 0) -> UInt32 {
        CRC32C.checksum(of: bytes.span, continuing: checksum)
    }

    private func byTable(_ bytes: [UInt8], continuing checksum: UInt32 = 0) -> UInt32 {
        CRC32C.portableChecksum(of: bytes.span, continuing: checksum)
    }

    @Test("published values come out, by the processor and by table", arguments: vectors)
    func published(bytes: [UInt8], checksum: UInt32) {
        #expect(byProcessor(bytes) == checksum)
        #expect(byTable(bytes) == checksum)
    }

    @Test("processor and table agree at every length around the sizes of its blocks")
    func agreement() {
        var random = SeededGenerator(seed: 32)
        let bytes = (0..<20_000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let lengths = Array(0..<300) + [764, 768, 772, 1023, 1024, 4000, 4076, 6143, 6144, 6145, 12_289, 20_000]
        for length in lengths {
            for offset in [0, 1, 7] where offset + length <= bytes.count {
                let part = Array(bytes[offset..<offset + length])
                #expect(byProcessor(part) == byTable(part), "\(length) bytes from \(offset)")
            }
        }
    }

    @Test("a checksum is continued over a cut at any place", arguments: [0, 1, 8, 255, 256, 4095, 9000, 10_000])
    func continuation(cut: Int) {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 31) }
        let first = byProcessor(Array(bytes[..<cut]))
        #expect(byProcessor(Array(bytes[cut...]), continuing: first) == byProcessor(bytes))
        #expect(byTable(Array(bytes[cut...]), continuing: first) == byProcessor(bytes))
        let (head, tail) = (Array(bytes[..<cut]), Array(bytes[cut...]))
        #expect(CRC32C.checksum(of: head.span, then: tail.span) == byProcessor(bytes))
    }

    @Test("every flip of one bit shows")
    func flips() {
        var bytes = Array("a value as it is stored, with its key before it".utf8)
        let whole = byProcessor(bytes)
        for index in bytes.indices {
            for bit in 0..<8 {
                bytes[index] ^= 1 << bit
                #expect(byProcessor(bytes) != whole)
                bytes[index] ^= 1 << bit
            }
        }
    }
}
