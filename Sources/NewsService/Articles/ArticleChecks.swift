internal import NewsMessages
internal import NewsModel

extension FieldCheck {
    /// Holds an article against the limits of article.proto.
    ///
    /// - Parameters:
    ///   - path: Where it lies in the request, "article" or "capture".
    ///   - titleIsRequired: False for pages, which may print none.
    ///   - zones: Tells whether a zone is known.
    mutating func article(_ article: Article, _ path: String, titleIsRequired: Bool, zones: ZoneTable) {
        text(article.title, "\(path).title", max: ArticleLimits.title, isRequired: titleIsRequired)
        text(article.subtitle, "\(path).subtitle", max: ArticleLimits.subtitle)
        text(article.excerpt, "\(path).excerpt", max: ArticleLimits.excerpt, isOneLine: false)
        text(article.source, "\(path).source", max: ArticleLimits.source)
        text(article.editor, "\(path).editor", max: ArticleLimits.editor)
        text(article.body, "\(path).body", max: ArticleLimits.body, isOneLine: false)
        languageCode(article.languageCode, "\(path).language_code")
        uri(article.canonicalUri, "\(path).canonical_uri")
        texts(article.labels, "\(path).labels", countMax: ArticleLimits.labelCount, max: ArticleLimits.label)
        if let byline = article.byline {
            for (names, field) in [
                (byline.authors, "authors"), (byline.reporters, "reporters"), (byline.correspondents, "correspondents"),
            ] {
                texts(
                    names, "\(path).byline.\(field)", countMax: ArticleLimits.writerCount, max: ArticleLimits.writer)
            }
        }
        channel(article.channel, "\(path).channel")
        zone(article.timeZone, "\(path).time_zone", zones: zones)
        publishTime(article, path)
        if let time = article.expireTime, Instant(time) == nil {
            refuse(
                "\(path).expire_time", .invalid,
                "\(path).expire_time must lie in the years 1 to 9999, with nanos 0 to 999999999")
        }
        stats(article.stats, "\(path).stats")
        if !(0...BodyFormat.markdown.rawValue).contains(article.bodyFormat.rawValue) {
            refuse("\(path).body_format", .invalid, "\(path).body_format \(article.bodyFormat.rawValue) is unknown")
        }
    }

    /// A name, an id or a display name.
    mutating func channel(_ value: String, _ path: @autoclosure () -> String) {
        guard !value.isEmpty else { return }
        if value.hasPrefix(ChannelID.namePrefix) {
            if ChannelID(name: value) == nil {
                refuse(path(), .name, "\(path()) must be channels/{channel} or a display name")
            }
        } else {
            text(value, path(), max: ArticleLimits.channelDisplayName)
            if TextFolding.folded(value).isEmpty { refuse(path(), .invalid, "\(path()) must not be blank") }
        }
    }

    mutating func zone(_ value: String, _ path: @autoclosure () -> String, zones: ZoneTable) {
        guard !value.isEmpty, zones[value] == nil else { return }
        refuse(path(), .time, "\(path()) \"\(value.prefix(ArticleLimits.zoneName))\" is not a time zone known here")
    }

    mutating func publishTime(_ article: Article, _ path: String) {
        var field: String { "\(path).publish_time" }
        guard let precision = Precision(article.publishTimePrecision) else {
            refuse(
                "\(field)_precision", .invalid,
                "\(field)_precision \(article.publishTimePrecision.rawValue) is unknown")
            return
        }
        guard let time = article.publishTime else {
            if article.publishTimePrecision != .unspecified, precision != .unknown {
                refuse(field, .invalid, "\(field) is required with this publish_time_precision")
            }
            return
        }
        if Instant(time) == nil {
            refuse(field, .invalid, "\(field) must lie in the years 1 to 9999, with nanos 0 to 999999999")
        }
        if precision == .unknown { refuse(field, .invalid, "\(field) must be unset when its precision is UNKNOWN") }
    }

    private mutating func stats(_ stats: ArticleStats?, _ path: String) {
        guard let stats else { return }
        count(stats.viewCount, "\(path).view_count")
        count(stats.likeCount, "\(path).like_count")
        count(stats.favoriteCount, "\(path).favorite_count")
        count(stats.tipCount, "\(path).tip_count")
        count(stats.commentCount, "\(path).comment_count")
        count(stats.shareCount, "\(path).share_count")
    }

    /// - Returns: The view to answer with; `nil` when the number is not one of ArticleView.
    mutating func view(_ view: ArticleView, default unspecified: ArticleView, _ field: String = "view") -> ArticleView?
    {
        switch view {
        case .unspecified: return unspecified
        case .basic, .full, .capture: return view
        default:
            refuse(field, .invalid, "\(field) \(view.rawValue) must be BASIC, FULL or CAPTURE")
            return nil
        }
    }
}
