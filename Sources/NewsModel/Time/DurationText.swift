/// Durations as people type them: "250ms", "30s", "2m", "1.5h", "7d".
package enum DurationText {
    private static let units: [(suffix: String, nanoseconds: Int64)] = [
        ("ms", 1_000_000), ("us", 1000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
        ("d", 24 * 3_600_000_000_000),
    ]

    /// - Returns: `nil` for anything else, and for more than a year.
    package static func parse(_ text: String) -> Duration? {
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let parts = text.dropLast(unit.suffix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let whole = Int64(parts[0]), let fraction = Int64((parts.count == 2 ? parts[1].prefix(9) : "0"))
        else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit.nanoseconds)
        // 99,999,999 hours is the longest that the wire can tell; a year is longer than any call.
        guard !overflow, product <= 366 * 24 * 3_600_000_000_000 else { return nil }
        let digits = parts.count == 2 ? min(9, parts[1].count) : 0
        let divisor = (0..<digits).reduce(Int64(1)) { power, _ in power * 10 }
        return .nanoseconds(product + unit.nanoseconds / divisor * fraction)
    }
}
