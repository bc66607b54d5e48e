internal import Synchronization

/// How long the turns of a loop took, counted by size: for so long, everything else on the loop waited.
///
/// Written by the loop alone, read by anybody.
package final class TurnTimes: Sendable {
    /// Sizes: below 1 µs, below 2 µs, ... each twice the one before, and all above 4 s.
    package static let sizeCount = 24

    private let counts = InlineArray<24, Atomic<UInt64>> { _ in Atomic(0) }
    private let longest = Atomic<Int64>(0)

    package init() {}

    /// - Parameter nanoseconds: of a turn, without its wait.
    package func note(_ nanoseconds: Int64) {
        let microseconds = UInt64(max(0, nanoseconds)) / 1000
        let size = min(UInt64.bitWidth - microseconds.leadingZeroBitCount, Self.sizeCount - 1)
        // One thread writes, so no count is lost between the two.
        counts[size].store(counts[size].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        if nanoseconds > longest.load(ordering: .relaxed) { longest.store(nanoseconds, ordering: .relaxed) }
    }

    /// Turns of each size.
    package var all: [Int] { (0..<Self.sizeCount).map { Int(clamping: counts[$0].load(ordering: .relaxed)) } }

    /// Of the longest turn, in nanoseconds.
    package var longestNanoseconds: Int64 { longest.load(ordering: .relaxed) }
}
