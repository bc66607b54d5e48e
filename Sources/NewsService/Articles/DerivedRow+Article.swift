internal import NewsMessages
internal import NewsModel
package import NewsStore

extension DerivedRow {
    /// What of a stored article can be made from its full message, as its import or creation made it.
    ///
    /// - Returns: `nil` when the bytes are no article.
    package init?(full: [UInt8], zones: ZoneTable) {
        guard let article = try? Article(decoding: full.span) else { return nil }
        let zone = zones[article.timeZone] ?? zones.storeZone
        // The shown instant is the printed time, or where the printed period begins, in the article's own zone.
        let day = article.publishTime.flatMap { Instant($0) }.map { zone.civil(at: $0).date }
        self.init(
            row: EncodedRow.content(of: article.encoded()).bytes, source: article.source,
            titleDay: TitleDay(title: article.title.isEmpty ? article.body : article.title, day: day),
            channelName: article.channel)
    }
}
