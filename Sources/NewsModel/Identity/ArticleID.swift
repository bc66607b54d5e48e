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
        if let day {
            bytes += Decimal.padded(day.year, width: 4).utf8
            bytes += Decimal.padded(day.month, width: 2).utf8
            bytes += Decimal.padded(day.day, width: 2).utf8
        } else {
            bytes += repeatElement(UInt8(ascii: "0"), count: 8)
        }
        bytes.append(UInt8(ascii: "-"))
        Base32Hex.append(discriminator, count: 12, to: &bytes)
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// "articles/" before an id.
    package static let namePrefix = "articles/"

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
        ResourceID.range(inName: name, prefix: namePrefix)
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

    static func isValid(_ bytes: Span<UInt8>, in range: Range<Int>) -> Bool {
        guard counts.contains(range.count) else { return false }
        for offset in range {
            switch bytes[offset] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): continue
            case UInt8(ascii: "-"):
                guard offset > range.lowerBound, offset < range.upperBound - 1 else { return false }
            default: return false
            }
        }
        return true
    }

    /// Where the valid id lies in a name of the collection `prefix`.
    static func range(inName name: Span<UInt8>, prefix: String) -> Range<Int>? {
        let prefix = prefix.utf8
        guard name.count > prefix.count else { return nil }
        var offset = 0
        for byte in prefix {
            guard name[offset] == byte else { return nil }
            offset += 1
        }
        let range = offset..<name.count
        return isValid(name, in: range) ? range : nil
    }

    /// - Precondition: `bytes` are ASCII.
    static func text(of bytes: Span<UInt8>) -> String {
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for offset in 0..<bytes.count { copy.append(bytes[offset]) }
        return String(decoding: copy, as: UTF8.self)
    }
}
