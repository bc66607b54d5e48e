internal import Bytes
internal import NewsModel

/// The hash of a body: of long texts, so by the processor's instructions where it has them.
enum BodyDigest {
    static func sha256(_ bytes: Span<UInt8>) -> [UInt8] { FastSHA256.hash(bytes) ?? SHA256.hash(bytes) }
}
