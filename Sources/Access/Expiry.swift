package import NewsModel

/// When a token ends, as an operator writes it.
package enum Expiry {
    package static let forms = "90d, 12h, 2027-03-01 (its first moment in UTC) or 2027-03-01T08:00:00Z"

    /// - Returns: `nil` when the text is none of `forms`, and for a moment that is not after `now`.
    package static func parse(_ text: String, now: Instant) -> Instant? {
        guard let instant = relative(text, now) ?? absolute(text), instant > now, instant.isTimestamp else {
            return nil
        }
        return instant
    }

    private static func relative(_ text: String, _ now: Instant) -> Instant? {
        let unit: Int64
        switch text.utf8.last {
        case UInt8(ascii: "d"): unit = 86_400
        case UInt8(ascii: "h"): unit = 3600
        default: return nil
        }
        let digits = text.dropLast()
        // Six digits of days are 2,700 years and cannot overflow.
        guard (1...6).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let amount = Int64(digits)
        else { return nil }
        return now + .seconds(amount * unit)
    }

    private static func absolute(_ text: String) -> Instant? {
        (try? RFC3339.parse(text)) ?? (try? RFC3339.parse(text + "T00:00:00Z"))
    }
}
