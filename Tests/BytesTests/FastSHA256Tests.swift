import Bytes
import NewsModel
import TestKit
import Testing

@Suite("SHA-256 by the processor") struct FastSHA256Tests {
    @Test("gives what the portable code gives, at every length around the blocks")
    func lengths() {
        var bytes: [UInt8] = []
        for length in 0..<300 {
            let hash = FastSHA256.hash(bytes.span)
            #expect(hash == nil || hash == SHA256.hash(bytes), "\(length) bytes")
            bytes.append(UInt8(truncatingIfNeeded: length &* 37 &+ 11))
        }
    }

    @Test("gives what FIPS 180-4 prints for \"abc\" and for a million times \"a\"")
    func vectors() {
        func text(_ bytes: [UInt8]) -> String? {
            FastSHA256.hash(bytes.span).map { $0.prefix(4).map { String($0, radix: 16) }.joined() }
        }
        #expect([nil, "ba7816bf"].contains(text(Array("abc".utf8))))
        #expect([nil, "cdc76e5c"].contains(text([UInt8](repeating: 0x61, count: 1_000_000))))
    }
}
