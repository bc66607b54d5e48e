import Digests
import NewsModel
import Testing

@Suite("Digests") struct DigestTests {
    @Test("SHA-256 is that of the portable code, at every length around the blocks")
    func lengths() {
        var bytes: [UInt8] = []
        for length in 0..<300 {
            #expect(Digest.sha256(bytes.span) == SHA256.hash(bytes), "\(length) bytes")
            bytes.append(UInt8(truncatingIfNeeded: length &* 37 &+ 11))
        }
    }

    @Test("SHA-256 is what FIPS 180-4 prints for \"abc\" and for a million times \"a\"")
    func vectors() {
        func start(_ bytes: [UInt8]) -> String { Hex.text(Array(Digest.sha256(bytes.span).prefix(4))) }
        #expect(start(Array("abc".utf8)) == "ba7816bf")
        #expect(start([UInt8](repeating: 0x61, count: 1_000_000)) == "cdc76e5c")
    }
}
