import Bytes
import LMDB
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing
import Threads

/// What the suites here share.
enum ViewFixture {
    static let id = "20260227-aaaa"

    /// Hours pass before anything is shown or written, unless a test asks for it.
    static func slow(_ options: inout StoreOptions) {
        options.viewPublication = .seconds(3600)
        options.viewFlush = .seconds(7200)
    }

    /// Everything is shown and written at once.
    static func quick(_ options: inout StoreOptions) {
        options.viewPublication = .zero
        options.viewFlush = .zero
    }

    static func put(_ store: Store, _ id: String = ViewFixture.id, day: String = "2026-02-27") throws {
        try store.put(
            StoreFixture.record(id, at: StoreFixture.instant(day), full: Array("full \(day)".utf8), views: 100))
    }

    static func report(
        _ counts: [(id: String, count: Int64)], period: String = "2026-02", request: String? = nil,
        fingerprint: UInt8 = 1
    ) throws -> ViewReport {
        let period = try #require(Period(period))
        return ViewReport(
            items: try counts.map { ViewReport.Item(id: try StoreFixture.id($0.id), period: period, count: $0.count) },
            request: request.map { ViewReport.Request(id: $0, fingerprint: [fingerprint]) },
            answer: [fingerprint])
    }
}

extension Store {
    /// Records views, and waits until they are.
    @discardableResult func record(
        _ counts: [(id: String, count: Int64)], period: String = "2026-02", request: String? = nil,
        fingerprint: UInt8 = 1
    ) throws -> ViewOutcome {
        let report = try ViewFixture.report(counts, period: period, request: request, fingerprint: fingerprint)
        let later = Monitor<ViewOutcome?>(nil)
        if let outcome = record(report, completion: { outcome in later.signal { $0 = outcome } }) { return outcome }
        return later.wait { $0 }
    }
}

extension StoreReader {
    /// The counters that a reader is shown; `nil`: there is no such article.
    func counters(_ id: String = ViewFixture.id) -> Counters? {
        defer { endTurn() }
        guard case .found(_, let counters) = read(Array(id.utf8).span, .head, appendingTo: ByteArena()) else {
            return nil
        }
        return counters
    }

    func views(_ id: String = ViewFixture.id) -> Int64? { counters(id)?.views }
}

/// Commits that fail, as many as are asked for.
final class CommitFaults: Sendable {
    private let due = Mutex<(moment: CommitFault.Moment, count: Int)?>(nil)

    func set(_ moment: CommitFault.Moment, _ count: Int = 1) { due.withLock { $0 = (moment, count) } }

    func next(_ moment: CommitFault.Moment) -> LMDBError? {
        due.withLock { due in
            guard let next = due, next.moment == moment, next.count > 0 else { return nil }
            due = (moment, next.count - 1)
            return .system(code: 5)
        }
    }
}

extension ScanItem {
    var counters: Counters? {
        guard case .row(_, let counters) = self else { return nil }
        return counters
    }
}
