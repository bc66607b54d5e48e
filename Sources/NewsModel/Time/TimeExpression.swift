/// Why a `since` or `until` was not understood.
package struct TimeExpressionError: Error, Equatable, Sendable {
    /// The text as given.
    package let text: String
    package let fault: TimeFault

    package init(text: String, fault: TimeFault) {
        self.text = text
        self.fault = fault
    }

    /// `since "2026-13": month must be 01 to 12`. A long text is cut.
    ///
    /// - Parameter field: The name of the field or option that held the text.
    package func message(field: String) -> String {
        let shown = text.unicodeScalars.count > 64 ? String(text.unicodeScalars.prefix(64)) + "..." : text
        return "\(field) \"\(shown)\": \(fault.description)"
    }
}

/// A bound of a window of time, as written.
package enum TimeExpression: Hashable, Sendable {
    case year(CivilDate)
    case month(CivilDate)
    case day(CivilDate)
    case instant(Instant)
    case local(CivilDateTime)
    /// So long before now.
    case ago(Duration)
    case now, today, yesterday

    /// - Parameter text: "2026", "2026-02", "2026-02-27", "2026-02-27T15:55:00+08:00", "2026-02-27T15:55" (also with a
    ///   space for the T), "-90m", "-36h", "-7d", "-2w" (also without the minus), "now", "today" or "yesterday".
    package init(_ text: String) throws(TimeExpressionError) {
        do throws(TimeFault) {
            self = try TimeExpression.parse(text)
        } catch {
            throw TimeExpressionError(text: text, fault: error)
        }
    }

    private static func parse(_ text: String) throws(TimeFault) -> TimeExpression {
        switch text {
        case "now": return .now
        case "today": return .today
        case "yesterday": return .yesterday
        default: break
        }
        let bytes = Array(text.utf8)
        if let ago = try parseAgo(bytes) { return .ago(ago) }
        guard let first = bytes.first, Decimal.digit(first) != nil else { throw .form }
        let parts = try TimeText(bytes)
        switch parts.reach {
        case .year: return .year(parts.date)
        case .month: return .month(parts.date)
        case .day: return .day(parts.date)
        case .time:
            guard let offset = parts.offset else { return .local(try parts.civil()) }
            return .instant(try parts.instant(offset: offset))
        }
    }

    /// [-]digits(m|h|d|w); `nil` when the text is of another form.
    private static func parseAgo(_ bytes: [UInt8]) throws(TimeFault) -> Duration? {
        guard let last = bytes.last else { return nil }
        let secondsPerUnit: Int
        switch last {
        case UInt8(ascii: "m"): secondsPerUnit = 60
        case UInt8(ascii: "h"): secondsPerUnit = 3600
        case UInt8(ascii: "d"): secondsPerUnit = 86_400
        case UInt8(ascii: "w"): secondsPerUnit = 7 * 86_400
        default: return nil
        }
        let hasSign = bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+")
        let digits = bytes.dropFirst(hasSign ? 1 : 0).dropLast()
        guard digits.allSatisfy({ Decimal.digit($0) != nil }) else { return nil }
        guard bytes.first != UInt8(ascii: "+") else { throw .ahead }
        guard digits.count <= 9, let amount = Decimal.value(of: digits) else { throw .amount }
        return .seconds(amount * secondsPerUnit)
    }

    /// Which end of a window it is.
    package enum Side: Hashable, Sendable { case since, until }

    /// What it stands for. A year, month or day is its first instant as `since`, the first instant after it as `until`.
    ///
    /// - Parameter zone: Whose clock the text follows when it names no offset.
    package func bound(_ side: Side, zone: ZoneRules, now: Instant) -> TimeBound {
        switch self {
        case .year(let date): TimeBound(startOf: side == .since ? date : date.startOfNextYear, zone: zone)
        case .month(let date): TimeBound(startOf: side == .since ? date : date.startOfNextMonth, zone: zone)
        case .day(let date): TimeBound(startOf: side == .since ? date : date.adding(days: 1), zone: zone)
        case .instant(let instant): TimeBound(instant, zone: zone)
        case .local(let local): TimeBound(instant: zone.instant(of: local), civil: local)
        case .ago(let duration): TimeBound((now - duration).clampedToTimestamp, zone: zone)
        case .now: TimeBound(now, zone: zone)
        case .today: TimeExpression.day(zone.civil(at: now).date).bound(side, zone: zone, now: now)
        case .yesterday:
            TimeExpression.day(zone.civil(at: now).date.adding(days: -1)).bound(side, zone: zone, now: now)
        }
    }
}

/// A resolved bound: the instant, and what the asker's clock shows then.
package struct TimeBound: Hashable, Sendable {
    package let instant: Instant
    package let civil: CivilDateTime

    package init(instant: Instant, civil: CivilDateTime) {
        self.instant = instant
        self.civil = civil
    }

    package init(_ instant: Instant, zone: ZoneRules) {
        self.init(instant: instant, civil: zone.civil(at: instant))
    }

    package init(startOf date: CivilDate, zone: ZoneRules) {
        self.init(instant: zone.firstInstant(of: date), civil: CivilDateTime(startOf: date))
    }
}
