/// Why a `grpc-timeout` could not be read.
package enum TimeoutError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    /// Not one of H M S m u n at the end.
    case unknownUnit(UInt8)
    /// Something but a digit before the unit.
    case notADigit(UInt8)
    /// No digit, or more than eight.
    case digitCount(Int)

    package var description: String {
        switch self {
        case .empty: "grpc-timeout is empty"
        case .unknownUnit(let byte): "grpc-timeout ends in \(name(of: byte)), not in one of H M S m u n"
        case .notADigit(let byte): "grpc-timeout has \(name(of: byte)) where a digit must stand"
        case .digitCount(let count): "grpc-timeout has \(count) digits, not 1 to 8"
        }
    }

    private func name(of byte: UInt8) -> String {
        (0x21...0x7E).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }
}

/// The value of `grpc-timeout`: 1 to 8 decimal digits and a unit (gRPC over HTTP/2, "Timeout").
package enum GRPCTimeout {
    private static let maxDigits = 8
    private static let largestAmount: Int64 = 99_999_999

    /// The units, finest first.
    private static let units: [(symbol: UInt8, nanoseconds: Int64)] = [
        (UInt8(ascii: "n"), 1), (UInt8(ascii: "u"), 1_000), (UInt8(ascii: "m"), 1_000_000),
        (UInt8(ascii: "S"), 1_000_000_000), (UInt8(ascii: "M"), 60_000_000_000), (UInt8(ascii: "H"), 3_600_000_000_000),
    ]

    /// Reads a value.
    ///
    /// - Returns: nanoseconds, or `nil` when they are more than a clock can count (292 years): no deadline.
    package static func parse(_ value: Span<UInt8>) throws(TimeoutError) -> Int64? {
        guard !value.isEmpty else { throw .empty }
        let digitCount = value.count - 1
        let symbol = value[digitCount]
        guard let unit = units.first(where: { $0.symbol == symbol })?.nanoseconds else { throw .unknownUnit(symbol) }
        guard (1...maxDigits).contains(digitCount) else { throw .digitCount(digitCount) }
        var amount: Int64 = 0
        for index in 0..<digitCount {
            let byte = value[index]
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw .notADigit(byte) }
            amount = amount * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        let (nanoseconds, overflow) = amount.multipliedReportingOverflow(by: unit)
        return overflow ? nil : nanoseconds
    }

    /// Writes a value in the finest unit that eight digits can hold, rounded up: the peer's deadline is never earlier
    /// than ours. Nothing and less is "0n"; what is longer than 99,999,999 hours is cut to that.
    package static func format(_ timeout: Duration) -> String {
        guard timeout > .zero else { return "0n" }
        for (symbol, nanoseconds) in units {
            // Int128 holds every Duration in nanoseconds: 2^63 seconds are below 2^93 of them.
            let unit = Int128(nanoseconds) * attosecondsPerNanosecond
            let amount = timeout.attoseconds / unit + (timeout.attoseconds % unit > 0 ? 1 : 0)
            if amount <= largestAmount { return "\(amount)\(Character(Unicode.Scalar(symbol)))" }
        }
        return "\(largestAmount)H"
    }

    private static let attosecondsPerNanosecond: Int128 = 1_000_000_000
}
