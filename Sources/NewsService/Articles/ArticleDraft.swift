internal import Digests
internal import NewsMessages
internal import NewsModel

/// An article as it is to be stored, before it is known under which id.
struct ArticleDraft: Sendable {
    /// Checked, without output fields, name and channel; with the hash of its body, and the excerpt that was given.
    var article: Article
    /// A name, an id or a display name; empty for none.
    var channel: String
    /// `nil`: undated.
    var sort: SortTime?
    var titleDay: TitleDay
    /// What the page or the client said was counted.
    var counters: Counters
    /// Position on the capture, for the rows of a listing.
    var pageOrder: UInt16?
    /// The encoded capture that it was taken from; may be empty.
    var capture: [UInt8] = []

    var sortDay: CivilDate? { sort?.day }

    func period(_ layout: ShardLayout) -> Period { sort.map { Period($0.day, layout) } ?? .undated }

    /// One that was made before.
    init(
        article: Article, channel: String, sort: SortTime?, titleDay: TitleDay, counters: Counters, pageOrder: UInt16?,
        capture: [UInt8]
    ) {
        self.article = article
        self.channel = channel
        self.sort = sort
        self.titleDay = titleDay
        self.counters = counters
        self.pageOrder = pageOrder
        self.capture = capture
    }

    /// - Parameter input: Has passed `FieldCheck.article`.
    /// - Parameter printed: What the page printed, where it did; otherwise the article's own publish_time counts.
    /// - Parameter hashesBody: False when the caller knows the hash, which takes long for a long body.
    init(
        _ input: Article, printed: (time: CivilDateTime, precision: Precision)? = nil, zones: ZoneTable,
        hashesBody: Bool = true
    ) {
        var article = input.withoutOutput
        channel = article.channel
        article.channel = ""
        counters = Counters(input.stats)
        article.stats = nil
        // Finer digits than the store keeps are cut off.
        article.expireTime = input.expiry.map { Timestamp($0) }
        let zone = zones[input.timeZone] ?? zones.storeZone
        var printedDay: CivilDate?
        if let printed {
            sort = SortTime(
                published: printed.time, precision: printed.precision, zone: zone, storeZone: zones.storeZone)
            printedDay = sort == nil ? nil : printed.time.date
        } else if let instant = input.publishTime.flatMap({ Instant($0) }),
            let precision = Precision(input.publishTimePrecision)
        {
            sort = SortTime(published: instant, precision: precision, zone: zone, storeZone: zones.storeZone)
            printedDay = sort == nil ? nil : zone.civil(at: instant).date
        }
        if let sort, !sort.precision.isInstant { printedDay = sort.day }
        article.publishTime = sort.map { Timestamp($0.shownInstant(zone: zone)) }
        article.publishTimePrecision = TimePrecision(sort?.precision ?? .unknown)
        // A reader elsewhere must be able to tell the printed day, so the zone is named.
        if sort != nil, article.timeZone.isEmpty { article.timeZone = zone.name }
        // Pages without a title are told apart by their text.
        titleDay = TitleDay(title: article.title.isEmpty ? article.body : article.title, day: printedDay)
        self.article = hashesBody ? article.hashed : article
    }
}

extension Article {
    /// The same without fields that only the server sets, and without those that this version does not know.
    var withoutOutput: Article {
        var article = self
        article.name = ""
        article.state = .unspecified
        article.revision = 0
        article.etag = ""
        article.createTime = nil
        article.updateTime = nil
        article.textIssues = []
        article.bodyLength = 0
        article.bodySha256 = []
        article.channelDisplayName = ""
        article.capture = nil
        article.unknownFields = []
        return article
    }

    /// With the length and hash of its body.
    var hashed: Article {
        var article = self
        article.bodyLength = Int32(body.scalarCount)
        article.bodySha256 = body.isEmpty ? [] : Digest.sha256(body.utf8Span.span)
        return article
    }

    /// With an excerpt made from the body, when it has none.
    ///
    /// - Parameter earlierBody: The body before a change. An excerpt that was made from it is made again.
    func excerpted(earlierBody: String = "") -> Article {
        let isHTML = bodyFormat == .html
        let isOutdated =
            !earlierBody.isEmpty && earlierBody != body && excerpt == Excerpt.of(earlierBody, isHTML: isHTML)
        guard excerpt.isEmpty || isOutdated else { return self }
        var article = self
        article.excerpt = Excerpt.of(body, isHTML: isHTML)
        return article
    }

    /// The row of a list: all but body and text issues.
    var row: Article {
        var row = self
        row.body = ""
        row.textIssues = []
        return row
    }
}
