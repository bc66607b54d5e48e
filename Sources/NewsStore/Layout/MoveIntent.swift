internal import Bytes
internal import NewsModel

/// A move between shards that is under way, as the catalog's `intents` keeps it under the article's id.
///
///      0  CRC-32C  u32    5  count of the old period  u8     7  old period, new period, key of the request
///      4  layout   u8 1   6  count of the new period  u8        in the new shard's `requests`, if there is one
struct MoveIntent: Equatable {
    let id: ArticleID
    let source: Period
    let target: Period
    /// Empty: none.
    let requestKey: [UInt8]

    init(id: ArticleID, source: Period, target: Period, requestKey: [UInt8]) {
        self.id = id
        self.source = source
        self.target = target
        self.requestKey = requestKey
    }

    /// - Returns: `nil` when the bytes are no intent. Their checksum is not looked at.
    init?(key: Span<UInt8>, value: Span<UInt8>) {
        guard value.count > 7, value[4] == 1, let id = ArticleID(key) else { return nil }
        let sourceEnd = 7 + Int(value[5])
        let targetEnd = sourceEnd + Int(value[6])
        guard targetEnd <= value.count,
            let source = Period(String(decoding: Array(value.extracting(7..<sourceEnd)), as: UTF8.self)),
            let target = Period(String(decoding: Array(value.extracting(sourceEnd..<targetEnd)), as: UTF8.self))
        else { return nil }
        self.init(
            id: id, source: source, target: target, requestKey: Array(value.extracting(targetEnd..<value.count)))
    }

    func append(to builder: inout ValueBuilder) {
        let (old, new) = (source.description.utf8, target.description.utf8)
        builder.append(1 as UInt8)
        builder.append(UInt8(old.count))
        builder.append(UInt8(new.count))
        builder.append(old)
        builder.append(new)
        builder.append(requestKey)
    }
}
