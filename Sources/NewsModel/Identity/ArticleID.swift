/// What an article is called for ever: the part of its name after "articles/".
///
/// Matches [a-z0-9][a-z0-9-]{2,61}[a-z0-9]: 4 to 64 characters. The server's own ids are yyyymmdd-xxxxxxxxxxxx, the
/// printed or sorting day in the store's zone (00000000 when undated) and 60 bits in base 32.
package struct ArticleID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    /// - Returns: `nil` when the text breaks the rule.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        guard ResourceID.isValid(text.utf8.span) else { return nil }
        self.text = text
    }

    package init?(_ bytes: Span<UInt8>) {
        guard ResourceID.isValid(bytes) else { return nil }
        text = ResourceID.text(of: bytes)
    }

    /// One of the server's own.
    ///
    /// - Parameter day: `nil` for an article whose page gave no date.
    /// - Parameter discriminator: Its low 60 bits are written.
    package init(day: CivilDate?, discriminator: UInt64) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(21)
        Decimal.append(day?.year ?? 0, width: 4, to: &bytes)
        Decimal.append(day?.month ?? 0, width: 2, to: &bytes)
        Decimal.append(day?.day ?? 0, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Base32Hex.append(discriminator, count: 12, to: &bytes)
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// "articles/" before an id.
    package static let namePrefix = "articles/"
    /// "articles", the first character in the lowest byte.
    private static let articles: UInt64 = 0x7365_6c63_6974_7261

    package var name: String { ArticleID.namePrefix + text }

    /// - Parameter name: "articles/{article}".
    package init?(name: some StringProtocol) {
        guard name.hasPrefix(ArticleID.namePrefix) else { return nil }
        self.init(name.dropFirst(ArticleID.namePrefix.count))
    }

    /// Where the id lies in a name, without making text of it.
    ///
    /// - Returns: `nil` when it is not the name of an article.
    package static func range(inName name: Span<UInt8>) -> Range<Int>? {
        let start = 9
        guard name.count > start, name[8] == UInt8(ascii: "/") else { return nil }
        var collection: UInt64 = 0
        for offset in 0..<8 { collection |= UInt64(name[offset]) << UInt64(8 * offset) }
        guard collection == articles, ResourceID.isValid(name, in: start..<name.count) else { return nil }
        return start..<name.count
    }

    /// What the first characters of an id say about its shard.
    package enum NamedDay: Hashable, Sendable {
        case undated
        case day(CivilDate)
    }

    /// - Returns: `nil` when the id begins with no date, as a client's own choice may.
    package static func namedDay(of id: Span<UInt8>) -> NamedDay? {
        guard id.count > 9, id[8] == UInt8(ascii: "-"), let number = Decimal.value(of: id, in: 0..<8) else {
            return nil
        }
        guard number != 0 else { return .undated }
        let date = CivilDate(year: number / 10_000, month: number / 100 % 100, day: number % 100)
        return date.map { .day($0) }
    }

    package var namedDay: NamedDay? { ArticleID.namedDay(of: text.utf8.span) }

    package static func < (left: ArticleID, right: ArticleID) -> Bool { left.text < right.text }
    package var description: String { text }
}

/// The rule that all ids of resources keep.
enum ResourceID {
    static let counts = 4...64

    static func isValid(_ bytes: Span<UInt8>) -> Bool { isValid(bytes, in: 0..<bytes.count) }

    /// Bits of the ASCII characters that an id is made of: digits and the hyphen below 64, lower-case letters above.
    private static let low: UInt64 = 0x03FF_2000_0000_0000
    private static let high: UInt64 = 0x07FF_FFFE_0000_0000

    static func isValid(_ bytes: Span<UInt8>, in range: Range<Int>) -> Bool {
        guard counts.contains(range.count), range.lowerBound >= 0, range.upperBound <= bytes.count else { return false }
        let hyphen = UInt8(ascii: "-")
        guard bytes[range.lowerBound] != hyphen, bytes[range.upperBound - 1] != hyphen else { return false }
        for offset in range {
            let byte = bytes[offset]
            guard byte < 0x80, (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1 else { return false }
        }
        return true
    }

    /// - Precondition: `bytes` are ASCII.
    static func text(of bytes: Span<UInt8>) -> String {
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for offset in 0..<bytes.count { copy.append(bytes[offset]) }
        return String(decoding: copy, as: UTF8.self)
    }
}
