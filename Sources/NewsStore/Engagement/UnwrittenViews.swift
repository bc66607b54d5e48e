internal import NewsModel
internal import Synchronization

/// Views that are not in the shards yet: on their way to the writer, and as readers are to show them.
final class UnwrittenViews: Sendable {
    let inbox: ViewInbox
    private let shown = Mutex<ViewOverlay?>(nil)
    private let changes = Atomic<UInt64>(0)

    init(articleCountMax: Int) { inbox = ViewInbox(articleCountMax: articleCountMax) }

    /// Changes with the overlay: who has the one of this number has the current one.
    var version: UInt64 { changes.load(ordering: .acquiring) }

    /// `nil`: all that readers may show is in the shards.
    var overlay: ViewOverlay? { shown.withLock { $0 } }

    /// The overlay with its number.
    var current: (overlay: ViewOverlay?, version: UInt64) {
        shown.withLock { ($0, changes.load(ordering: .relaxed)) }
    }

    /// What an overlay no longer has must be committed.
    func publish(_ overlay: ViewOverlay?) {
        shown.withLock { shown in
            shown = overlay
            changes.add(1, ordering: .releasing)
        }
    }
}
