internal import NewsMessages
internal import NewsModel

/// A field of Article that a client can set, by its path in a mask.
enum ArticleField: String, CaseIterable, Sendable {
    case title, subtitle, excerpt, channel, source, editor, labels, body, stats
    case publishTime = "publish_time"
    case publishTimePrecision = "publish_time_precision"
    case timeZone = "time_zone"
    case expireTime = "expire_time"
    case languageCode = "language_code"
    case bodyFormat = "body_format"
    case canonicalURI = "canonical_uri"
    case authors = "byline.authors"
    case reporters = "byline.reporters"
    case correspondents = "byline.correspondents"

    private static let byline: Set<ArticleField> = [.authors, .reporters, .correspondents]

    /// The fields that a mask names.
    ///
    /// - Parameter mask: Empty: those that are set in the article.
    static func named(
        by mask: FieldMask?, in article: Article, _ check: inout FieldCheck
    ) -> Set<ArticleField> {
        let paths = mask?.paths ?? []
        if paths.isEmpty { return Set(allCases.filter { $0.isSet(in: article) }) }
        if paths == ["*"] { return Set(allCases) }
        var fields: Set<ArticleField> = []
        for (index, path) in paths.enumerated() {
            if let field = ArticleField(rawValue: path) {
                fields.insert(field)
            } else if path == "byline" {
                fields.formUnion(byline)
            } else if !OutputOnlyFields.article.contains(path) {
                let field = "update_mask.paths[\(index)]"
                check.refuse(field, .mask, "\(field) \"\(path.prefix(64))\" is no field of Article that can be set")
            }
        }
        return fields
    }

    private func isSet(in article: Article) -> Bool {
        let empty = Article()
        return applied(from: article, to: empty) != empty
    }

    /// The second article with this field of the first.
    func applied(from other: Article, to article: Article) -> Article {
        var article = article
        switch self {
        case .title: article.title = other.title
        case .subtitle: article.subtitle = other.subtitle
        case .excerpt: article.excerpt = other.excerpt
        case .channel: article.channel = other.channel
        case .source: article.source = other.source
        case .editor: article.editor = other.editor
        case .labels: article.labels = other.labels
        case .body: article.body = other.body
        case .stats: article.stats = other.stats
        case .publishTime: article.publishTime = other.publishTime
        case .publishTimePrecision: article.publishTimePrecision = other.publishTimePrecision
        case .timeZone: article.timeZone = other.timeZone
        case .expireTime: article.expireTime = other.expireTime
        case .languageCode: article.languageCode = other.languageCode
        case .bodyFormat: article.bodyFormat = other.bodyFormat
        case .canonicalURI: article.canonicalUri = other.canonicalUri
        case .authors, .reporters, .correspondents:
            var byline = article.byline ?? Byline()
            switch self {
            case .authors: byline.authors = other.byline?.authors ?? []
            case .reporters: byline.reporters = other.byline?.reporters ?? []
            default: byline.correspondents = other.byline?.correspondents ?? []
            }
            article.byline = byline == Byline() ? nil : byline
        }
        return article
    }
}
