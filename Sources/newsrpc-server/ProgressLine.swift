import Files
import NewsStore
import Synchronization
import Threads

/// How far a command is, in a line on standard error that is written again and again; nowhere if that is no terminal.
/// The first SIGINT or SIGTERM asks the operation to stop, which removes what it has written.
final class ProgressLine: OperationObserver {
    private let verb: String
    private let isShown: Bool
    private let isWritten = Atomic(false)
    private let isCancelled = Atomic(false)

    init(_ verb: String) {
        self.verb = verb
        isShown = StandardStream.errors.isTerminal
        // Before any thread starts: threads inherit it.
        Interrupts.block()
        Interrupts.watch { [weak self] _ in self?.isCancelled.store(true, ordering: .relaxed) }
    }

    func advanced(_ progress: OperationProgress) -> Bool {
        if isShown {
            isWritten.store(true, ordering: .relaxed)
            let size = progress.totalBytes > 0 ? " of \(progress.totalBytes >> 20)" : ""
            // The escape sequence clears what a longer line has left.
            try? StandardStream.errors.write("\r\(verb) \(progress.doneBytes >> 20)\(size) MiB\u{1B}[K")
        }
        return !isCancelled.load(ordering: .relaxed)
    }

    /// Removes the line.
    func end() {
        if isWritten.exchange(false, ordering: .relaxed) { try? StandardStream.errors.write("\r\u{1B}[K") }
    }
}
