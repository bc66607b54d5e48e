internal import NewsClient
internal import NewsMessages
internal import ProtoJSON

/// How many articles had which outcome.
struct ImportTally: Hashable, Sendable {
    var created = 0
    var updated = 0
    var unchanged = 0
    var rejected = 0

    var total: Int { created + updated + unchanged + rejected }
}

/// What is under way in one import: requests sent and not answered, and what has come of the others.
///
/// One task sends, another receives; both come here.
actor ImportRun {
    /// Bounds what is under way. The server takes as many as it has room for, and its rounds are the larger the more it
    /// has: of what it has taken, this side keeps no more than numbers.
    private static let requestMax = 16_384
    private static let byteMax = 64 << 20

    private enum Entry {
        case sent(sequence: Int64, ImportOrigin, byteCount: Int)
        case refused(ImportOrigin, reason: String)
    }

    private let console: Console
    private var progress: ImportProgress
    private var entries: ArraySlice<Entry> = []
    private var requestCount = 0
    private var byteCount = 0
    private var isClosed = false
    private var waiter: CheckedContinuation<Void, Never>?
    private(set) var tally = ImportTally()

    init(_ console: Console, _ progress: ImportProgress) {
        self.console = console
        self.progress = progress
    }

    var unansweredCount: Int { requestCount }

    // MARK: The sender

    /// Waits until there is room for the requests and enters them. `false`: nothing more is to be sent.
    func enter(_ batch: ImportBatch) async -> Bool {
        while !isClosed, requestCount > 0,
            requestCount + batch.requests.count > Self.requestMax || byteCount + batch.byteCount > Self.byteMax
        {
            await withCheckedContinuation { waiter = $0 }
        }
        guard !isClosed else { return false }
        for request in batch.requests {
            entries.append(.sent(sequence: request.sequence, request.origin, byteCount: request.byteCount))
        }
        requestCount += batch.requests.count
        byteCount += batch.byteCount
        return true
    }

    /// Notes an item that was not sent. It is told when the items before it have been answered.
    func refuse(_ origin: ImportOrigin, reason: String) throws {
        entries.append(.refused(origin, reason: reason))
        try tellRefused()
    }

    // MARK: The receiver

    /// Takes the answer to the first request that has none.
    func answered(_ response: ImportArticlesResponse) throws {
        guard case .sent(let sequence, let origin, let byteCount) = entries.first, sequence == response.sequence else {
            throw LocalError(message: "the server answered item \(response.sequence) out of turn")
        }
        entries.removeFirst()
        requestCount -= 1
        self.byteCount -= byteCount
        for result in response.results { try count(result, origin) }
        try tellRefused()
        try progress.update(items: 1, bytes: byteCount, tally, console)
        // Not at each answer: the sender goes on once there is room for many.
        if requestCount <= Self.requestMax / 4 * 3, self.byteCount <= Self.byteMax / 4 * 3 { wake() }
    }

    /// Nothing more is to be sent.
    func close() {
        isClosed = true
        wake()
    }

    func finish() throws { try progress.clear(console) }

    private func wake() {
        waiter?.resume()
        waiter = nil
    }

    // MARK: Outcomes

    private func tellRefused() throws {
        while case .refused(let origin, let reason) = entries.first {
            entries.removeFirst()
            tally.rejected += 1
            try tell(origin, reason, nil)
        }
    }

    private func count(_ result: ImportResult, _ origin: ImportOrigin) throws {
        switch result.outcome {
        case .created: tally.created += 1
        case .updated: tally.updated += 1
        case .unchanged: tally.unchanged += 1
        default:
            tally.rejected += 1
            let place = result.line > 0 ? ImportOrigin(file: origin.file, line: Int(result.line)) : origin
            try tell(place, result.error?.message ?? "rejected", result.error)
        }
    }

    /// `page.txt:24: INVALID_ARGUMENT (TEXT_INVALID): title: ...`
    private func tell(_ origin: ImportOrigin, _ message: String, _ error: ItemError?) throws {
        try progress.clear(console)
        if console.format == .json || console.format == .jsonl {
            var members = [JSONMember("file", .string(origin.file)), JSONMember("line", .number(origin.line))]
            if let error {
                members.append(JSONMember("code", .number(error.code)))
                members.append(JSONMember("reason", .string(error.reason)))
                members.append(JSONMember("field", .string(error.field)))
            }
            return try console.warn(JSONNode(.object(members + [JSONMember("message", .string(message))])))
        }
        guard let error else { return try console.warn("\(origin): \(message)") }
        let code = RPCError.Code(rawValue: Int(error.code)).name
        try console.warn("\(origin): \(code)\(error.reason.isEmpty ? "" : " (\(error.reason))"): \(message)")
    }
}
