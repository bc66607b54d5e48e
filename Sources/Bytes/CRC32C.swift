internal import CCRC32C

/// CRC-32C (Castagnoli), the checksum of everything stored.
package enum CRC32C {
    /// The checksum of `bytes`, or of what `checksum` covers followed by `bytes`.
    ///
    /// 0.13 µs for 4 KB by the processor's instruction; by table where there is none.
    package static func checksum(of bytes: Span<UInt8>, continuing checksum: UInt32 = 0) -> UInt32 {
        // The pointer lives for the call only.
        unsafe bytes.withUnsafeBytes { raw in unsafe newsrpc_crc32c(checksum, raw.baseAddress, raw.count) }
    }

    /// The checksum of `first` followed by `second`.
    package static func checksum(
        of first: Span<UInt8>, then second: Span<UInt8>, continuing checksum: UInt32 = 0
    ) -> UInt32 {
        // The pointers live for the call only.
        unsafe first.withUnsafeBytes { first in
            unsafe second.withUnsafeBytes { second in
                unsafe newsrpc_crc32c_joined(
                    checksum, first.baseAddress, first.count, second.baseAddress, second.count)
            }
        }
    }

    /// The same without the processor's instruction.
    package static func portableChecksum(of bytes: Span<UInt8>, continuing checksum: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBytes { raw in unsafe newsrpc_crc32c_portable(checksum, raw.baseAddress, raw.count) }
    }
}
