internal import NewsModel
internal import Synchronization
internal import Threads

/// Views on their way to the writer, as those who bring them and the writer share them.
///
/// It is bounded by the number of articles: those that have arrived and those that the writer has not written yet.
/// Beyond that reports wait, in their order, until the writer has made room; none is dropped.
final class ViewInbox: Sendable {
    struct Arrival: Hashable {
        let id: ArticleID
        /// Where it was found.
        let period: Period
        /// Tells the article from a later one with the same id.
        let createTime: Instant
        var count: Int64
    }

    typealias Completion = @Sendable (ViewOutcome) -> Void

    private struct Waiting {
        let report: ViewReport
        let completion: Completion
    }

    /// Calls that came with the request id of one that waits, while it does.
    private struct Repeats {
        let request: ViewReport.Request
        var calls: [Waiting] = []
    }

    private struct State {
        var arrivals: [ArticleID: Arrival] = [:]
        /// Whether the writer has been told of some that came since it took the last.
        var isTold = false
        /// Articles that the writer has taken and not yet written.
        var heldCount = 0
        /// The report that waits for longest, and those behind it.
        var first: Waiting?
        var others = FirstInFirstOut<Waiting>()
        /// Of reports that wait, by the ids of their requests.
        var repeats: [String: Repeats] = [:]
        var requests = ViewRequests()
        var isClosed = false

        mutating func append(_ waiting: Waiting) {
            if let request = waiting.report.request { repeats[request.id] = Repeats(request: request) }
            if first == nil { first = waiting } else { others.append(waiting) }
        }

        /// The first with its repetitions.
        func calls(of first: Waiting) -> [Waiting] {
            guard let request = first.report.request else { return [first] }
            return [first] + (repeats[request.id]?.calls ?? [])
        }

        mutating func removeFirst() {
            if let request = first?.report.request { repeats[request.id] = nil }
            first = others.removeFirst()
        }
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
        let waiting = Waiting(report: report, completion: completion)
        return state.withLock { state -> (outcome: ViewOutcome?, wakes: Bool) in
            if state.isClosed { return (.failed(.closed), false) }
            if let request = report.request {
                if let earlier = state.requests.outcome(of: request) { return (earlier, false) }
                if let repeats = state.repeats[request.id] {
                    guard repeats.request == request else { return (.conflict, false) }
                    state.repeats[request.id]?.calls.append(waiting)
                    return (nil, false)
                }
            }
            guard state.first == nil, hasRoom(state, for: report) else {
                state.append(waiting)
                return (nil, true)
            }
            let wasTold = state.isTold
            return (accept(report, &state), !wasTold || isPressing(state))
        }
    }

    /// What came of a request that is known, and does not wait.
    func outcome(of request: ViewReport.Request) -> ViewOutcome? {
        state.withLock { $0.requests.outcome(of: request) }
    }

    /// Whether the writer is to write soon, because reports wait or are about to.
    var isPressing: Bool { state.withLock { isPressing($0) } }

    /// Articles that have arrived and are not taken.
    var arrivalCount: Int { state.withLock { $0.arrivals.count } }

    /// Takes all that have arrived.
    ///
    /// - Parameter heldCount: how many articles the writer has besides.
    func takeAll(heldCount: Int) -> [Arrival] {
        let arrivals = state.withLock { state -> [ArticleID: Arrival] in
            defer { (state.arrivals, state.isTold) = ([:], false) }
            state.heldCount = heldCount + state.arrivals.count
            return state.arrivals
        }
        return Array(arrivals.values)
    }

    /// Takes back what could not be looked up. It has its room.
    func putBack(_ arrival: Arrival) { state.withLock { enter(arrival, &$0) } }

    /// Lets those in who wait, as far as there is room.
    ///
    /// - Parameters:
    ///   - heldCount: how many articles the writer still has.
    ///   - refusal: what those are told who find no room; `nil`: they go on waiting.
    /// - Returns: whether any arrived, or still wait.
    func admit(heldCount: Int, refusal: StoreError?) -> Bool {
        let (told, goesOn) = state.withLock { state -> ([(Completion, ViewOutcome)], Bool) in
            state.heldCount = heldCount
            var told: [(Completion, ViewOutcome)] = []
            var isAdmitted = false
            while let first = state.first {
                let calls = state.calls(of: first)
                let outcome: ViewOutcome
                if calls.allSatisfy({ $0.report.isAbandoned() }) {
                    outcome = .failed(.cancelled)
                } else if hasRoom(state, for: first.report) {
                    outcome = accept(first.report, &state)
                    isAdmitted = true
                } else if let refusal {
                    outcome = .failed(refusal)
                } else {
                    break
                }
                state.removeFirst()
                for call in calls { told.append((call.completion, outcome)) }
            }
            return (told, isAdmitted || state.first != nil)
        }
        for (completion, outcome) in told { completion(outcome) }
        return goesOn
    }

    /// Takes no more.
    ///
    /// - Returns: what has arrived. Who waits for room is told that nothing was counted.
    func close() -> [Arrival] {
        let (arrivals, told) = state.withLock { state -> ([ArticleID: Arrival], [Completion]) in
            var told: [Completion] = []
            while let first = state.first {
                for call in state.calls(of: first) { told.append(call.completion) }
                state.removeFirst()
            }
            defer { (state.arrivals, state.isClosed) = ([:], true) }
            return (state.arrivals, told)
        }
        for completion in told { completion(.failed(.closed)) }
        return Array(arrivals.values)
    }
}

extension ViewInbox {
    /// All of a report's articles count, also those that are there already: that is on the safe side.
    private func hasRoom(_ state: borrowing State, for report: ViewReport) -> Bool {
        state.heldCount + state.arrivals.count + report.items.count <= articleCountMax
    }

    private func isPressing(_ state: borrowing State) -> Bool {
        state.first != nil || state.heldCount + state.arrivals.count > articleCountMax / 2
    }

    private func accept(_ report: ViewReport, _ state: inout State) -> ViewOutcome {
        for item in report.items {
            let arrival = Arrival(
                id: item.id, period: item.period, createTime: item.createTime, count: item.count)
            enter(arrival, &state)
        }
        state.isTold = true
        if let request = report.request { state.requests.insert(request, answer: report.answer) }
        return .recorded(answer: report.answer)
    }

    private func enter(_ arrival: Arrival, _ state: inout State) {
        var arrival = arrival
        if let earlier = state.arrivals[arrival.id] {
            // Of two articles that had the id, the earlier one is gone.
            if earlier.createTime > arrival.createTime { return }
            if earlier.createTime == arrival.createTime {
                let (sum, overflow) = earlier.count.addingReportingOverflow(arrival.count)
                arrival.count = overflow ? .max : sum
            }
        }
        state.arrivals[arrival.id] = arrival
    }
}
