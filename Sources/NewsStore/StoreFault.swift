/// What the disk or the system did to an open store, for whoever looks after it. Callers hear of it in other words, and
/// without the paths.
package struct StoreFault: Sendable {
    package enum Event: String, Sendable {
        /// Nobody knows what became of it; the shard is opened anew and has to show that it can be written.
        case commitFailed = "commit failed"
        /// The same of a flush that was deferred.
        case flushFailed = "flush failed"
        /// It takes no writes until the store is opened again.
        case readOnly = "shard is read-only"
        /// It took two durable commits after one that had failed.
        case recovered = "shard takes writes again"
        /// There is no room for a write.
        case full = "no room"
        /// It could not be made, opened or read.
        case unusable = "shard cannot be used"
    }

    package let event: Event
    /// "2026-02", or "catalog".
    package let place: String
    package let reason: String

    init(_ event: Event, _ place: some CustomStringConvertible, _ reason: some CustomStringConvertible) {
        self.event = event
        self.place = place.description
        self.reason = reason.description
    }

    /// Of a call on a shard that failed otherwise than callers can bring about.
    init?(_ error: StoreError, _ place: some CustomStringConvertible) {
        switch error {
        case .full: self.init(.full, place, error)
        case .file, .environment, .notWritable: self.init(.unusable, place, error)
        default: return nil
        }
    }
}
