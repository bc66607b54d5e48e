internal import GRPCCall
internal import Synchronization

/// Whether anybody still waits for the end of a unary call. Asked on any thread, before work that can still be saved.
final class CallCancellation: CallObserver {
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .relaxed) }

    func abandoned() { flag.store(true, ordering: .relaxed) }
}
