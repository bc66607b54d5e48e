/// Which articles a list with `since` and `until` contains.
///
/// SECOND and MINUTE are tested by instant. What was printed as a day, month or year is in when that civil period
/// overlaps [since, until), both as the asker's clock shows them. So --since 2026-02-01 contains what was printed as
/// 2026-02-01, wherever the reader sits.
///
/// Such an article is stored under the first instant of its period in the store's zone. Every test is therefore a
/// comparison with instants worked out once, and a scan needs exactly what lies between them, at most 26 hours (the
/// widest distance of two zones) more than was asked. Only what began with the month or year before `since` lies
/// further back, all of it at one instant: `scanRanges` names those two points.
package struct TimeWindow: Hashable, Sendable {
    package let since: TimeBound?
    package let until: TimeBound?
    private let dayLower: Instant
    private let monthLower: Instant
    private let yearLower: Instant
    private let periodUpper: Instant

    /// Everything, undated articles too.
    package static let unbounded = TimeWindow(since: nil, until: nil, storeZone: .utc)

    package init(since: TimeBound?, until: TimeBound?, storeZone: ZoneRules) {
        self.since = since
        self.until = until
        let earliest = Instant(microseconds: .min)
        if let date = since?.civil.date {
            dayLower = storeZone.firstInstant(of: date)
            monthLower = storeZone.firstInstant(of: date.startOfMonth)
            yearLower = storeZone.firstInstant(of: date.startOfYear)
        } else {
            (dayLower, monthLower, yearLower) = (earliest, earliest, earliest)
        }
        if let civil = until?.civil {
            // A day counts when it begins before `until`.
            let endDay = civil.microsecondOfDay == 0 ? civil.date : civil.date.adding(days: 1)
            periodUpper = storeZone.firstInstant(of: endDay)
        } else {
            periodUpper = Instant(microseconds: .max)
        }
    }

    package var isBounded: Bool { since != nil || until != nil }

    /// Whether nothing can be in it.
    package var isEmpty: Bool {
        guard let since, let until else { return false }
        return since.instant >= until.instant
    }

    /// - Parameter sortInstant: As `SortTime` gives it; `nil` for an undated article.
    package func contains(_ sortInstant: Instant?, precision: Precision) -> Bool {
        guard let sortInstant, precision != .unknown else { return !isBounded }
        if isEmpty { return false }
        switch precision {
        case .second, .minute, .unknown:
            if let since, sortInstant < since.instant { return false }
            if let until, sortInstant >= until.instant { return false }
            return true
        case .day: return sortInstant >= dayLower && sortInstant < periodUpper
        case .month: return sortInstant >= monthLower && sortInstant < periodUpper
        case .year: return sortInstant >= yearLower && sortInstant < periodUpper
        }
    }

    /// A stretch of sort instants, half-open; `nil` is no bound.
    package struct ScanRange: Hashable, Sendable {
        package let lower: Instant?
        package let upper: Instant?

        package init(lower: Instant?, upper: Instant?) {
            self.lower = lower
            self.upper = upper
        }
    }

    /// The stretches that hold everything in the window, newest first, without overlap. Not all in them is in it.
    package var scanRanges: [ScanRange] {
        if isEmpty { return [] }
        let upper = until.map { max($0.instant, periodUpper) }
        guard let since else { return [ScanRange(lower: nil, upper: upper)] }
        let lower = min(since.instant, dayLower)
        var ranges = [ScanRange(lower: lower, upper: upper)]
        var reached = lower
        for point in [monthLower, yearLower] where point < reached {
            ranges.append(ScanRange(lower: point, upper: Instant(microseconds: point.microseconds + 1)))
            reached = point
        }
        return ranges
    }
}
