internal import Bytes
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

    func period(_ layout: ShardLayout) -> Period { Period(of: sort, layout) }
}

extension Period {
    /// Where an article with that time belongs.
    init(of sort: SortTime?, _ layout: ShardLayout) { self = sort.map { Period($0.day, layout) } ?? .undated }
}

extension ArticleDraft {
    /// - Parameter input: Has passed `FieldCheck.article`.
    /// - Parameter printed: What the page printed, where it did; otherwise the article's own publish_time counts.
    /// - Parameter hashesBody: False when the caller knows the hash, which takes long for a long body.
    init(
        _ input: consuming Article, printed: (time: CivilDateTime, precision: Precision)? = nil, zones: ZoneTable,
        hashesBody: Bool = true
    ) {
        var article = input
        article.removeOutput()
        channel = article.channel
        article.channel = ""
        counters = Counters(article.stats)
        article.stats = nil
        // Finer digits than the store keeps are cut off.
        article.expireTime = article.expiry.map { Timestamp($0) }
        let zone = zones[article.timeZone] ?? zones.storeZone
        var printedDay: CivilDate?
        if let printed {
            sort = SortTime(
                published: printed.time, precision: printed.precision, zone: zone, storeZone: zones.storeZone)
            printedDay = sort == nil ? nil : printed.time.date
        } else if let instant = article.publishTime.flatMap({ Instant($0) }),
            let precision = Precision(article.publishTimePrecision)
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
        if hashesBody { article.addHash() }
        self.article = article
    }
}

extension Article {
    /// Takes out fields that only the server sets, and those that this version does not know.
    mutating func removeOutput() {
        name = ""
        state = .unspecified
        revision = 0
        etag = ""
        createTime = nil
        updateTime = nil
        textIssues = []
        bodyLength = 0
        bodySha256 = []
        channelDisplayName = ""
        capture = nil
        unknownFields = []
    }

    /// Fills in the length and hash of the body.
    mutating func addHash() {
        bodyLength = Int32(body.utf8Span.span.scalarCount)
        bodySha256 = body.isEmpty ? [] : Digest.sha256(body.utf8Span.span)
    }

    var hashed: Article {
        var article = self
        article.addHash()
        return article
    }

    /// Makes an excerpt from the body, when there is none.
    ///
    /// - Parameter earlierBody: The body before a change. An excerpt that was made from it is made again.
    mutating func addExcerpt(earlierBody: String = "") {
        let isHTML = bodyFormat == .html
        let isOutdated =
            !earlierBody.isEmpty && earlierBody != body && excerpt == Excerpt.of(earlierBody, isHTML: isHTML)
        if excerpt.isEmpty || isOutdated { excerpt = Excerpt.of(body, isHTML: isHTML) }
    }

    func excerpted(earlierBody: String = "") -> Article {
        var article = self
        article.addExcerpt(earlierBody: earlierBody)
        return article
    }
}
