internal import Bytes
package import NewsModel

/// What the store knows of an article besides its messages.
package struct RecordHeader: Hashable, Sendable {
    /// Version of the last change. Grows over the whole store.
    package var revision: UInt64
    /// `nil`: undated.
    package var sortInstant: Instant?
    package var precision: Precision
    /// Position on the last capture that showed it, else 0.
    package var pageOrder: UInt16
    /// 0: none.
    package var channel: UInt32
    package var createTime: Instant
    /// Of an article that is deleted: when that happened.
    package var updateTime: Instant
    /// Set while it is deleted: when it is to be removed for good.
    package var purgeTime: Instant?
    /// From when on it is not shown; `nil`: it always is.
    package var expireTime: Instant?

    package init(
        revision: UInt64, sortInstant: Instant?, precision: Precision, pageOrder: UInt16, channel: UInt32,
        createTime: Instant, updateTime: Instant, purgeTime: Instant? = nil, expireTime: Instant? = nil
    ) {
        self.revision = revision
        self.sortInstant = sortInstant
        self.precision = precision
        self.pageOrder = pageOrder
        self.channel = channel
        self.createTime = createTime
        self.updateTime = updateTime
        self.purgeTime = purgeTime
        self.expireTime = expireTime
    }

    package var isDeleted: Bool { purgeTime != nil }

    package func isExpired(at now: Instant) -> Bool { expireTime.map { $0 <= now } ?? false }

    package var order: RowOrder { RowOrder(sortInstant: sortInstant, pageOrder: pageOrder) }
}

/// A record's head, in `articles`, `captures` and `rows`. Numbers begin with their least significant byte.
///
///      0  CRC-32C        u32         24  channel        u32        48  expiry     i64  0: never
///      4  layout         u8   1      28  piece count    u16        56  purge time i64
///      5  precision      u8          30  zero           u16            0: not deleted
///      6  page order     u16         32  create time    i64        64  the first piece of the content
///      8  revision       u64         40  update time    i64
///     16  sort instant   i64  smallest number: undated
///
/// Instants are microseconds since 1970. Content that would take the value above 4,080 bytes goes on in further
/// pieces, under the key with "/001", "/002", ... behind it (three characters of base32hex):
///
///      0  CRC-32C  u32    4  layout u8 1    5  kind u8 255    6  number u16    8  revision u64
///     16  piece count u16    18  zero, 6 bytes    24  content
///
/// The first piece keeps the plain key, so that one lookup finds an article of any size and a cursor meets rows in
/// their order.
extension RecordHeader {
    static let byteCount = 64
    /// Of the number of pieces, in the head.
    static let pieceCountOffset = 28
    static let pieceByteCount = 24
    static let layout: UInt8 = 1
    static let pieceKind: UInt8 = 255
    static let pieceCountMax = 32_768
    private static let undated = Int64.min

    /// - Returns: `nil` when the bytes are no record's head. Their checksum is not looked at.
    init?(_ value: Span<UInt8>) {
        guard value.count >= RecordHeader.byteCount, value[4] == RecordHeader.layout,
            let precision = Precision(rawValue: value[5])
        else { return nil }
        let instant = Int64(bitPattern: value.littleEndian64(at: 16))
        let expiry = Int64(bitPattern: value.littleEndian64(at: 48))
        let purge = Int64(bitPattern: value.littleEndian64(at: 56))
        self.init(
            revision: value.littleEndian64(at: 8),
            sortInstant: instant == RecordHeader.undated ? nil : Instant(microseconds: instant),
            precision: precision, pageOrder: value.littleEndian16(at: 6), channel: value.littleEndian32(at: 24),
            createTime: Instant(microseconds: Int64(bitPattern: value.littleEndian64(at: 32))),
            updateTime: Instant(microseconds: Int64(bitPattern: value.littleEndian64(at: 40))),
            purgeTime: purge == 0 ? nil : Instant(microseconds: purge),
            expireTime: expiry == 0 ? nil : Instant(microseconds: expiry))
    }

    /// How many pieces the record has, from the first.
    static func pieceCount(_ value: Span<UInt8>) -> Int { Int(value.littleEndian16(at: pieceCountOffset)) }

    func append(to builder: inout ValueBuilder, pieceCount: Int) {
        builder.append(RecordHeader.layout)
        builder.append(precision.rawValue)
        builder.append(pageOrder)
        builder.append(revision)
        builder.append(sortInstant?.microseconds ?? RecordHeader.undated)
        builder.append(channel)
        builder.append(UInt16(pieceCount))
        builder.append(0 as UInt16)
        builder.append(createTime.microseconds)
        builder.append(updateTime.microseconds)
        builder.append(expireTime?.microseconds ?? 0)
        builder.append(purgeTime?.microseconds ?? 0)
    }
}

/// A piece behind the first.
struct PieceHeader: Equatable {
    let number: Int
    let revision: UInt64
    let pieceCount: Int

    init(number: Int, revision: UInt64, pieceCount: Int) {
        self.number = number
        self.revision = revision
        self.pieceCount = pieceCount
    }

    init?(_ value: Span<UInt8>) {
        guard value.count > RecordHeader.pieceByteCount, value[4] == RecordHeader.layout,
            value[5] == RecordHeader.pieceKind
        else { return nil }
        number = Int(value.littleEndian16(at: 6))
        revision = value.littleEndian64(at: 8)
        pieceCount = Int(value.littleEndian16(at: 16))
    }

    func append(to builder: inout ValueBuilder) {
        builder.append(RecordHeader.layout)
        builder.append(RecordHeader.pieceKind)
        builder.append(UInt16(number))
        builder.append(revision)
        builder.append(UInt16(pieceCount))
        builder.append([0, 0, 0, 0, 0, 0])
    }
}

extension Key {
    /// What stands before the number of a piece. No id and no row key has it.
    static let pieceMark = UInt8(ascii: "/")
    static let pieceSuffixCount = 4

    /// The key of a piece behind the first.
    init(_ key: Key, piece number: Int) {
        self = key.withSpan { Key($0, piece: number) }
    }

    init(_ key: Span<UInt8>, piece number: Int) {
        self.init()
        append(key)
        append(Key.pieceMark)
        append(UInt64(number), count: Key.pieceSuffixCount - 1)
    }

    /// Whether the key is that of a piece behind the first.
    static func isPiece(_ key: Span<UInt8>) -> Bool {
        key.count > pieceSuffixCount && key[key.count - pieceSuffixCount] == pieceMark
    }
}
