internal import Bytes

/// Values as they are stored: sealed by a checksum over the table, the key and all the rest.
///
///      0  CRC-32C  u32    over the table's seed, the key, and the bytes from 4 on
///      4  content
///
/// The key is covered so that a value which turns up under another key is not taken for that key's, and the revision
/// (in the content) so that an old value is not taken for the new one by what points at it.
enum Sealed {
    static let checksumCount = 4
    /// With its checksum, what a page of LMDB holds besides its own head.
    static let valueCountMax = 4080

    /// Whether the value is what was stored under the key.
    static func isSound(_ value: Span<UInt8>, key: Span<UInt8>, seed: UInt32) -> Bool {
        guard value.count > checksumCount else { return false }
        return value.littleEndian32(at: 0) == checksum(value, key: key, seed: seed)
    }

    static func checksum(_ value: Span<UInt8>, key: Span<UInt8>, seed: UInt32) -> UInt32 {
        CRC32C.checksum(of: key, then: value.extracting(checksumCount..<value.count), continuing: seed)
    }
}

/// A value under construction. One is used for many values, so that writing allocates little.
struct ValueBuilder {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(Sealed.valueCountMax) }

    /// Begins a value: room for its checksum.
    mutating func begin() {
        bytes.removeAll(keepingCapacity: true)
        append(0 as UInt32)
    }

    /// - Parameter number: of at most 64 bits.
    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        var rest = UInt64(truncatingIfNeeded: number)
        var encoded = InlineArray<8, UInt8>(repeating: 0)
        for place in 0..<8 {
            encoded[place] = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
        }
        bytes.append(copying: encoded.span.extracting(0..<(Number.bitWidth / 8)))
    }

    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// Ends the value: puts its checksum in place.
    mutating func seal(key: Span<UInt8>, seed: UInt32) {
        let checksum = Sealed.checksum(bytes.span, key: key, seed: seed)
        for index in 0..<Sealed.checksumCount {
            bytes[index] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(index)))
        }
    }
}
