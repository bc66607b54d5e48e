internal import NewsClient
internal import NewsMessages
internal import NewsModel

/// Follows an operation to its end.
struct OperationWait {
    private let session: Session
    private let printer: OperationPrinter

    /// An operation takes as long as it takes.
    private static let timeoutDefault = Duration.seconds(365 * 24 * 3600)

    init(_ session: Session) {
        self.session = session
        printer = OperationPrinter(session.console)
    }

    /// - Parameter cancelled: how the command ends when the operation was cancelled.
    func run(_ name: String, cancelled: Termination = .failure) async throws -> Termination {
        var request = WatchOperationRequest()
        request.name = name
        let stream: ResponseStream<NewsMessages.Operation> = try session.channel().watchOperation(
            request, options: session.options(default: Self.timeoutDefault))
        var last: NewsMessages.Operation?
        while let operation = try await stream.next() {
            last = operation
            if operation.state == .running { try printer.show(progress: operation) }
        }
        try printer.clearProgress()
        guard let last else { return .failure }
        try printer.print(last)
        return last.state == .cancelled ? cancelled : OperationPrinter.termination(of: last)
    }
}

struct OperationPrinter {
    private let console: Console

    init(_ console: Console) { self.console = console }

    static func termination(of operation: NewsMessages.Operation) -> Termination {
        switch operation.state {
        case .succeeded: operation.isWhole ? .success : .partial
        case .running: .success
        default: .failure
        }
    }

    func print(name operation: NewsMessages.Operation) throws {
        if console.format == .text { return try console.print([operation.name]) }
        try console.print(ArticleShape().plain(operation))
    }

    func print(_ operation: NewsMessages.Operation) throws {
        guard console.format == .text else { return try console.print(ArticleShape().plain(operation)) }
        if operation.state == .failed, let error = operation.error {
            return try console.warn("\(operation.name) failed: \(error.message)")
        }
        try console.print(OperationText.lines(operation).map(console.line))
    }

    // MARK: Progress

    func show(progress operation: NewsMessages.Operation) throws {
        guard console.errors.isTerminal, !console.isQuiet else { return }
        try console.errors.write(Array("\r\u{1B}[K\(operation.name): \(OperationText.progress(operation))".utf8))
    }

    func clearProgress() throws {
        guard console.errors.isTerminal, !console.isQuiet else { return }
        try console.errors.write(Array("\r\u{1B}[K".utf8))
    }
}

extension NewsMessages.Operation {
    /// Whether nothing was left out.
    fileprivate var isWhole: Bool {
        (backup?.missingShards.isEmpty ?? true) && (compaction?.shards.allSatisfy { $0.error == nil } ?? true)
            && (retention?.shards.allSatisfy { $0.error == nil } ?? true)
    }
}

/// Operations for people.
enum OperationText {
    static func progress(_ operation: NewsMessages.Operation) -> String {
        var parts: [String] = []
        if operation.totalBytes > 0 {
            parts.append("\(ByteText.text(operation.doneBytes)) of \(ByteText.text(operation.totalBytes))")
        }
        if operation.totalCount > 0 { parts.append("\(operation.doneCount) of \(operation.totalCount)") }
        if parts.isEmpty, operation.state == .running { return "under way" }
        return parts.joined(separator: ", ")
    }

    static func lines(_ operation: NewsMessages.Operation) -> [String] {
        guard operation.state == .succeeded else { return ["\(operation.name): \(operation.state.word)"] }
        if let backup = operation.backup { return lines(backup) }
        if let compaction = operation.compaction { return lines(compaction) }
        if let resharding = operation.resharding {
            return [
                "\(CountText.text(resharding.articleCount, "article")) in "
                    + "\(CountText.text(resharding.shardCount, "shard")) \(resharding.layoutText)"
            ]
        }
        if let retention = operation.retention { return lines(retention) }
        return ["\(operation.name): done"]
    }

    private static func lines(_ backup: BackupResult) -> [String] {
        let shared = backup.sharedByteCount > 0 ? ", \(ByteText.text(backup.sharedByteCount)) of it shared" : ""
        return backup.missingShards.map { "\($0.name) is missing: \($0.reason)" } + [
            "\(backup.target): \(CountText.text(backup.articleCount, "article")) in "
                + "\(CountText.text(backup.shardCount, "shard")), "
                + "\(ByteText.text(backup.byteCount))\(shared)"
        ]
    }

    private static func lines(_ retention: RetentionResult) -> [String] {
        let gone = retention.shards.filter { $0.error == nil }
        let articles = gone.reduce(0) { $0 + $1.articleCount }
        return retention.shards.map { shard in
            if let error = shard.error { return "\(shard.name) is as it was: \(error.message)" }
            return "\(shard.name): \(CountText.text(shard.articleCount, "article")), \(ByteText.text(shard.byteCount))"
        } + ["\(CountText.text(gone.count, "shard")), \(CountText.text(articles, "article"))"]
    }

    private static func lines(_ compaction: CompactionResult) -> [String] {
        let done = compaction.shards.filter { $0.error == nil }
        let freed = done.reduce(0) { $0 + $1.bytesBefore - $1.bytesAfter }
        return compaction.shards.compactMap { shard in
            shard.error.map { "\(shard.name) is as it was: \($0.message)" }
        } + ["\(CountText.text(done.count, "shard")) compacted, \(ByteText.text(freed)) given back"]
    }
}

extension OperationState {
    var word: String {
        switch self {
        case .running: "running"
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .cancelled: "cancelled"
        default: "\(rawValue)"
        }
    }
}

extension ReshardingResult {
    /// "of a month each", or "of 1/4 of a month each": how much of time a shard holds.
    fileprivate var layoutText: String {
        slots > 1 ? "of 1/\(slots) of a \(period.word) each" : "of a \(period.word) each"
    }
}

extension StoreStats {
    /// " by month", or " by month in 4 slots"; of a server that does not say it nothing.
    var layoutText: String {
        guard period != .unspecified else { return "" }
        return " by \(period.word)" + (slots > 1 ? " in \(slots) slots" : "")
    }
}

extension ShardPeriod {
    fileprivate var word: String {
        switch self {
        case .month: "month"
        case .quarter: "quarter"
        case .year: "year"
        default: "\(rawValue)"
        }
    }
}
