/// A number of bytes as people type it, with or without a unit: "65536", "512KiB", "20MiB", "1GiB".
package struct ByteCount: Hashable, Sendable, CustomStringConvertible {
    package let value: Int

    package init(_ value: Int) { self.value = value }

    private static let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]

    /// - Returns: `nil` for anything but a whole number above 0 and one of the units, and for what no Int can hold.
    package init?(_ text: String) {
        let unit = ByteCount.units.first { text.hasSuffix($0.0) }
        let digits = text.dropLast(unit?.0.count ?? 0)
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits), number > 0 else {
            return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit?.1 ?? 1)
        guard !overflow else { return nil }
        value = product
    }

    /// As it is typed, in the largest unit that leaves nothing over.
    package var description: String {
        for (unit, size) in ByteCount.units.reversed() where value % size == 0 { return "\(value / size)\(unit)" }
        return "\(value)"
    }
}
