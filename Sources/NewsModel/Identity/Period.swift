/// How long the calendar period is that one shard holds.
package enum PeriodLength: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case month, quarter, year

    package var description: String { rawValue }

    /// Its place among them, shortest first.
    package var rank: Int {
        switch self {
        case .month: 0
        case .quarter: 1
        case .year: 2
        }
    }

    /// - Parameter rank: anything else than that of a month or a quarter is a year's.
    package init(rank: Int) { self = rank == 0 ? .month : rank == 1 ? .quarter : .year }
}

/// What one shard holds: the articles of a calendar period in the store's zone, or those without a date.
package enum Period: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Cases are declared oldest first, undated before all, and compare by what they say.
    case undated
    case month(year: Int, month: Int)
    /// 1 to 4.
    case quarter(year: Int, quarter: Int)
    case year(Int)

    /// The period of a day.
    package init(_ date: CivilDate, length: PeriodLength) {
        self =
            switch length {
            case .month: .month(year: date.year, month: date.month)
            case .quarter: .quarter(year: date.year, quarter: (date.month + 2) / 3)
            case .year: .year(date.year)
            }
    }

    /// The period that the first characters of an id name.
    package init(_ named: ArticleID.NamedDay, length: PeriodLength) {
        self =
            switch named {
            case .undated: .undated
            case .day(let date): Period(date, length: length)
            }
    }

    package var length: PeriodLength? {
        switch self {
        case .undated: nil
        case .month: .month
        case .quarter: .quarter
        case .year: .year
        }
    }

    /// The period of a length that it lies in; itself when it is longer.
    package func widened(to length: PeriodLength) -> Period {
        guard let own = self.length, own.rank < length.rank, let firstDay else { return self }
        return Period(firstDay, length: length)
    }

    /// Its first day; `nil` for undated.
    package var firstDay: CivilDate? {
        switch self {
        case .undated: nil
        case .month(let year, let month): CivilDate(year: year, month: month, day: 1)
        case .quarter(let year, let quarter): CivilDate(year: year, month: quarter * 3 - 2, day: 1)
        case .year(let year): CivilDate(year: year, month: 1, day: 1)
        }
    }

    /// The first day after it; `nil` for undated.
    package var endDay: CivilDate? {
        guard let firstDay else { return nil }
        switch self {
        case .undated: return nil
        case .month: return firstDay.startOfNextMonth
        case .quarter: return firstDay.startOfNextMonth.startOfNextMonth.startOfNextMonth
        case .year: return firstDay.startOfNextYear
        }
    }

    package func contains(_ date: CivilDate) -> Bool {
        guard let firstDay, let endDay else { return false }
        return date >= firstDay && date < endDay
    }

    /// The period after it; `nil` for undated and at the end of the calendar.
    package var next: Period? {
        guard let length, let endDay, CivilDate.years.contains(endDay.year) else { return nil }
        return Period(endDay, length: length)
    }

    /// The name of its shard: "2026-02", "2026-q1", "2026" or "undated".
    package var description: String {
        switch self {
        case .undated: "undated"
        case .month(let year, let month): "\(Decimal.padded(year, width: 4))-\(Decimal.padded(month, width: 2))"
        case .quarter(let year, let quarter): "\(Decimal.padded(year, width: 4))-q\(quarter)"
        case .year(let year): Decimal.padded(year, width: 4)
        }
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
        let bytes = Array(text.utf8)
        if text == "undated" {
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
