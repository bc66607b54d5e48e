/// What a channel is called for ever: the part of its name after "channels/". Same rule as an article's id.
package struct ChannelID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    /// - Returns: `nil` when the text breaks the rule.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        guard ResourceID.isValid(text.utf8.span) else { return nil }
        self.text = text
    }

    /// "channels/" before an id.
    package static let namePrefix = "channels/"

    package var name: String { ChannelID.namePrefix + text }

    /// - Parameter name: "channels/{channel}".
    package init?(name: some StringProtocol) {
        guard name.hasPrefix(ChannelID.namePrefix) else { return nil }
        self.init(name.dropFirst(ChannelID.namePrefix.count))
    }

    /// The id of a channel that is known by its display name only.
    ///
    /// ASCII names become a slug: "Tech News" gives tech-news. For the others, and for slugs that break the rule, it is
    /// "c-" and 80 bits of the name's hash in base 32. The same name always gives the same id; different names may give
    /// the same slug, so a store that has it for another name takes `hashed(of:)`.
    package init(displayName: String) {
        if let slug = ChannelID.slug(of: displayName), let id = ChannelID(slug) {
            self = id
        } else {
            self = ChannelID.hashed(of: displayName)
        }
    }

    /// "c-" and 16 characters that follow from the name alone.
    package static func hashed(of displayName: String) -> ChannelID {
        let hash = SHA256.hash(displayName.utf8.span)
        return ChannelID(trusted: "c-" + Base32Hex.encode(hash.span.extracting(first: 10)))
    }

    private init(trusted text: String) { self.text = text }

    /// Lower-case letters and digits, with one hyphen for each run of other characters; `nil` when not ASCII.
    private static func slug(of name: String) -> String? {
        var slug = ""
        for byte in name.utf8 {
            guard byte < 0x80 else { return nil }
            switch byte | 0x20 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): slug.unicodeScalars.append(Unicode.Scalar(byte | 0x20))
            default:
                if Decimal.digit(byte) != nil {
                    slug.unicodeScalars.append(Unicode.Scalar(byte))
                } else if !slug.isEmpty, slug.last != "-" {
                    slug.append("-")
                }
            }
        }
        if slug.last == "-" { slug.removeLast() }
        return slug
    }

    package static func < (left: ChannelID, right: ChannelID) -> Bool { left.text < right.text }
    package var description: String { text }
}
