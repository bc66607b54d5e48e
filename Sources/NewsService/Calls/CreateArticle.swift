internal import Bytes
internal import GRPCCall
internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore

extension ArticleService {
    /// Checks on the loop, writes on the writer's thread, and answers once the record is durable.
    func createArticle(
        _ request: CreateArticleRequest, _ call: CallReference, _ cancellation: CallCancellation
    ) throws(Failure) {
        let (article, id) = try checked(request)
        let draft = ArticleDraft(article, zones: core.zones)
        let articleID = id ?? ArticleID(day: draft.sortDay, discriminator: discriminator(request))
        if request.validateOnly {
            call.complete(.success(try validated(draft, articleID, isGiven: id != nil, request)))
            return
        }
        let period = draft.period(core.store.layout)
        let command = CreateCommand(
            period: period, claim: core.store.claim(articleID, in: period), id: articleID, draft: draft,
            request: request, channels: core.store.channels, cancellation: cancellation)
        if let id, let holder = core.lookup.period(of: id), holder != period {
            submit(command.asking(holder), core, call)
        } else {
            submit(command, core, call)
        }
    }

    private func checked(_ request: CreateArticleRequest) throws(Failure) -> (Article, ArticleID?) {
        var check = FieldCheck()
        check.requestID(request.requestId, "request_id")
        var id: ArticleID?
        if !request.articleId.isEmpty {
            id = ArticleID(request.articleId)
            if id == nil {
                check.refuse("article_id", .name, "article_id must match [a-z0-9][a-z0-9-]{2,61}[a-z0-9]")
            }
        }
        guard let article = request.article else {
            check.refuse("article", .required, "article is required")
            throw Failure(check.violations)
        }
        check.article(article, "article", titleIsRequired: true, zones: core.zones)
        guard check.isPassed else { throw Failure(check.violations) }
        return (article, id)
    }

    /// 60 bits that follow from the request_id, so that a repeated request finds the same shard and article.
    private func discriminator(_ request: CreateArticleRequest) -> UInt64 {
        guard !request.requestId.isEmpty else { return core.makeDiscriminator() }
        return SHA256.hash(request.requestId.utf8Span.span).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The article as it would be, without revision and times.
    private func validated(
        _ draft: ArticleDraft, _ id: ArticleID, isGiven: Bool, _ request: CreateArticleRequest
    ) throws(Failure) -> [UInt8] {
        if isGiven, core.lookup.period(of: id) != nil { throw Failure(exists: id) }
        var article = draft.article.excerpted()
        article.name = id.name
        if let text = draft.channelText {
            let channel = core.store.channels.channel(named: text)
            if channel == nil, request.requireChannel { throw Failure(channelNotFound: draft.channel) }
            article.channel = (channel?.id ?? ChannelID(text) ?? ChannelID(displayName: text)).name
            article.channelDisplayName = channel?.displayName ?? text
        }
        article.stats = request.article?.stats
        return article.encoded()
    }
}

/// Hands a create to the writer, and answers when it is durable.
private func submit(_ command: CreateCommand, _ core: ServiceCore, _ call: CallReference) {
    core.store.submit(command) { result in
        switch result {
        case .success(.stored(let reply)): call.complete { [clock = core.clock] in reply.encoded(now: clock()) }
        case .success(.refused(let failure)): call.complete(.failure(failure.status))
        // Its id is that of an article of another shard: it may be the one that this request made, and has moved.
        case .failure(.locatedElsewhere(let holder)): submit(command.asking(holder), core, call)
        case .success(.elsewhere(let id)):
            switch core.lookup.place(of: id) {
            case .found(let holder) where command.askedCount < CreateCommand.askedMax:
                submit(command.asking(holder), core, call)
            case .unavailable(let holder): call.complete(.failure(Failure(StoreError.unavailable(holder)).status))
            case .found, .absent: call.complete(.failure(Failure(notFound: id.name).status))
            }
        case .failure(.periodsChanged): submit(command.addressed(core.store), core, call)
        case .failure(let error): call.complete(.failure(Failure(error).status))
        }
    }
}

/// Stores a new article, or finds the one that an earlier request of the same id stored.
struct CreateCommand: StoreCommand {
    enum Output: Sendable {
        case stored(WrittenArticle)
        case refused(Failure)
        /// An earlier request has made this article, which is in another shard by now.
        case elsewhere(ArticleID)
    }

    private(set) var period: Period
    private(set) var claim: ArticleID?
    /// How often another shard has been asked for the article of an earlier request. There nothing is made.
    private(set) var askedCount = 0
    let id: ArticleID
    let article: PreparedArticle
    let requestID: String
    let requiresChannel: Bool
    /// Tells one content from another under the same request_id.
    let fingerprint: [UInt8]
    let cancellation: CallCancellation

    init(
        period: Period, claim: ArticleID?, id: ArticleID, draft: consuming ArticleDraft,
        request: CreateArticleRequest, channels: ChannelTable, cancellation: CallCancellation
    ) {
        self.period = period
        self.claim = claim
        self.id = id
        self.cancellation = cancellation
        article = PreparedArticle(draft, id: id, channels)
        requestID = request.requestId
        requiresChannel = request.requireChannel
        fingerprint = requestID.isEmpty ? [] : CreateCommand.fingerprint(request)
    }

    private static func fingerprint(_ request: CreateArticleRequest) -> [UInt8] {
        var content = request
        content.requestId = ""
        content.unknownFields = []
        return SHA256.hash(content.encoded())
    }

    /// Nobody moves an article as often as that while it is asked for.
    static let askedMax = 8

    /// The same for a shard that has the article, if any has, that the request made when it was sent first.
    func asking(_ holder: Period) -> CreateCommand {
        var command = self
        (command.period, command.claim) = (holder, nil)
        command.askedCount += 1
        return command
    }

    /// The same for the shards as they are now.
    func addressed(_ store: Store) -> CreateCommand {
        var command = self
        command.period = Period(of: article.sort, store.layout)
        command.claim = store.claim(id, in: command.period)
        command.askedCount = 0
        return command
    }

    func apply(to shard: ShardWriter) throws(StoreError) -> Output {
        // Nobody will hear of it: what was given up before it began is not done at all.
        if cancellation.isCancelled { return .refused(Failure(.cancelled, .cancelled, "the call was cancelled")) }
        if !requestID.isEmpty, let earlier = shard.request(requestID) {
            return try repeated(earlier, shard)
        }
        if askedCount > 0 { return .refused(Failure(exists: id)) }
        if try shard.holds(id) { return .refused(Failure(exists: id)) }
        var channel: NewsStore.Channel?
        if let text = article.channelText {
            channel = try shard.channel(named: text, create: !requiresChannel)
            if channel == nil { return .refused(Failure(channelNotFound: article.channel)) }
        }
        let record = article.record(id, channel: channel)
        let revision = try shard.put(record)
        if !requestID.isEmpty { try shard.remember(request: requestID, fingerprint: fingerprint, article: id) }
        let tail = ArticleTail(
            revision: revision, sortInstant: record.sortInstant, createTime: shard.now, updateTime: shard.now,
            counters: record.counters, expireTime: record.expireTime)
        return .stored(WrittenArticle(full: record.full, tail: tail, channel: channel?.displayName))
    }

    private func repeated(_ earlier: RequestRecord, _ shard: ShardWriter) throws(StoreError) -> Output {
        guard earlier.fingerprint == fingerprint else {
            return .refused(Failure(requestIDConflict: requestID))
        }
        guard let stored = try shard.article(earlier.article) else { return .elsewhere(earlier.article) }
        return .stored(try WrittenArticle(stored, shard))
    }
}

extension Failure {
    init(exists id: ArticleID) {
        self.init(.alreadyExists, .articleExists, "\(id.name) exists already", metadata: ["name": id.name])
    }

    init(channelNotFound channel: String) {
        self.init(
            .failedPrecondition, .channelNotFound, "channel \"\(channel)\" does not exist",
            metadata: ["channel": channel])
    }
}
