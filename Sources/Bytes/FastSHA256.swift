internal import CSHA256

/// SHA-256 (FIPS 180-4) by the processor's own instructions: 1 us for 2 KB, a tenth of what it takes without them.
package enum FastSHA256 {
    /// The 32 bytes of the hash of `bytes`; `nil` when the processor has no such instructions.
    package static func hash(_ bytes: Span<UInt8>) -> [UInt8]? {
        // What is left behind whole blocks, the bit that ends the text, zeros, and the number of bits.
        let whole = bytes.count / 64
        var last: [UInt8] = []
        last.reserveCapacity(128)
        last.append(copying: bytes.extracting((whole * 64)..<bytes.count))
        last.append(0x80)
        while last.count % 64 != 56 { last.append(0) }
        let bitCount = UInt64(bytes.count) &* 8
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            last.append(UInt8(truncatingIfNeeded: bitCount >> shift))
        }
        var state = InlineArray<8, UInt32>(repeating: 0)
        var span = state.mutableSpan
        // The pointers live for the call only, which reads so many blocks and writes eight words.
        let isDone = unsafe bytes.withUnsafeBytes { text in
            unsafe last.span.withUnsafeBytes { end in
                unsafe span.withUnsafeMutableBufferPointer { words in
                    unsafe newsrpc_sha256(
                        words.baseAddress, text.baseAddress, whole, end.baseAddress, end.count / 64)
                }
            }
        }
        guard isDone else { return nil }
        var digest: [UInt8] = []
        digest.reserveCapacity(32)
        for index in 0..<8 {
            for shift in [24, 16, 8, 0] as [UInt32] { digest.append(UInt8(truncatingIfNeeded: state[index] >> shift)) }
        }
        return digest
    }
}
