/// Where an article stands in time: the instant that orders it, and the day that names its shard and id.
///
/// SECOND and MINUTE: its instant. DAY, MONTH, YEAR: the first instant of the printed period in the store's zone, so
/// that what was printed as 2026-02-27 lies on that day for every reader of the store.
package struct SortTime: Hashable, Sendable {
    package let instant: Instant
    package let precision: Precision
    /// The printed day, or the first day of the printed month or year; for SECOND and MINUTE the day in the store's
    /// zone.
    package let day: CivilDate

    /// - Parameter published: What the publisher's clock shows.
    /// - Parameter zone: The zone of that clock.
    /// - Returns: `nil` for precision unknown.
    package init?(published: CivilDateTime, precision: Precision, zone: ZoneRules, storeZone: ZoneRules) {
        self.init(
            precision, instant: { zone.instant(of: published) }, date: { published.date }, storeZone: storeZone)
    }

    /// The same from an instant, which a publisher in `zone` gave.
    package init?(published: Instant, precision: Precision, zone: ZoneRules, storeZone: ZoneRules) {
        self.init(
            precision, instant: { published }, date: { zone.civil(at: published).date }, storeZone: storeZone)
    }

    private init?(_ precision: Precision, instant: () -> Instant, date: () -> CivilDate, storeZone: ZoneRules) {
        self.precision = precision
        switch precision {
        case .second, .minute:
            self.instant = instant()
            day = storeZone.civil(at: self.instant).date
            return
        case .day: day = date()
        case .month: day = date().startOfMonth
        case .year: day = date().startOfYear
        case .unknown: return nil
        }
        self.instant = storeZone.firstInstant(of: day)
    }

    /// The instant to show: the start of the printed period in the publisher's zone, or the instant itself.
    package func shownInstant(zone: ZoneRules) -> Instant {
        precision.isInstant ? instant : zone.firstInstant(of: day)
    }
}
