/// What two captures of one article have in common: its title and its printed day.
///
/// Not a key: two rows of one page may be equal in both and are two articles all the same.
package struct TitleDay: Hashable, Sendable {
    /// The first 128 bits of SHA-256 over the folded title.
    package let titleHash: [UInt8]
    /// `nil` when the page gave no date.
    package let day: CivilDate?

    package static let titleHashCount = 16

    package init(title: String, day: CivilDate?) {
        titleHash = Array(SHA256.hash(TextFolding.folded(title).utf8.span).prefix(TitleDay.titleHashCount))
        self.day = day
    }

    /// - Precondition: `titleHash` has 16 bytes.
    package init(titleHash: [UInt8], day: CivilDate?) {
        precondition(titleHash.count == TitleDay.titleHashCount, "a title hash has 16 bytes")
        self.titleHash = titleHash
        self.day = day
    }

    /// The id of the article that is the `ordinal`-th (from 0) with this title and day.
    ///
    /// - Parameter sortDay: The day that orders it in the store's zone, which may be another than the printed one.
    package func id(ordinal: Int, sortDay: CivilDate?) -> ArticleID {
        var hash = SHA256()
        hash.update(titleHash)
        if sortDay != day, let day { hash.update(Array(day.description.utf8)) }
        hash.update(Array(String(ordinal).utf8))
        var number: UInt64 = 0
        for byte in hash.finish().prefix(8) { number = number << 8 | UInt64(byte) }
        return ArticleID(day: sortDay, discriminator: number)
    }
}
