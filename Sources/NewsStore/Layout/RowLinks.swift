internal import Bytes
internal import NewsModel

/// Where else in the shard an article stands. Kept in its row, between head and message, so that what points at an
/// article can be taken back and checked without decoding it.
///
///      0  hash of the source   10 bytes, zero: none      14  hash of the title  16 bytes
///     10  printed day          u32 yyyymmdd, 0: none     30  ordinal            u16
struct RowLinks: Hashable {
    static let byteCount = 32
    static let sourceHashCount = 10

    /// Empty: no source.
    var sourceHash: [UInt8]
    var titleDay: TitleDay
    var ordinal: UInt16

    /// - Parameter source: as printed; "": none.
    static func sourceHash(of source: String) -> [UInt8] {
        source.isEmpty ? [] : Array(SHA256.hash(Array(source.utf8)).prefix(sourceHashCount))
    }

    init(sourceHash: [UInt8], titleDay: TitleDay, ordinal: UInt16) {
        self.sourceHash = sourceHash
        self.titleDay = titleDay
        self.ordinal = ordinal
    }

    /// - Parameter row: a whole value of `rows`.
    init?(row: Span<UInt8>) {
        let start = RecordHeader.byteCount
        guard row.count >= start + RowLinks.byteCount else { return nil }
        let hash = Array(row.extracting(start..<(start + RowLinks.sourceHashCount)))
        sourceHash = hash.contains { $0 != 0 } ? hash : []
        let number = Int(row.littleEndian32(at: start + 10))
        let day = CivilDate(year: number / 10_000, month: number / 100 % 100, day: number % 100)
        guard number == 0 || day != nil else { return nil }
        titleDay = TitleDay(titleHash: Array(row.extracting((start + 14)..<(start + 30))), day: day)
        ordinal = row.littleEndian16(at: start + 30)
    }

    /// Appends the bytes that stand before the row's message.
    func append(to builder: inout ValueBuilder) {
        if sourceHash.isEmpty {
            for _ in 0..<RowLinks.sourceHashCount { builder.append(0 as UInt8) }
        } else {
            builder.append(sourceHash)
        }
        builder.append(UInt32(titleDay.day.map(\.number) ?? 0))
        builder.append(titleDay.titleHash)
        builder.append(ordinal)
    }
}

extension CivilDate {
    /// 20260227.
    var number: Int { year * 10_000 + month * 100 + day }
}

/// Which of the filter indexes a key belongs to.
enum IndexDirection {
    case newestFirst, oldestFirst

    var mark: UInt8 { self == .newestFirst ? UInt8(ascii: "n") : UInt8(ascii: "o") }
}

extension Key {
    static let channelPrefixCount = 1 + 7
    static let sourcePrefixCount = 1 + 16
    static let titleDayPrefixCount = 8 + 26
    static let titleDayCount = titleDayPrefixCount + 4

    /// What the keys of a channel's index begin with.
    init(channel number: UInt32, _ direction: IndexDirection) {
        self.init()
        append(direction.mark)
        append(UInt64(number), count: 7)
    }

    /// What the keys of a source's index begin with.
    init(sourceHash: [UInt8], _ direction: IndexDirection) {
        self.init()
        append(direction.mark)
        append(base32: sourceHash)
    }

    /// What the keys of a title and day begin with.
    init(titleDay: TitleDay) {
        self.init()
        let day = titleDay.day.map(\.number) ?? 0
        var divisor = 10_000_000
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(day / divisor % 10))
            divisor /= 10
        }
        append(base32: titleDay.titleHash)
    }

    init(titleDay: TitleDay, ordinal: UInt16) {
        self.init(titleDay: titleDay)
        append(UInt64(ordinal), count: 4)
    }

    /// The key that orders an article, behind the prefix of an index.
    mutating func append(_ order: RowOrder, _ id: Span<UInt8>, _ direction: IndexDirection) {
        switch direction {
        case .newestFirst: append(newest: order)
        case .oldestFirst: append(oldest: order)
        }
        append(id)
    }

    mutating func append(base32 hash: [UInt8]) {
        Base32Hex.forEachWord(of: hash.span) { append($0, first: $1) }
    }
}
