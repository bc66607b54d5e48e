internal import Bytes
internal import NewsModel

/// Counters in `stats`. What pages printed (base) and what happened here (events) are kept apart, so that importing
/// replaces the one and never the other.
///
///      0  CRC-32C       u32          8  base    6 x i64   views, likes, favorites, tips, comments, shares
///      4  layout        u8  1       56  events  6 x i64   the same
///      5  known base    u8  bits in that order
///      6  known events  u8
///      7  zero          u8
struct StatsValue: Hashable {
    static let byteCount = 104
    private static let layout: UInt8 = 1

    var base: Counters
    var events: Counters

    init(base: Counters, events: Counters = Counters()) {
        self.base = base
        self.events = events
    }

    /// - Returns: `nil` when the bytes are no counters. Their checksum is not looked at.
    init?(_ value: Span<UInt8>) {
        guard value.count == StatsValue.byteCount, value[4] == StatsValue.layout else { return nil }
        base = StatsValue.counters(value, at: 8, known: value[5])
        events = StatsValue.counters(value, at: 56, known: value[6])
    }

    /// Base plus events, as readers want them. Most articles have no events: then only the base is read.
    ///
    /// - Returns: `nil` when the bytes are no counters.
    static func total(_ value: Span<UInt8>) -> Counters? {
        guard value.count == StatsValue.byteCount, value[4] == StatsValue.layout else { return nil }
        let base = counters(value, at: 8, known: value[5])
        if value[6] == 0 { return base }
        return base + counters(value, at: 56, known: value[6])
    }

    private static func counters(_ value: Span<UInt8>, at offset: Int, known: UInt8) -> Counters {
        var counters = Counters()
        counters.known = Counters.Known(rawValue: known)
        counters.views = Int64(bitPattern: value.littleEndian64(at: offset))
        counters.likes = Int64(bitPattern: value.littleEndian64(at: offset + 8))
        counters.favorites = Int64(bitPattern: value.littleEndian64(at: offset + 16))
        counters.tips = Int64(bitPattern: value.littleEndian64(at: offset + 24))
        counters.comments = Int64(bitPattern: value.littleEndian64(at: offset + 32))
        counters.shares = Int64(bitPattern: value.littleEndian64(at: offset + 40))
        return counters
    }

    func append(to builder: inout ValueBuilder) {
        builder.append(StatsValue.layout)
        builder.append(base.known.rawValue)
        builder.append(events.known.rawValue)
        builder.append(0 as UInt8)
        for counters in [base, events] {
            builder.append(counters.views)
            builder.append(counters.likes)
            builder.append(counters.favorites)
            builder.append(counters.tips)
            builder.append(counters.comments)
            builder.append(counters.shares)
        }
    }
}
