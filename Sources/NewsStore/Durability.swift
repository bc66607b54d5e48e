internal import NewsModel

/// What an acknowledgement of a write means when the power fails. Whatever is chosen, the end of the process alone
/// loses nothing that was acknowledged, and nothing is ever there in part.
package enum Durability: Hashable, Sendable, CustomStringConvertible {
    /// It is on the disk.
    case commit
    /// Its data is on the disk; what makes it count follows within the interval. The last commits of a shard may be
    /// undone, each as a whole and the latest first.
    case relaxed(Duration)

    /// The longest interval that can be asked for.
    package static let intervalMax = Duration.seconds(60)
    package static let intervalDefault = Duration.milliseconds(100)

    /// Reads "commit", "relaxed" or "relaxed=100ms".
    package init?(_ text: String) {
        switch text {
        case "commit": self = .commit
        case "relaxed": self = .relaxed(Durability.intervalDefault)
        default:
            let prefix = "relaxed="
            guard text.hasPrefix(prefix), let interval = DurationText.parse(String(text.dropFirst(prefix.count))),
                interval > .zero, interval <= Durability.intervalMax
            else { return nil }
            self = .relaxed(interval)
        }
    }

    package var description: String {
        switch self {
        case .commit: "commit"
        case .relaxed(let interval): "relaxed=\(interval.milliseconds)ms"
        }
    }

    /// `nil`: nothing is deferred.
    var interval: Duration? {
        guard case .relaxed(let interval) = self else { return nil }
        return interval
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
