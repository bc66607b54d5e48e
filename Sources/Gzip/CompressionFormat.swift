/// What stands around the compressed bytes.
package enum CompressionFormat: Hashable, Sendable, CaseIterable {
    /// RFC 1952: a header, and a CRC-32 and the length behind.
    case gzip
    /// RFC 1950: what gRPC and HTTP call "deflate".
    case zlib

    /// zlib's name for the format: the window of 2^15 bytes, and 16 more for gzip.
    var windowBits: Int32 {
        switch self {
        case .gzip: 15 + 16
        case .zlib: 15
        }
    }
}
