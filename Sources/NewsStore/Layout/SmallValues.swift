internal import Bytes
internal import NewsModel

/// What an entry of `oldest`, `channel-index`, `source-index` and of the purges in `meta` holds: the revision of the
/// article it stands for.
///
///      0  CRC-32C  u32    4  revision  u64
struct IndexValue: Equatable {
    static let byteCount = 12
    let revision: UInt64

    init(revision: UInt64) { self.revision = revision }

    init?(_ value: Span<UInt8>) {
        guard value.count == IndexValue.byteCount else { return nil }
        revision = value.littleEndian64(at: 4)
    }
}

/// What an entry of `changes` holds.
///
///      0  CRC-32C  u32    4  layout u8 2    5  kind u8    6  time i64    14  id
struct ChangeValue: Equatable {
    enum Kind: UInt8 {
        case created = 1
        case updated = 2
        case deleted = 3
        case undeleted = 4
        case purged = 5
        /// Gone to another shard, whose `updated` comes right before.
        case left = 6

        /// Whether the shard has no such article after it.
        var isEnd: Bool { self == .purged || self == .left }
    }

    private static let layout: UInt8 = 2
    private static let idOffset = 14

    let kind: Kind
    let time: Instant
    let id: ArticleID

    init(kind: Kind, time: Instant, id: ArticleID) {
        self.kind = kind
        self.time = time
        self.id = id
    }

    /// - Returns: `nil` when the bytes are no change. Their checksum is not looked at.
    init?(_ value: Span<UInt8>) {
        guard value.count > ChangeValue.idOffset, value[4] == ChangeValue.layout, let kind = Kind(rawValue: value[5]),
            let id = ArticleID(value.extracting(ChangeValue.idOffset..<value.count))
        else { return nil }
        self.kind = kind
        time = Instant(microseconds: Int64(bitPattern: value.littleEndian64(at: 6)))
        self.id = id
    }

    func append(to builder: inout ValueBuilder) {
        builder.append(ChangeValue.layout)
        builder.append(kind.rawValue)
        builder.append(time.microseconds)
        builder.append(id.text.utf8)
    }
}

/// What the entry "shard" of a shard's `meta` holds.
///
///      0  CRC-32C  u32        8  store id           16 bytes      40  time of the last request  i64, 0: none
///      4  layout   u32  1    24  last revision      u64           48  period                    text
///                            32  article count      u64
struct ShardMeta: Equatable {
    static let key = "shard"
    private static let layout: UInt32 = 1

    var storeID: [UInt8]
    var period: Period
    var lastRevision: UInt64 = 0
    var articleCount: UInt64 = 0
    var lastRequestTime = Instant.epoch

    init(storeID: [UInt8], period: Period) {
        self.storeID = storeID
        self.period = period
    }

    init?(_ value: Span<UInt8>) {
        guard value.count > 48, value.littleEndian32(at: 4) == ShardMeta.layout,
            let period = Period(String(decoding: Array(value.extracting(48..<value.count)), as: UTF8.self))
        else { return nil }
        storeID = Array(value.extracting(8..<24))
        lastRevision = value.littleEndian64(at: 24)
        articleCount = value.littleEndian64(at: 32)
        lastRequestTime = Instant(microseconds: Int64(bitPattern: value.littleEndian64(at: 40)))
        self.period = period
    }

    func append(to builder: inout ValueBuilder) {
        builder.append(ShardMeta.layout)
        builder.append(storeID)
        builder.append(lastRevision)
        builder.append(articleCount)
        builder.append(lastRequestTime.microseconds)
        builder.append(period.description.utf8)
    }
}

/// What an entry of `requests` holds: which request it was, and what it did.
///
///      0  CRC-32C          u32     8  count of the id            u16     12  fingerprint
///      4  layout           u8  1  10  count of the fingerprint   u16         article's id, request's id
///      5  kind             u8
///      6  zero             2
struct RequestValue: Equatable {
    let kind: RequestRecord.Kind
    let requestID: String
    let fingerprint: [UInt8]
    let article: ArticleID

    init(_ kind: RequestRecord.Kind, requestID: String, fingerprint: [UInt8], article: ArticleID) {
        self.kind = kind
        self.requestID = requestID
        self.fingerprint = fingerprint
        self.article = article
    }

    init?(_ value: Span<UInt8>) {
        guard value.count > 12, value[4] == 1, let kind = RequestRecord.Kind(rawValue: value[5]) else { return nil }
        self.kind = kind
        let fingerprintEnd = 12 + Int(value.littleEndian16(at: 10))
        let idEnd = fingerprintEnd + Int(value.littleEndian16(at: 8))
        guard idEnd <= value.count, let article = ArticleID(value.extracting(fingerprintEnd..<idEnd)) else {
            return nil
        }
        fingerprint = Array(value.extracting(12..<fingerprintEnd))
        self.article = article
        requestID = String(decoding: Array(value.extracting(idEnd..<value.count)), as: UTF8.self)
    }

    func append(to builder: inout ValueBuilder) {
        builder.append(1 as UInt8)
        builder.append(kind.rawValue)
        builder.append([0, 0])
        builder.append(UInt16(article.text.utf8.count))
        builder.append(UInt16(fingerprint.count))
        builder.append(fingerprint)
        builder.append(article.text.utf8)
        builder.append(requestID.utf8)
    }
}

extension Key {
    /// What the keys of deleted articles begin with, in `meta`.
    static let purgePrefix = "purge/"

    /// Under which an article waits for its removal, soonest first.
    init(purgeTime: Instant, _ id: Span<UInt8>) {
        self.init(Key.purgePrefix)
        append(UInt64(bitPattern: max(0, purgeTime.microseconds)), count: Base32Hex.uint64Count)
        append(id)
    }

    init(revision: UInt64) {
        self.init()
        append(revision, count: Base32Hex.uint64Count)
    }

    /// The revision that a key of `changes` stands for; `nil` when it stands for none.
    static func revision(_ key: Span<UInt8>) -> UInt64? {
        key.count == Base32Hex.uint64Count ? Base32Hex.number(in: key, 0..<key.count) : nil
    }

    /// What the keys of requests at or after a time begin with.
    init(requestTime: Instant) {
        self.init()
        append(UInt64(bitPattern: max(0, requestTime.microseconds)), count: Base32Hex.uint64Count)
    }

    init(requestTime: Instant, requestID: String) {
        self.init(requestTime: requestTime)
        append(base32: Array(SHA256.hash(Array(requestID.utf8)).prefix(16)))
    }
}
