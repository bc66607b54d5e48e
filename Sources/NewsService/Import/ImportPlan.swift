internal import GRPCWire
internal import NewsImport
internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// One request of an import, taken apart: what goes into which shard, and what is refused before.
struct ImportPlan: Sendable {
    let sequence: Int64
    /// A result for each article found. Those of `items` are filled in once they are stored.
    var results: [ImportResult] = []
    /// By shard, in the order of the page within each.
    var items: [(period: Period, items: [ImportItem])] = []

    /// - Parameters:
    ///   - request: An encoded ImportArticlesRequest.
    ///   - channels: Those that are there.
    /// - Throws: Only when the bytes are no such message.
    init(
        _ request: Span<UInt8>, zones: ZoneTable, layout: ShardLayout, channels: ChannelTable
    ) throws(Failure) {
        let message: ImportArticlesRequest
        do throws(MessageError) {
            message = try ImportArticlesRequest(decoding: request)
        } catch {
            let failure = Failure(error)
            guard failure.code == .invalidArgument else { throw failure }
            sequence = ImportPlan.sequence(in: request)
            results = [ImportResult(failure, line: 0)]
            return
        }
        sequence = message.sequence
        switch message.item {
        case nil:
            results = [ImportResult(Failure(field: "item", .required, "capture or article is required"), line: 0)]
        case .article(let article): add(article, zones: zones, layout, channels)
        case .capture(let capture): add(capture, zones: zones, layout, channels)
        }
    }

    /// Whether the request is an article and nothing else, as encoders write it: the sequence, then the article.
    static func isArticle(_ request: Span<UInt8>) -> Bool {
        var place = 0
        func varint() -> Int? {
            var value = 0
            for shift in stride(from: 0, to: 63, by: 7) where place < request.count {
                let byte = request[place]
                place += 1
                value |= Int(byte & 0x7f) << shift
                if byte < 0x80 { return value }
            }
            return nil
        }
        if request.count > 1, request[0] == 1 << 3 {
            place = 1
            guard varint() != nil else { return false }
        }
        guard place < request.count, request[place] == 3 << 3 | 2 else { return false }
        place += 1
        guard let length = varint() else { return false }
        return length == request.count - place
    }

    /// What the first field says when the rest cannot be taken: encoders write fields by number.
    private static func sequence(in request: Span<UInt8>) -> Int64 {
        guard request.count > 1, request[0] == 1 << 3 else { return 0 }
        var value: UInt64 = 0
        for index in 1..<min(request.count, 11) {
            value |= UInt64(request[index] & 0x7f) << UInt64(7 * (index - 1))
            if request[index] < 0x80 { return Int64(bitPattern: value) }
        }
        return 0
    }

    /// Sends an article that its client named to the shard which holds it, where there is one.
    mutating func followNamed(_ holder: (ArticleID) -> Period?) {
        for index in items.indices {
            guard let id = items[index].items.first?.id, let period = holder(id) else { continue }
            items[index].period = period
        }
    }

    private mutating func add(
        _ article: Article, zones: ZoneTable, _ layout: ShardLayout, _ channels: ChannelTable
    ) {
        var check = FieldCheck()
        check.article(article, "article", titleIsRequired: true, zones: zones)
        let id = ArticleID(name: article.name)
        if !article.name.isEmpty, id == nil {
            check.refuse("article.name", .name, "article.name must be articles/{article}")
        }
        add(check, line: 0, { ArticleDraft(article, zones: zones) }, id: id, layout, channels)
    }

    private mutating func add(
        _ capture: Capture, zones: ZoneTable, _ layout: ShardLayout, _ channels: ChannelTable
    ) {
        var check = FieldCheck()
        check.text(capture.fileName, "capture.file_name", max: ArticleLimits.fileName)
        check.zone(capture.timeZone, "capture.time_zone", zones: zones)
        guard check.isPassed else {
            results = [ImportResult(Failure(check.violations), line: 0)]
            return
        }
        let page: CapturedPage
        do throws(CaptureError) {
            page = try CaptureReader.read(capture.content)
        } catch {
            results = [ImportResult(Failure(.invalidArgument, .captureUnreadable, error.description), line: 0)]
            return
        }
        if page.articles.isEmpty {
            let failure = Failure(.invalidArgument, .captureUnreadable, "the capture holds no article")
            results = [ImportResult(failure, line: 0)]
        }
        for captured in page.articles {
            var article = Article(captured)
            article.timeZone = capture.timeZone
            var check = FieldCheck()
            check.article(article, "capture", titleIsRequired: false, zones: zones)
            add(
                check, line: captured.line, { ArticleDraft(captured, article, capture, zones: zones) }, id: nil,
                layout, channels)
        }
    }

    private mutating func add(
        _ check: FieldCheck, line: Int, _ draft: () -> ArticleDraft, id: ArticleID?, _ layout: ShardLayout,
        _ channels: ChannelTable
    ) {
        guard check.isPassed else {
            results.append(ImportResult(Failure(check.violations), line: line))
            return
        }
        let item = ImportItem(index: results.count, draft: draft(), id: id, channels)
        var result = ImportResult()
        result.line = Int32(clamping: line)
        results.append(result)
        add(item, layout)
    }

    /// Items that are taken apart again, since the store has got another layout.
    init(_ items: [ImportItem], layout: ShardLayout) {
        sequence = 0
        for item in items { add(item, layout) }
    }

    private mutating func add(_ item: ImportItem, _ layout: ShardLayout) {
        let period = Period(of: item.article.sort, layout)
        if let group = items.firstIndex(where: { $0.period == period }) {
            items[group].items.append(item)
        } else {
            items.append((period, [item]))
        }
    }
}

extension ArticleDraft {
    /// - Parameter article: `captured` as a message, checked.
    init(_ captured: CapturedArticle, _ article: Article, _ capture: Capture, zones: ZoneTable) {
        self.init(article, printed: captured.published.map { ($0.time, $0.precision) }, zones: zones)
        self.article.textIssues = captured.issues.map { TextIssue($0) }
        if captured.kind == .listingRow { pageOrder = UInt16(clamping: captured.pageOrder) }
        var kept = capture
        kept.content = Array(captured.rawText.utf8)
        kept.unknownFields = []
        self.capture = kept.encoded()
    }
}

extension ImportResult {
    init(_ failure: Failure, line: Int) {
        self.init()
        outcome = .rejected
        self.line = Int32(clamping: line)
        self.error = ItemError(failure)
    }
}

extension ItemError {
    init(_ failure: Failure) {
        self.init()
        code = Int32(failure.code.rawValue)
        reason = failure.reason.rawValue
        message = failure.message
        field = failure.field
    }
}
