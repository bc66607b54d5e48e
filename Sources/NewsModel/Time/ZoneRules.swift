/// The offsets of one time zone, past and to come.
package struct ZoneRules: Hashable, Sendable {
    /// Its IANA name, such as "Asia/Shanghai".
    package let name: String
    private let transitions: [Int64]
    private let offsets: [Int]
    private let firstOffset: Int
    private let footer: POSIXZone?

    package static let utc = ZoneRules(name: "UTC", secondsEast: 0)

    /// One offset for ever.
    package init(name: String, secondsEast: Int) {
        self.name = name
        transitions = []
        offsets = []
        firstOffset = secondsEast
        footer = nil
    }

    /// - Parameter tzif: The bytes of its file (RFC 9636), versions 1 to 4.
    package init(name: String, tzif: [UInt8]) throws(ZoneError) {
        let file = try TZif(tzif)
        self.name = name
        transitions = file.transitions
        offsets = file.offsets
        firstOffset = file.firstOffset
        footer = file.footer
    }

    /// Seconds east of UTC.
    package func offset(at instant: Instant) -> Int { segment(at: instant.seconds).offset }

    /// What a clock of the zone shows.
    package func civil(at instant: Instant) -> CivilDateTime {
        let shifted = instant + .seconds(offset(at: instant))
        return CivilDateTime(microsecondsSinceEpoch: shifted.microseconds)
    }

    /// When a clock of the zone shows `local`.
    ///
    /// Shown twice, because the clock was put back: the first time. Never shown, because it was put forward: as if it
    /// had not been, so 02:30 in a gap from 02:00 to 03:00 is 03:30 (RFC 5545, section 3.3.5).
    package func instant(of local: CivilDateTime) -> Instant {
        resolve(local) { _, shiftedFromBefore in shiftedFromBefore }
    }

    /// The first moment of a day, also where the clock is put forward at its midnight, and when the day is left out:
    /// then the first moment after it.
    package func firstInstant(of date: CivilDate) -> Instant {
        resolve(CivilDateTime(startOf: date)) { transition, _ in transition }
    }

    /// - Parameter gap: Chooses between the moment of the transition and the time by the offset before it.
    private func resolve(_ local: CivilDateTime, gap: (Instant, Instant) -> Instant) -> Instant {
        let wanted = local.microsecondsSinceEpoch
        let widestOffset: Int64 = 26 * 3600
        let localSeconds = Instant(microseconds: wanted).seconds
        var segment = segment(at: localSeconds - widestOffset)
        var moment = Instant(microseconds: wanted - Int64(segment.offset) * Instant.microsecondsPerSecond)
        // Segments ascend, so the first that contains its own reading of `local` gives the earlier of two.
        while moment.seconds >= segment.end {
            let next = self.segment(at: segment.end)
            let later = Instant(microseconds: wanted - Int64(next.offset) * Instant.microsecondsPerSecond)
            if later.seconds < next.start {
                let transition = Instant(microseconds: next.start * Instant.microsecondsPerSecond)
                return gap(transition, moment)
            }
            segment = next
            moment = later
        }
        return moment
    }

    /// A stretch of time with one offset, in seconds since 1970 UTC.
    private struct Segment {
        var start: Int64
        var end: Int64
        var offset: Int
    }

    private func segment(at seconds: Int64) -> Segment {
        // The number of transitions at or before `seconds`, by halving.
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        if low == transitions.count, let footer { return segment(at: seconds, by: footer) }
        return Segment(
            start: low == 0 ? .min : transitions[low - 1], end: low == transitions.count ? .max : transitions[low],
            offset: low == 0 ? firstOffset : offsets[low - 1])
    }

    /// After the last transition.
    private func segment(at seconds: Int64, by rule: POSIXZone) -> Segment {
        let earliest = transitions.last ?? .min
        guard rule.daylight != nil else { return Segment(start: earliest, end: .max, offset: rule.standardOffset) }
        // The clock's own year may differ from UTC's by one around New Year.
        let days = seconds >= 0 ? seconds / 86_400 : (seconds + 1) / 86_400 - 1
        let year = CivilDate(daysSinceEpoch: Int(days)).year
        var segment = Segment(start: earliest, end: .max, offset: rule.standardOffset)
        for change in (year - 1...year + 1).flatMap({ rule.changes(year: $0) }) {
            if change.at <= seconds {
                segment.start = max(change.at, earliest)
                segment.offset = change.offset
            } else {
                segment.end = change.at
                break
            }
        }
        return segment
    }
}
