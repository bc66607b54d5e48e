internal import NewsMessages
internal import NewsModel

/// Prints when an article was published, as precisely as its publisher told it and in the publisher's zone.
final class ArticleDates {
    private let find: (String) -> ZoneRules?
    private let localZone: ZoneRules
    private var zones: [String: ZoneRules?] = [:]

    init(_ surroundings: Surroundings) {
        find = surroundings.zone
        localZone = surroundings.localZone
    }

    /// `2026-03-05`, `2024-03-13 15:55`, `2026-02`, ...; `nil` when there is no date.
    func text(of article: Article) -> String? {
        guard let time = article.publishTime, let instant = Instant(seconds: time.seconds, nanoseconds: time.nanos)
        else {
            return nil
        }
        let zone = article.timeZone.isEmpty ? localZone : self.zone(article.timeZone)
        let local = (zone ?? .utc).civil(at: instant)
        let date = local.date.description
        switch article.publishTimePrecision {
        case .year: return String(date.prefix(4))
        case .month: return String(date.prefix(7))
        case .day: return date
        case .unknown: return nil
        case .minute: return "\(date) \(clock(local).prefix(5))\(zone == nil ? "Z" : "")"
        default: return "\(date) \(clock(local))\(zone == nil ? "Z" : "")"
        }
    }

    /// The zone's rules, looked up once; `nil` if this system does not know it.
    private func zone(_ name: String) -> ZoneRules? {
        if let known = zones[name] { return known }
        let found = find(name)
        zones[name] = .some(found)
        return found
    }

    private func clock(_ time: CivilDateTime) -> String {
        [time.hour, time.minute, time.second].map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: ":")
    }
}
