internal import Threads

/// How fast bytes may be copied: so many in a second, from the first one on.
struct CopyPace: Sendable {
    let bytesPerSecond: Int

    /// How long to wait, in nanoseconds, before more is copied.
    ///
    /// - Parameter elapsed: since the first byte.
    func delay(copied: Int, elapsed: Int64) -> Int64 {
        let due = Double(copied) / Double(max(1, bytesPerSecond)) * 1_000_000_000
        return max(0, Int64(min(due, 1e18)) - elapsed)
    }
}

/// Counts what is copied, tells the observer of it, and keeps the pace.
final class CopyMeter {
    private let observer: (any OperationObserver)?
    private let options: BackupOptions
    private let pace: CopyPace?
    private let start: Int64
    private var progress = OperationProgress()
    private var paced = 0
    private var toldBytes = 0

    /// Bytes that are copied at a time.
    let chunkByteCount: Int
    /// Bytes between two calls of the observer, as `OperationObserver` promises.
    private static let tellByteCount = 8 << 20

    /// - Parameters:
    ///   - fileCount: files in all. They are what the observer sees counted.
    ///   - byteCount: of all of them.
    init(fileCount: Int, byteCount: Int, _ options: BackupOptions, _ observer: (any OperationObserver)?) {
        self.observer = observer
        self.options = options
        pace = options.bytesPerSecond.map { CopyPace(bytesPerSecond: $0) }
        // A tenth of a second at most, so that a slow copy is slow evenly and can be cancelled.
        chunkByteCount = min(1 << 20, max(16 << 10, (options.bytesPerSecond ?? .max) / 10))
        start = options.now()
        progress.totalCount = fileCount
        progress.totalBytes = byteCount
    }

    /// Notes bytes that have been copied, and waits if that was too fast.
    func add(_ byteCount: Int) throws(StoreError) {
        progress.doneBytes += byteCount
        paced += byteCount
        if progress.doneBytes - toldBytes >= CopyMeter.tellByteCount { try tell() }
        guard let pace else { return }
        let delay = pace.delay(copied: paced, elapsed: options.now() - start)
        if delay > 0 { options.wait(.nanoseconds(delay)) }
    }

    /// Notes a file that is done.
    ///
    /// - Parameter skipped: bytes of it that did not have to be copied.
    func endFile(skipped: Int = 0) throws(StoreError) {
        progress.doneBytes += skipped
        progress.doneCount += 1
        try tell()
    }

    private func tell() throws(StoreError) {
        toldBytes = progress.doneBytes
        if let observer, !observer.advanced(progress) { throw .cancelled }
    }
}
