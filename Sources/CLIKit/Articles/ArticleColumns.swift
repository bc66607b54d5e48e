internal import NewsMessages
internal import NewsModel
internal import ProtoJSON

/// The columns in which articles are listed.
struct ArticleColumns {
    private enum Kind: String {
        case date, views, comments, likes, favorites, tips, shares, channel, source, editor, title, name
        case publishTime = "publish_time"
    }

    private let kinds: [Kind]
    private let dates: ArticleDates

    init(_ format: OutputFormat, _ dates: ArticleDates) {
        self.dates = dates
        switch format {
        case .csv, .tsv:
            kinds = [
                .date, .views, .comments, .channel, .source, .title, .editor, .likes, .favorites, .tips, .shares,
                .publishTime, .name,
            ]
        case .wide:
            kinds = [
                .date, .views, .comments, .likes, .favorites, .tips, .shares, .channel, .source, .editor, .title, .name,
            ]
        case .table, .text, .json, .jsonl, .name: kinds = [.date, .views, .comments, .channel, .source, .title]
        }
    }

    /// The names of the columns, as a head line has them.
    var names: [String] { kinds.map(\.rawValue) }

    var tableColumns: [Table.Column] {
        kinds.map { kind in
            switch kind {
            case .views, .comments, .likes, .favorites, .tips, .shares:
                Table.Column(title: kind.rawValue, isNumber: true)
            case .title: Table.Column(title: kind.rawValue, narrowest: 20)
            case .channel, .source, .editor: Table.Column(title: kind.rawValue, narrowest: 8)
            case .date, .name, .publishTime: Table.Column(title: kind.rawValue)
            }
        }
    }

    /// The fields of one article; what is unknown is `unknown`.
    func fields(of article: Article, unknown: String) -> [String] {
        kinds.map { kind in
            guard let text = text(kind, article), !text.isEmpty else { return unknown }
            return text
        }
    }

    private func text(_ kind: Kind, _ article: Article) -> String? {
        switch kind {
        case .date: dates.text(of: article)
        case .views: count(article, .views, \.viewCount)
        case .comments: count(article, .comments, \.commentCount)
        case .likes: count(article, .likes, \.likeCount)
        case .favorites: count(article, .favorites, \.favoriteCount)
        case .tips: count(article, .tips, \.tipCount)
        case .shares: count(article, .shares, \.shareCount)
        case .channel: article.channelDisplayName.isEmpty ? article.channel : article.channelDisplayName
        case .source: article.source
        case .editor: article.editor
        case .title: article.title
        case .name: article.name
        case .publishTime:
            article.publishTime.flatMap { TimestampText.text(seconds: $0.seconds, nanoseconds: Int64($0.nanos)) }
        }
    }

    private func count(_ article: Article, _ counter: Counter, _ path: KeyPath<ArticleStats, Int64>) -> String? {
        guard let stats = article.stats, stats.known.contains(counter) else { return nil }
        return String(stats[keyPath: path])
    }
}
