internal import NewsModel

/// The writer's account of views that it has not written. Used on its thread alone.
struct ViewLedger {
    /// How many views an article has had here.
    struct Line {
        /// Of its shard, as far as is known.
        var period: Period
        let createTime: Instant
        /// With those that are not written.
        var total: Int64
    }

    private(set) var lines: [ArticleID: Line] = [:]
    /// Taken from the inbox, and not looked up yet.
    var arrivals: [ViewInbox.Arrival] = []
    /// What the flush that is under way has still to write, by shard.
    var due: [Period: [ArticleID]] = [:]
    /// Articles with more views than readers have been told of.
    private(set) var untold: Set<ArticleID> = []
    /// Whether the lines are others than readers have.
    var isChanged = false
    /// When arrivals are to be taken, on the monotonic clock; `nil`: there are none.
    var nextTake: Int64?
    /// When the next flush is to begin; `nil`: there is nothing to write.
    var nextFlush: Int64?
    /// Until when readers are not told again, on the monotonic clock.
    var nextShow: Int64 = 0
    /// Why something could not be written by the flush that is under way, or was the last.
    var failure: StoreError?
    /// Whether lines have been closed since that flush began.
    private(set) var hasMadeRoom = false
    /// Why some of the arrivals that were taken last could not be looked up.
    var unreadable: StoreError?
    /// Shards whose failure has been told of, and which have not been written since.
    var failing: Set<Period> = []

    var isBusy: Bool { !arrivals.isEmpty || !due.isEmpty }
    /// Articles that take room.
    var heldCount: Int { lines.count + arrivals.count }

    /// When there is something to do; `nil`: nothing is.
    var deadline: Int64? {
        if isBusy { return 0 }
        return [nextTake, nextFlush, isChanged ? nextShow : nil].compactMap(\.self).min()
    }

    /// Why no room is to be expected soon: the last flush wrote nothing at all, or what takes the room cannot be looked
    /// up.
    var obstacle: StoreError? {
        if isBusy { return nil }
        if let failure, !hasMadeRoom { return failure }
        return lines.isEmpty ? unreadable : nil
    }

    /// - Returns: `false` when the article has no line yet.
    mutating func add(_ arrival: ViewInbox.Arrival) -> Bool {
        guard let line = lines[arrival.id] else { return false }
        guard line.createTime == arrival.createTime else {
            // Of two articles that had the id, the earlier one is gone.
            if line.createTime > arrival.createTime { return true }
            close(arrival.id)
            return false
        }
        enter(arrival, line, since: line.total)
        return true
    }

    /// Begins a line.
    ///
    /// - Parameter written: views that the shard has.
    mutating func open(_ arrival: ViewInbox.Arrival, in period: Period, written: Int64) {
        enter(arrival, Line(period: period, createTime: arrival.createTime, total: written), since: written)
    }

    private mutating func enter(_ arrival: ViewInbox.Arrival, _ line: Line, since total: Int64) {
        var line = line
        let (sum, overflow) = total.addingReportingOverflow(arrival.count)
        line.total = overflow ? .max : sum
        lines[arrival.id] = line
        untold.insert(arrival.id)
        isChanged = true
    }

    /// What is in the line has been written, or has nowhere to be written.
    mutating func close(_ id: ArticleID) {
        guard lines.removeValue(forKey: id) != nil else { return }
        (isChanged, hasMadeRoom) = (true, true)
    }

    mutating func move(_ id: ArticleID, to period: Period) { lines[id]?.period = period }

    /// All that there is to write is due.
    mutating func beginFlush() {
        due = [:]
        for (id, line) in lines { due[line.period, default: []].append(id) }
        nextFlush = nil
        failure = nil
        hasMadeRoom = false
    }

    /// What readers are to show, and of which articles that is news.
    mutating func publication() -> (overlay: ViewOverlay?, news: [ArticleID]) {
        defer { (untold, isChanged) = ([], false) }
        let totals = lines.map { ViewOverlay.Total(id: $0.key, createTime: $0.value.createTime, views: $0.value.total) }
        return (totals.isEmpty ? nil : ViewOverlay(totals), Array(untold))
    }
}
