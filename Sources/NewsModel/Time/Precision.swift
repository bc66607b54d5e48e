/// How much of a publication time its page printed.
package enum Precision: UInt8, Hashable, Sendable, CaseIterable {
    case second = 1, minute, day, month, year
    /// The page printed none.
    case unknown

    /// Whether the time is an instant; otherwise it stands for a whole civil period.
    package var isInstant: Bool { self == .second || self == .minute }

    /// Whether `self` tells more than `other`.
    package func isFiner(than other: Precision) -> Bool { rawValue < other.rawValue }
}
