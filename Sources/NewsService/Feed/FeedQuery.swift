internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// Which changes somebody wants to see, and how. Watchers that want the same share what is sent.
struct FeedFilter: Hashable {
    var view = ArticleView.basic
    /// "channels/{channel}", an id or a display name; empty: any.
    var channel = ""
    var source = ""
    var includesStats = false

    /// Whether the change is to be sent. What cannot be told is sent.
    func admits(_ change: EncodedChange, _ channels: ChannelTable) -> Bool {
        if change.article.isEmpty { return true }
        if !channel.isEmpty {
            guard let wanted = channels.channel(asked: channel), change.channel == wanted.number else { return false }
        }
        if source.isEmpty { return true }
        return (try? Article(decoding: change.article.span))?.source == source
    }
}

/// What a request for changes asks for, understood.
struct FeedQuery {
    let filter: FeedFilter
    /// Changes behind this revision; `nil`: none was given.
    let after: UInt64?

    init(
        position: String, view: ArticleView, channel: String, source: String, includesStats: Bool = false,
        _ check: inout FieldCheck, _ core: ServiceCore
    ) throws(Failure) {
        var filter = FeedFilter()
        filter.view = check.view(view, default: .basic) ?? .basic
        if filter.view == .capture {
            check.refuse("view", .invalid, "view CAPTURE is not offered for changes; get the articles by name")
        }
        if channel.hasPrefix(ChannelID.namePrefix) { check.channel(channel, "channel") }
        filter.channel = channel
        filter.source = source
        filter.includesStats = includesStats
        self.filter = filter
        guard check.isPassed else { throw Failure(check.violations) }
        after = position.isEmpty ? nil : try FeedQuery.known(position, "position", core)
    }

    /// The revision of a position of this store.
    static func known(_ text: String, _ field: String, _ core: ServiceCore) throws(Failure) -> UInt64 {
        guard let position = try? FeedPosition(text, key: core.tokenKey) else {
            throw Failure(
                .outOfRange, .positionUnknown, "\(field) is not one of this store's; list again",
                metadata: ["field": field])
        }
        guard position.revision <= core.store.publishedRevision else {
            throw Failure(
                .outOfRange, .positionUnknown,
                "\(field) lies ahead of all that is stored, as after a backup was restored; list again",
                metadata: ["field": field])
        }
        return position.revision
    }
}
