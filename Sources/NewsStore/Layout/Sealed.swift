internal import Bytes
internal import LMDB

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
struct ValueBuilder: ~Copyable {
    private let arena = ByteArena(capacity: Sealed.valueCountMax)

    init() {}

    mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        arena.append(littleEndian: number)
    }

    mutating func append(_ bytes: Span<UInt8>) { arena.append(bytes) }

    mutating func append(_ bytes: [UInt8]) { arena.append(bytes.span) }

    mutating func append(_ bytes: ArraySlice<UInt8>) { arena.append(bytes.span) }

    mutating func append(_ text: String.UTF8View) { arena.append(text.span) }

    /// Makes a whole value, with its checksum before the content.
    mutating func build(key: Span<UInt8>, seed: UInt32, _ content: (inout ValueBuilder) -> Void) {
        arena.removeAll()
        arena.append(littleEndian: 0 as UInt32)
        content(&self)
        arena.storeLittleEndian(withBytes { Sealed.checksum($0, key: key, seed: seed) }, at: 0)
    }

    /// Lends the value.
    borrowing func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try arena.withBytes(in: 0..<arena.count, body)
    }

    var bytes: [UInt8] { withBytes { [UInt8](copying: $0) } }
}

extension WriteTransaction {
    /// Seals and writes one value.
    mutating func put(
        _ key: Span<UInt8>, seed: UInt32, in table: Table, _ content: (inout ValueBuilder) -> Void
    ) throws(LMDBError) {
        var builder = ValueBuilder()
        builder.build(key: key, seed: seed, content)
        try builder.withBytes { (value) throws(LMDBError) in _ = try put(key, value, in: table) }
    }
}
