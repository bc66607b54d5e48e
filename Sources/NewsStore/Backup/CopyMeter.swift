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

/// Reports what is copied, and keeps the pace.
final class CopyMeter {
    private let report: OperationReport
    private let options: BackupOptions
    private let pace: CopyPace?
    private let start: Int64
    private var copied = 0

    /// Bytes that are copied at a time.
    let chunkByteCount: Int

    init(_ options: BackupOptions, _ report: OperationReport) {
        self.report = report
        self.options = options
        pace = options.bytesPerSecond.map { CopyPace(bytesPerSecond: $0) }
        // A tenth of a second at most, so that a slow copy is slow evenly and can be cancelled.
        chunkByteCount = min(1 << 20, max(16 << 10, (options.bytesPerSecond ?? .max) / 10))
        start = options.now()
    }

    /// Notes bytes that have been copied, and waits if that was too fast.
    func add(_ byteCount: Int) throws(StoreError) {
        copied += byteCount
        try report.did(count: 0, bytes: byteCount)
        guard let pace else { return }
        let delay = pace.delay(copied: copied, elapsed: options.now() - start)
        if delay > 0 { options.wait(.nanoseconds(delay)) }
    }

    /// Notes a file that is done.
    ///
    /// - Parameter skipped: bytes of it that did not have to be copied.
    func endFile(skipped: Int = 0) throws(StoreError) { try report.did(count: 1, bytes: skipped, isStep: true) }
}
