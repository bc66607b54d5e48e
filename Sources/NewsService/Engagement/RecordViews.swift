internal import Bytes
internal import GRPCCall
internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore

extension EngagementService {
    /// Checks a request, and finds its articles. What cannot be counted of some does not keep the others from it.
    ///
    /// - Parameters:
    ///   - identity: Of the request, if it has an id.
    ///   - call: Lends its arena, which is left as it was.
    func viewReport(
        _ request: RecordViewsRequest, _ identity: ViewReport.Request?, _ call: CallContext
    ) throws(Failure) -> ViewReport {
        var response = RecordViewsResponse()
        var items: [ViewReport.Item] = []
        for (id, count) in try views(request) {
            let id = id
            switch reader.read(id.text.utf8Span.span, .head, appendingTo: call.reply) {
            case .found(let header, _) where !header.isDeleted:
                let period = core.store.period(of: header.sortInstant)
                guard core.store.takesViews(period) else {
                    response.errors.append(ViewError(id, Failure(StoreError.readOnly(period))))
                    continue
                }
                items.append(
                    ViewReport.Item(id: id, period: period, createTime: header.createTime, count: count))
                response.recordedCount += count
            case .found, .absent: response.missingNames.append(id.name)
            case .damaged(let period): response.errors.append(ViewError(id, core.damaged(id.name, period)))
            case .unavailable(let period): response.errors.append(ViewError(id, core.unavailable(period)))
            }
        }
        // One that counted nothing may be repeated when it can.
        return ViewReport(items: items, request: items.isEmpty ? nil : identity, answer: response.encoded())
    }

    /// Each article once, in the order of the request.
    private func views(_ request: RecordViewsRequest) throws(Failure) -> [(id: ArticleID, count: Int64)] {
        var check = FieldCheck()
        check.requestID(request.requestId, "request_id")
        if request.views.isEmpty { check.refuse("views", .required, "views are required") }
        if request.views.count > ViewReport.itemCountMax {
            check.refuse(
                "views", .invalid,
                "views has \(request.views.count) items; at most \(ViewReport.itemCountMax) are allowed")
        }
        var views: [(id: ArticleID, count: Int64)] = []
        var places: [ArticleID: Int] = [:]
        for (index, delta) in request.views.prefix(ViewReport.itemCountMax).enumerated() {
            let id = check.articleName(delta.name, "views[\(index)].name")
            if !(1...Self.viewCountMax).contains(delta.viewCount) {
                check.refuse(
                    "views[\(index)].view_count", .invalid,
                    "views[\(index)].view_count must be 1 to \(Self.viewCountMax)")
            }
            guard let id, check.isPassed else { continue }
            if let place = places[id] {
                views[place].count += delta.viewCount
            } else {
                places[id] = views.count
                views.append((id, delta.viewCount))
            }
        }
        guard check.isPassed else { throw Failure(check.violations) }
        return views
    }

    /// Of one article in one request.
    private static let viewCountMax: Int64 = 1_000_000

    /// What tells a repeated request; `nil`: it has no id.
    func identity(of request: RecordViewsRequest) -> ViewReport.Request? {
        guard !request.requestId.isEmpty else { return nil }
        var content = request
        content.requestId = ""
        content.unknownFields = []
        return ViewReport.Request(id: request.requestId, fingerprint: SHA256.hash(content.encoded()))
    }

    /// Counts the views, and answers.
    func outcome(of report: ViewReport, _ call: CallContext) -> UnaryOutcome {
        let (reference, cancellation) = (call.reference, CallCancellation())
        var report = report
        report.isAbandoned = { cancellation.isCancelled }
        let requestID = report.request?.id ?? ""
        let outcome = core.store.record(report) { outcome in
            reference.complete(Self.result(of: outcome, requestID))
        }
        guard let outcome else {
            call.observe(cancellation)
            return .later
        }
        return answer(outcome, requestID, call)
    }

    /// Answers at once.
    func answer(_ outcome: ViewOutcome, _ requestID: String, _ call: CallContext) -> UnaryOutcome {
        switch Self.result(of: outcome, requestID) {
        case .success(let answer):
            call.reply.append(answer)
            return .replied
        case .failure(let status): return .failed(status)
        }
    }

    private static func result(of outcome: ViewOutcome, _ requestID: String) -> Result<[UInt8], Status> {
        switch outcome {
        case .recorded(let answer): .success(answer)
        case .conflict: .failure(Failure(requestIDConflict: requestID).status)
        case .failed(let error): .failure(Failure(error).status)
        }
    }
}

extension ViewError {
    fileprivate init(_ id: ArticleID, _ failure: Failure) {
        self.init()
        name = id.name
        error = ItemError(failure)
    }
}
