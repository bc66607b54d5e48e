internal import Synchronization

/// Lets one event of a kind and an address through, then counts those that follow until a while has passed: a peer that
/// does something a thousand times is one line of the log.
package final class EventThrottle: Sendable {
    private struct Key: Hashable {
        let event: String
        let address: String
    }

    private struct Entry {
        /// Monotonic nanoseconds.
        var quietUntil: Int64
        var heldBackCount = 0
    }

    private let entries = Mutex<[Key: Entry]>([:])
    /// Time between two lines of the same kind and address, in nanoseconds.
    private let interval: Int64
    /// Addresses that are told apart. What comes from further ones shares one line for each kind.
    private let capacity: Int

    package init(interval: Duration = .seconds(60), capacity: Int = 256) {
        self.interval = interval.components.seconds * 1_000_000_000
        self.capacity = capacity
    }

    /// - Parameter now: monotonic nanoseconds.
    /// - Returns: how many were held back since the last one that passed; `nil` when this one is held back too.
    package func admit(_ event: String, from address: String, now: Int64) -> Int? {
        entries.withLock { entries in
            var key = Key(event: event, address: address)
            if entries[key] == nil, entries.count >= capacity {
                entries = entries.filter { $0.value.quietUntil > now }
                if entries.count >= capacity { key = Key(event: event, address: "") }
            }
            guard var entry = entries[key], entry.quietUntil > now else {
                let heldBackCount = entries[key]?.heldBackCount ?? 0
                entries[key] = Entry(quietUntil: now + interval)
                return heldBackCount
            }
            entry.heldBackCount += 1
            entries[key] = entry
            return nil
        }
    }
}
