/// What one shard holds: the articles of a calendar period in the store's zone, or of a slot of one, or those without a
/// date.
package struct Period: Hashable, Comparable, Sendable, CustomStringConvertible {
    // Undated before all, then shorter before longer, then oldest first.

    /// 0: undated; 1 more than the rank of its length.
    private let kind: UInt8
    private let year: Int16
    /// Of a month or a quarter, from 1 on; 0 of a year.
    private let number: UInt8
    /// 1: the whole period.
    private let slotCount: UInt8
    /// From 0 on.
    private let slot: UInt8

    private init(_ kind: UInt8, _ year: Int, _ number: Int, slot: UInt8 = 0, of slotCount: UInt8 = 1) {
        self.kind = kind
        self.year = Int16(truncatingIfNeeded: year)
        self.number = UInt8(truncatingIfNeeded: number)
        self.slot = slot
        self.slotCount = slotCount
    }

    package static let undated = Period(0, 0, 0)

    package static func month(year: Int, month: Int) -> Period { Period(1, year, month) }

    /// - Parameter quarter: 1 to 4.
    package static func quarter(year: Int, quarter: Int) -> Period { Period(2, year, quarter) }

    package static func year(_ year: Int) -> Period { Period(3, year, 0) }

    /// The period of a day.
    package init(_ date: CivilDate, length: PeriodLength) {
        self =
            switch length {
            case .month: .month(year: date.year, month: date.month)
            case .quarter: .quarter(year: date.year, quarter: (date.month + 2) / 3)
            case .year: .year(date.year)
            }
    }

    /// The shard of a day.
    package init(_ date: CivilDate, _ layout: ShardLayout) {
        self.init(date, length: layout.length)
        if layout.slotCount > 1, let firstDay {
            let count = UInt8(truncatingIfNeeded: layout.slotCount)
            let day = date.daysSinceEpoch - firstDay.daysSinceEpoch
            self.init(kind, date.year, Int(number), slot: UInt8(day * layout.slotCount / dayCount), of: count)
        }
    }

    /// The shard that the first characters of an id name.
    package init(_ named: ArticleID.NamedDay, _ layout: ShardLayout) {
        self =
            switch named {
            case .undated: .undated
            case .day(let date): Period(date, layout)
            }
    }

    private var length: PeriodLength? { kind == 0 ? nil : PeriodLength(rank: Int(kind) - 1) }

    /// Of the stores that have such a shard; `nil` for undated, which every store may have.
    package var layout: ShardLayout? { length.flatMap { ShardLayout($0, slots: Int(slotCount)) } }

    /// The period of which it is a slot; itself when it is none.
    package var whole: Period { slotCount == 1 ? self : Period(kind, Int(year), Int(number)) }

    /// The whole period of a length that it lies in, or of its own length when that is longer.
    package func widened(to length: PeriodLength) -> Period {
        guard let own = self.length, own.rank < length.rank, let firstDay else { return whole }
        return Period(firstDay, length: length)
    }

    /// The shard of a layout that has its first day; itself when it is of that layout.
    package func first(in layout: ShardLayout) -> Period { firstDay.map { Period($0, layout) } ?? .undated }

    // MARK: Days

    /// Its first day; `nil` for undated.
    package var firstDay: CivilDate? { length.map { day(ofSlot: slot, $0) } }

    /// The first day after it; `nil` for undated.
    package var endDay: CivilDate? {
        guard let length else { return nil }
        return slot + 1 < slotCount ? day(ofSlot: slot + 1, length) : wholeEnd(length)
    }

    /// Slot s of n has the days d, counted from 0, of which d * n / (count of days), rounded down, is s.
    private func day(ofSlot slot: UInt8, _ length: PeriodLength) -> CivilDate {
        let start = wholeStart(length)
        if slot == 0 { return start }
        let (slots, slot) = (Int(slotCount), Int(slot))
        return start.adding(days: (slot * dayCount + slots - 1) / slots)
    }

    private func wholeStart(_ length: PeriodLength) -> CivilDate {
        let start = CivilDate.startOfYear(Int(year))
        return switch length {
        case .month: start.inMonth(Int(number))
        case .quarter: start.inMonth(Int(number) * 3 - 2)
        case .year: start
        }
    }

    private func wholeEnd(_ length: PeriodLength) -> CivilDate {
        let start = wholeStart(length)
        return switch length {
        case .month: start.startOfNextMonth
        case .quarter: start.startOfNextMonth.startOfNextMonth.startOfNextMonth
        case .year: start.startOfNextYear
        }
    }

    /// Days of the whole period.
    private var dayCount: Int {
        guard let length else { return 0 }
        return wholeEnd(length).daysSinceEpoch - wholeStart(length).daysSinceEpoch
    }

    package func contains(_ date: CivilDate) -> Bool {
        guard let firstDay, let endDay else { return false }
        return date >= firstDay && date < endDay
    }

    /// The shard after it, of the same layout; `nil` for undated and at the end of the calendar.
    package var next: Period? {
        guard let layout, let endDay, CivilDate.years.contains(endDay.year) else { return nil }
        return Period(endDay, layout)
    }

    // MARK: Order

    /// Its place among the shards of one store, oldest first; undated before all.
    package var sortKey: Int32 { (Int32(year) << 4 | Int32(number)) << 4 | Int32(slot) }

    package static func < (left: Period, right: Period) -> Bool {
        (left.kind, left.year, left.number, left.slotCount, left.slot)
            < (right.kind, right.year, right.number, right.slotCount, right.slot)
    }

    // MARK: Text

    /// The name of its shard: "2026-02", "2026-q1", "2026" or "undated"; the first of four slots is "2026-02.1of4".
    package var description: String {
        let text: String
        switch length {
        case nil: return "undated"
        case .month: text = "\(Decimal.padded(Int(year), width: 4))-\(Decimal.padded(Int(number), width: 2))"
        case .quarter: text = "\(Decimal.padded(Int(year), width: 4))-q\(number)"
        case .year: text = Decimal.padded(Int(year), width: 4)
        }
        return slotCount == 1 ? text : "\(text).\(slot + 1)of\(slotCount)"
    }

    /// "shards/" before what it is called.
    package static let namePrefix = "shards/"

    /// "shards/{shard}", as the API calls the shard that holds it.
    package var name: String { Period.namePrefix + description }

    /// - Parameter name: "shards/{shard}".
    package init?(name: some StringProtocol) {
        guard name.hasPrefix(Period.namePrefix) else { return nil }
        self.init(name.dropFirst(Period.namePrefix.count))
    }

    /// - Returns: `nil` when the text is not exactly what `description` gives for some period.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let whole = Period(whole: Array(first.utf8)) else { return nil }
        guard parts.count == 2 else {
            self = whole
            return
        }
        guard whole != .undated, let end = parts[1].firstIndex(of: "o"), let slot = UInt8(parts[1][..<end]),
            let count = UInt8(parts[1][end...].dropFirst(2)), ShardLayout.slotCounts.contains(Int(count)), count > 1,
            1...count ~= slot
        else { return nil }
        self.init(whole.kind, Int(whole.year), Int(whole.number), slot: slot - 1, of: count)
        guard description == text else { return nil }
    }

    private init?(whole bytes: [UInt8]) {
        if bytes == Array("undated".utf8) {
            self = .undated
            return
        }
        guard bytes.count >= 4, let year = Decimal.value(of: bytes[0..<4]), CivilDate.years.contains(year) else {
            return nil
        }
        switch bytes.count {
        case 4: self = .year(year)
        case 7 where bytes[4] == UInt8(ascii: "-") && bytes[5] == UInt8(ascii: "q"):
            guard let quarter = Decimal.digit(bytes[6]), 1...4 ~= quarter else { return nil }
            self = .quarter(year: year, quarter: quarter)
        case 7 where bytes[4] == UInt8(ascii: "-"):
            guard let month = Decimal.value(of: bytes[5..<7]), 1...12 ~= month else { return nil }
            self = .month(year: year, month: month)
        default: return nil
        }
    }
}
