/// Why a position in the change feed was refused.
package enum FeedPositionError: Error, Equatable, Sendable {
    /// Not one of this store's.
    case unknown
}

/// A place in the order of all changes of a store. Opaque to clients, who keep it and go on from it.
///
///      1 byte    version, 1
///      8 bytes   revision, network order
///     16 bytes   the SipHash-2-4 code of these
///
/// all as one base64url text. The code tells another store's positions from this one's; it gives no authority.
package struct FeedPosition: Hashable, Sendable {
    /// All changes up to this one lie before the position.
    package var revision: UInt64

    private static let version: UInt8 = 1
    private static let headCount = 1 + 8

    package init(revision: UInt64) { self.revision = revision }

    /// - Parameter key: The store's secret.
    package func text(key: SipHash) -> String {
        var bytes = [FeedPosition.version]
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: revision >> shift))
        }
        bytes += key.code(of: bytes)
        return Base64URL.encode(bytes)
    }

    package init(_ text: String, key: SipHash) throws(FeedPositionError) {
        guard text.utf8.count <= 64, let bytes = Base64URL.decode(text),
            bytes.count == FeedPosition.headCount + SipHash.codeCount, bytes[0] == FeedPosition.version
        else { throw .unknown }
        let content = Array(bytes.prefix(FeedPosition.headCount))
        let code = key.code(of: content)
        guard ConstantTime.areEqual(code.span, bytes.span.extracting(last: SipHash.codeCount)) else { throw .unknown }
        revision = content.dropFirst().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
