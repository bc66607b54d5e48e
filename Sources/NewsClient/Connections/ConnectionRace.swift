/// One attempt to connect to one of several addresses: in order, each begun when the one before has failed or has not
/// succeeded within a delay, the first that succeeds wins (RFC 8305 section 5, gRFC A61). No clock, no socket.
///
///     address 0  |--------------------------------- still trying ----
///     address 1        |------- refused
///     address 2               |------- ready: the others are dropped
///                <delay>
package struct ConnectionRace: Sendable {
    package enum Step: Equatable, Sendable {
        /// Begins with the address of this index, and measures the delay from now.
        case begin(Int)
        /// Attempts are under way.
        case wait
        /// All have failed.
        case over(reason: String)
    }

    /// Most reasons that the last one tells; a name may have many addresses that fail alike.
    private static let reasonsMax = 4

    private let addressCount: Int
    private var begunCount = 0
    private var failedCount = 0
    private var reasons: [String] = []

    package init(addressCount: Int) { self.addressCount = addressCount }

    /// The attempt begins, or the delay has passed.
    package mutating func next() -> Step {
        guard begunCount < addressCount else { return failedCount < begunCount ? .wait : over }
        begunCount += 1
        return .begin(begunCount - 1)
    }

    /// The address of this index could not be connected to.
    package mutating func failed(_ index: Int, _ reason: String) -> Step {
        failedCount += 1
        if !reasons.contains(reason), reasons.count < Self.reasonsMax { reasons.append(reason) }
        // An earlier one that fails says nothing about the latest, whose delay still runs.
        if index == begunCount - 1 || failedCount == begunCount { return next() }
        return .wait
    }

    /// Whether the delay is to be measured: there is something left to begin.
    package var hasNext: Bool { begunCount < addressCount }

    private var over: Step { .over(reason: reasons.isEmpty ? "no address" : reasons.joined(separator: "; ")) }
}
