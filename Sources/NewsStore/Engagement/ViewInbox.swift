internal import NewsModel
internal import Synchronization

/// Views on their way to the writer, as those who bring them and the writer share them.
///
/// It is bounded by the number of articles: those that have arrived and those that the writer has not written yet.
/// Beyond that reports wait, in their order, until the writer has made room; none is dropped.
final class ViewInbox: Sendable {
    struct Arrival: Hashable {
        let id: ArticleID
        /// Where it was found.
        let period: Period
        var count: Int64
    }

    typealias Completion = @Sendable (ViewOutcome) -> Void

    private struct Waiting {
        let report: ViewReport
        /// More than one when the same request came again meanwhile.
        var completions: [Completion]
    }

    private struct State {
        var arrivals: [ArticleID: Arrival] = [:]
        /// Articles that the writer has taken and not yet written.
        var heldCount = 0
        var waiting: [Waiting] = []
        var requests = ViewRequests()
        var isClosed = false
    }

    private let state = Mutex(State())
    private let articleCountMax: Int

    /// - Parameter articleCountMax: at least as many as one report may name.
    init(articleCountMax: Int) { self.articleCountMax = max(articleCountMax, ViewReport.itemCountMax) }

    /// Counts a report, if there is room.
    ///
    /// - Parameter completion: is called, on the writer's thread, if the outcome is `nil`: when there is room.
    /// - Returns: whether the writer is to be told as well.
    func record(_ report: ViewReport, _ completion: @escaping Completion) -> (outcome: ViewOutcome?, wakes: Bool) {
        state.withLock { state in
            if state.isClosed { return (.failed(.closed), false) }
            if let request = report.request {
                if let earlier = state.requests.outcome(of: request) { return (earlier, false) }
                if let index = state.waiting.firstIndex(where: { $0.report.request?.id == request.id }) {
                    guard state.waiting[index].report.request == request else { return (.conflict, false) }
                    state.waiting[index].completions.append(completion)
                    return (nil, false)
                }
            }
            guard state.waiting.isEmpty, hasRoom(state, for: report) else {
                state.waiting.append(Waiting(report: report, completions: [completion]))
                return (nil, true)
            }
            let wasEmpty = state.arrivals.isEmpty
            return (accept(report, &state), wasEmpty || isPressing(state))
        }
    }

    /// Whether the writer is to write soon, because reports wait or are about to.
    var isPressing: Bool { state.withLock { isPressing($0) } }

    /// Takes all that have arrived.
    ///
    /// - Parameter heldCount: how many articles the writer has besides.
    func takeAll(heldCount: Int) -> [Arrival] {
        state.withLock { state in
            defer { state.arrivals = [:] }
            state.heldCount = heldCount + state.arrivals.count
            return Array(state.arrivals.values)
        }
    }

    /// Takes back what could not be looked up. It has its room.
    func putBack(_ arrival: Arrival) {
        state.withLock { state in
            let (sum, overflow) = (state.arrivals[arrival.id]?.count ?? 0).addingReportingOverflow(arrival.count)
            state.arrivals[arrival.id] = Arrival(
                id: arrival.id, period: arrival.period, count: overflow ? .max : sum)
        }
    }

    /// Lets those in who wait, as far as there is room.
    ///
    /// - Parameters:
    ///   - heldCount: how many articles the writer still has.
    ///   - failure: why none of them were written: then those who find no room are not left waiting.
    /// - Returns: whether any arrived.
    func admit(heldCount: Int, failure: StoreError?) -> Bool {
        let told = state.withLock { state -> [(Waiting, ViewOutcome)] in
            state.heldCount = heldCount
            var told: [(Waiting, ViewOutcome)] = []
            while let first = state.waiting.first, hasRoom(state, for: first.report) {
                told.append((first, accept(first.report, &state)))
                state.waiting.removeFirst()
            }
            if let failure {
                told += state.waiting.map { ($0, .failed(failure)) }
                state.waiting = []
            }
            return told
        }
        for (waiting, outcome) in told { for completion in waiting.completions { completion(outcome) } }
        return state.withLock { !$0.arrivals.isEmpty }
    }

    /// Takes no more.
    ///
    /// - Returns: what has arrived. Who waits for room is told that nothing was counted.
    func close() -> [Arrival] {
        let (arrivals, waiting) = state.withLock { state in
            defer { (state.arrivals, state.waiting, state.isClosed) = ([:], [], true) }
            return (Array(state.arrivals.values), state.waiting)
        }
        for completion in waiting.flatMap(\.completions) { completion(.failed(.closed)) }
        return arrivals
    }
}

extension ViewInbox {
    /// All of a report's articles count, also those that are there already: that is on the safe side.
    private func hasRoom(_ state: borrowing State, for report: ViewReport) -> Bool {
        state.heldCount + state.arrivals.count + report.items.count <= articleCountMax
    }

    private func isPressing(_ state: borrowing State) -> Bool {
        !state.waiting.isEmpty || state.heldCount + state.arrivals.count > articleCountMax / 2
    }

    private func accept(_ report: ViewReport, _ state: inout State) -> ViewOutcome {
        for item in report.items {
            let (sum, overflow) = (state.arrivals[item.id]?.count ?? 0).addingReportingOverflow(item.count)
            state.arrivals[item.id] = Arrival(id: item.id, period: item.period, count: overflow ? .max : sum)
        }
        if let request = report.request { state.requests.insert(request, answer: report.answer) }
        return .recorded(answer: report.answer)
    }
}
