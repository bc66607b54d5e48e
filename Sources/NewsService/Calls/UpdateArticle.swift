internal import GRPCCall
internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore

extension ArticleService {
    /// Checks what can be checked without the article, then reads, merges and writes on the writer's thread.
    func updateArticle(
        _ request: UpdateArticleRequest, _ call: CallReference, _ cancellation: CallCancellation
    ) throws(Failure) {
        var check = FieldCheck()
        check.requestID(request.requestId, "request_id")
        guard let article = request.article else {
            check.refuse("article", .required, "article is required")
            throw Failure(check.violations)
        }
        let id = check.articleName(article.name, "article.name")
        let patch = ArticlePatch(article, request.updateMask, zones: core.zones, &check)
        guard check.isPassed, let id else { throw Failure(check.violations) }
        var content = request
        content.requestId = ""
        content.unknownFields = []
        let command = UpdateCommand(
            request: ChangeRequest(
                "UpdateArticle", id, etag: article.etag, requestID: request.requestId, content: content,
                validateOnly: request.validateOnly, cancellation),
            patch: patch, creation: request.allowMissing ? creation(article) : nil)
        ChangeCall(core, call, command).start()
    }

    /// The article that is made when there is none; what is wrong with it matters only then.
    private func creation(_ article: Article) -> UpdateCommand.Creation {
        var check = FieldCheck()
        check.article(article, "article", titleIsRequired: true, zones: core.zones)
        return check.isPassed ? .draft(ArticleDraft(article, zones: core.zones)) : .refused(Failure(check.violations))
    }
}

/// Changes fields of an article, or makes it.
struct UpdateCommand: ChangeCommand {
    enum Creation: Sendable {
        case draft(ArticleDraft)
        case refused(Failure)
    }

    let request: ChangeRequest
    var place = ChangePlace(period: .undated)
    let patch: ArticlePatch
    /// `nil`: an absent article is an error.
    let creation: Creation?

    init(request: ChangeRequest, patch: ArticlePatch, creation: Creation?) {
        self.request = request
        self.patch = patch
        self.creation = creation
    }

    func periodToCreate(_ layout: ShardLayout) -> Period? {
        guard case .draft(let draft) = creation else { return nil }
        return draft.period(layout)
    }

    func change(_ stored: StoredArticle, _ shard: ShardWriter) throws(StoreError) -> ChangeOutcome {
        if stored.header.isDeleted { throw .deleted(request.id) }
        let record: ArticleRecord
        do throws(PatchError) {
            record = try patch.record(stored, try article(stored, shard), request.id) { name throws(StoreError) in
                try shard.channel(named: name, create: !request.validateOnly)
            }
        } catch {
            switch error {
            case .refused(let failure): return .refused(failure)
            case .failed(let error): throw error
            }
        }
        let period = shard.period(of: record.sortInstant)
        if period != shard.period, period != place.destination, !request.validateOnly { return .moves(period) }
        var header = stored.header
        header.expireTime = record.expireTime
        if isSame(record, stored) {
            if !request.validateOnly { try shard.setBase(request.id, record.counters) }
        } else {
            header.sortInstant = record.sortInstant
            header.channel = record.channel
            if !request.validateOnly {
                header.revision = try period == shard.period ? shard.put(record) : shard.move(record)
                header.updateTime = shard.now
            }
        }
        if !request.validateOnly { try remember(shard) }
        let counters = record.counters + stored.events
        return .done(
            WrittenArticle(
                full: record.full, tail: ArticleTail(header, counters),
                channel: shard.channel(number: record.channel)?.displayName))
    }

    private func article(_ stored: StoredArticle, _ shard: ShardWriter) throws(PatchError) -> Article {
        do throws(StoreError) { return try stored.article(request.id, in: shard.period) } catch { throw .failed(error) }
    }

    /// Whether nothing but counters differs: then there is no new version.
    private func isSame(_ record: ArticleRecord, _ stored: StoredArticle) -> Bool {
        record.full == stored.full && record.channel == stored.header.channel && record.titleDay == stored.titleDay
            && record.sortInstant == stored.header.sortInstant && record.precision == stored.header.precision
    }

    func changeAbsent(_ shard: ShardWriter) throws(StoreError) -> ChangeOutcome {
        switch creation {
        case nil: return .refused(Failure(notFound: request.id.name))
        case .refused(let failure): return .refused(failure)
        case .draft(let draft):
            guard request.etag.isEmpty else {
                return .refused(
                    Failure(
                        .aborted, .etagMismatch, "\(request.id.name) does not exist, so no etag is right",
                        metadata: ["name": request.id.name]))
            }
            return try create(draft, shard)
        }
    }

    private func create(_ draft: ArticleDraft, _ shard: ShardWriter) throws(StoreError) -> ChangeOutcome {
        var channel: NewsStore.Channel?
        if let text = draft.channelText { channel = try shard.channel(named: text, create: !request.validateOnly) }
        let record = draft.record(request.id, channel: channel)
        var tail: ArticleTail?
        if !request.validateOnly {
            let revision = try shard.put(record)
            try remember(shard)
            tail = ArticleTail(
                revision: revision, sortInstant: record.sortInstant, createTime: shard.now, updateTime: shard.now,
                counters: record.counters, expireTime: record.expireTime)
        }
        return .done(WrittenArticle(full: record.full, tail: tail, channel: channel?.displayName))
    }
}
