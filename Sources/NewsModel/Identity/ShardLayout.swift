/// How long the calendar period is that a shard, or all slots of a period, hold.
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

/// How a store is divided into shards: by calendar periods of one length, and each of these into slots, which are runs
/// of its days, as long as each other but for a day.
package struct ShardLayout: Hashable, Sendable, CustomStringConvertible {
    package let length: PeriodLength
    /// 1: a period is one shard.
    package let slotCount: Int

    /// Numbers of slots that a period may have: also the shortest month has a day for each.
    package static let slotCounts = 1...16

    package init(_ length: PeriodLength) { self.init(trusted: length, 1) }

    /// - Returns: `nil` when `slots` is not one of `slotCounts`.
    package init?(_ length: PeriodLength, slots: Int) {
        guard ShardLayout.slotCounts.contains(slots) else { return nil }
        self.init(trusted: length, slots)
    }

    private init(trusted length: PeriodLength, _ slotCount: Int) {
        self.length = length
        self.slotCount = slotCount
    }

    /// Bits that `code` takes.
    package static let codeBitCount = 6

    /// All of it as a small number.
    package var code: Int { length.rank | (slotCount - 1) << 2 }

    /// - Parameter code: its low bits, see `codeBitCount`, are read.
    package init(code: Int) { self.init(trusted: PeriodLength(rank: code & 3), (code >> 2 & 15) + 1) }

    /// As files have it: "month", or "month 4" when a month has four slots.
    package var fileText: String { slotCount == 1 ? "\(length)" : "\(length) \(slotCount)" }

    /// - Parameter words: of what `fileText` gives.
    package init?(words: some Collection<some StringProtocol>) {
        guard let first = words.first, let length = PeriodLength(rawValue: String(first)) else { return nil }
        if words.count == 1 {
            self.init(length)
            return
        }
        guard words.count == 2, let slots = words.dropFirst().first.flatMap({ Int(String($0)) }), slots > 1 else {
            return nil
        }
        self.init(length, slots: slots)
    }

    /// "month", or "month in 4 slots".
    package var description: String { slotCount == 1 ? "\(length)" : "\(length) in \(slotCount) slots" }
}
