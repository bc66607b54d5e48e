/// The place of an article in the lists of the store, and the keys that give it.
///
/// Newest first, bytes compared without sign; oldest first has the instant ascending:
///
///     13 base32hex characters   2^63 - 1 - microseconds      (oldest first: microseconds + 2^63)
///      4 base32hex characters   order on the page, from 0
///      4 to 64 characters       id
///
/// Ties are broken by the order on the page and then by id, both ascending in both directions.
package struct RowOrder: Hashable, Sendable {
    /// `nil` for an article without a date: after all others, newest first.
    package var sortInstant: Instant?
    /// Position on the last capture that showed it, else 0.
    package var pageOrder: UInt16

    package init(sortInstant: Instant?, pageOrder: UInt16) {
        self.sortInstant = sortInstant
        self.pageOrder = pageOrder
    }

    /// Characters before the id.
    package static let prefixCount = 17

    /// Thirteen times "v", which is above every number of 64 bits.
    private static let undatedMark = UInt8(ascii: "v")

    /// The key's part before the id, newest first.
    package var newestFirstPrefix: [UInt8] {
        prefix { UInt64(bitPattern: Int64.max) &- UInt64(bitPattern: $0) }
    }

    /// The key's part before the id, oldest first.
    package var oldestFirstPrefix: [UInt8] {
        prefix { UInt64(bitPattern: $0) ^ (1 << 63) }
    }

    private func prefix(_ number: (Int64) -> UInt64) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(RowOrder.prefixCount + ResourceID.counts.upperBound)
        if let sortInstant {
            Base32Hex.append(number(sortInstant.microseconds), count: Base32Hex.uint64Count, to: &key)
        } else {
            key += repeatElement(RowOrder.undatedMark, count: Base32Hex.uint64Count)
        }
        Base32Hex.append(UInt64(pageOrder), count: 4, to: &key)
        return key
    }

    /// The whole key of the article `id`, newest first.
    package func newestFirstKey(_ id: ArticleID) -> [UInt8] { newestFirstPrefix + id.text.utf8 }

    /// The whole key of the article `id`, oldest first.
    package func oldestFirstKey(_ id: ArticleID) -> [UInt8] { oldestFirstPrefix + id.text.utf8 }

    /// Reads the part before the id of a key, newest first.
    package init?(newestFirst key: Span<UInt8>) {
        self.init(key) { Int64(bitPattern: UInt64(bitPattern: Int64.max) &- $0) }
    }

    /// Reads the part before the id of a key, oldest first.
    package init?(oldestFirst key: Span<UInt8>) {
        self.init(key) { Int64(bitPattern: $0 ^ (1 << 63)) }
    }

    private init?(_ key: Span<UInt8>, microseconds: (UInt64) -> Int64) {
        guard key.count > RowOrder.prefixCount,
            let order = Base32Hex.number(in: key, Base32Hex.uint64Count..<RowOrder.prefixCount),
            let pageOrder = UInt16(exactly: order)
        else { return nil }
        if key[0] == RowOrder.undatedMark {
            for offset in 1..<Base32Hex.uint64Count where key[offset] != RowOrder.undatedMark { return nil }
            self.init(sortInstant: nil, pageOrder: pageOrder)
            return
        }
        guard let number = Base32Hex.number(in: key, 0..<Base32Hex.uint64Count) else { return nil }
        self.init(sortInstant: Instant(microseconds: microseconds(number)), pageOrder: pageOrder)
    }
}
