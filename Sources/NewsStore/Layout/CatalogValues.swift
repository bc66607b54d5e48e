internal import Bytes
internal import NewsModel

/// What an entry of the catalog's `channels` holds.
///
///      0  CRC-32C  u32    4  layout u8 1    5  zero, 3    8  number  u32    12  display name
extension Channel {
    init?(key: Span<UInt8>, value: Span<UInt8>) {
        guard value.count > 12, value[4] == 1,
            let id = ChannelID(String(decoding: Array(key), as: UTF8.self))
        else { return nil }
        let name = String(decoding: Array(value.extracting(12..<value.count)), as: UTF8.self)
        self.init(number: value.littleEndian32(at: 8), id: id, displayName: name)
    }

    func append(to builder: inout ValueBuilder) {
        builder.append(1 as UInt8)
        builder.append([0, 0, 0])
        builder.append(number)
        builder.append(displayName.utf8)
    }
}

/// What the one entry of the catalog's `meta` holds.
///
///      0  CRC-32C  u32    4  layout  u32  1    8  store id  16 bytes    24  next channel's number  u32
struct CatalogMeta: Equatable {
    static let key = "catalog"
    private static let layout: UInt32 = 1

    var storeID: [UInt8]
    var nextChannel: UInt32 = 1

    init(storeID: [UInt8]) { self.storeID = storeID }

    init?(_ value: Span<UInt8>) {
        guard value.count == 28, value.littleEndian32(at: 4) == CatalogMeta.layout else { return nil }
        storeID = Array(value.extracting(8..<24))
        nextChannel = value.littleEndian32(at: 24)
    }

    func append(to builder: inout ValueBuilder) {
        builder.append(CatalogMeta.layout)
        builder.append(storeID)
        builder.append(nextChannel)
    }
}

/// What an entry of the catalog's `shards` holds. Derived: the store writes it when it closes, for people and tools.
///
///      0  CRC-32C  u32    4  article count  u64    12  last revision  u64
struct ShardListValue: Equatable {
    let articleCount: UInt64
    let lastRevision: UInt64

    init(articleCount: UInt64, lastRevision: UInt64) {
        self.articleCount = articleCount
        self.lastRevision = lastRevision
    }

    init?(_ value: Span<UInt8>) {
        guard value.count == 20 else { return nil }
        articleCount = value.littleEndian64(at: 4)
        lastRevision = value.littleEndian64(at: 12)
    }

    func append(to builder: inout ValueBuilder) {
        builder.append(articleCount)
        builder.append(lastRevision)
    }
}
