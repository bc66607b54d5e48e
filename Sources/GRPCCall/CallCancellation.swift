internal import Synchronization

/// Whether anybody still waits for the end of a unary call: the peer may have reset it, its deadline may have passed, its
/// connection may be lost. Asked from any thread, before work that can still be saved.
package final class CallCancellation: Sendable {
    private let flag = Atomic(false)

    package init() {}

    package var isCancelled: Bool { flag.load(ordering: .relaxed) }

    package func cancel() { flag.store(true, ordering: .relaxed) }
}
