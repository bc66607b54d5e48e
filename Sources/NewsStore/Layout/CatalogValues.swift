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

/// What an entry of the catalog's `located` holds: the shard of an article whose id does not name it.
///
///      0  CRC-32C  u32    4  its name, or two names with a space between
///
/// The second name is that of the shard that will have the article once the store has another layout, or has it by now.
/// What neither layout wrote names a shard whose first day is in the one that is meant.
struct LocatedPlace: Equatable {
    let first: Period
    let second: Period?

    init(_ first: Period, _ second: Period? = nil) {
        self.first = first
        self.second = second == first ? nil : second
    }

    /// - Returns: `nil` when the bytes are no such place. Their checksum is not looked at.
    init?(_ value: Span<UInt8>) {
        guard value.count > Sealed.checksumCount else { return nil }
        let text = String(decoding: Array(value.extracting(Sealed.checksumCount..<value.count)), as: UTF8.self)
        let names = text.split(separator: " ", omittingEmptySubsequences: false).map { Period($0) }
        guard (1...2).contains(names.count), let first = names[0] else { return nil }
        if names.count == 2, names[1] == nil { return nil }
        self.init(first, names.count == 2 ? names[1] : nil)
    }

    func append(to builder: inout ValueBuilder) {
        builder.append(first.description.utf8)
        if let second { builder.append(" \(second)".utf8) }
    }

    func period(in layout: ShardLayout) -> Period {
        if first.layout == layout { return first }
        if let second, second.layout == layout { return second }
        return first.first(in: layout)
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
