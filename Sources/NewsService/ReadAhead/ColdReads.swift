internal import Bytes
internal import GRPCCall
internal import Synchronization
internal import Threads

/// Keeps the reads of one loop away from the disk, while they would stand in the way of the others.
///
/// A page that is not in memory holds up the loop's thread, and with it every call on the loop, until the disk has
/// answered. As long as that takes less than a hundredth of the time it is let be. When it takes more, reads whose
/// requests did not come lately are made by `ReadAhead` first; then the loop makes them too, out of memory, and
/// answers. When what the disk would have cost the loop is below a hundredth again, all is as before.
package final class ColdReads {
    /// Whether reads are to be looked at before they are made.
    private(set) var isOn = false
    private let core: ServiceCore
    private let now: @Sendable () -> Int64
    /// What reads of this loop waited for, made by whichever thread.
    private let waits = DiskWaits()
    private var recent = RecentRequests()
    /// When the time over which waits are added up is over.
    private var windowEnd: Int64 = .min

    /// Nanoseconds over which waits are added up.
    static let window: Int64 = 100_000_000
    /// Nanoseconds of waiting in that time which are let be.
    static let waitMax = window / 100

    init(_ core: ServiceCore) {
        self.core = core
        now = core.disk.clock
    }

    /// A turn of the loop took so long and had to wait for the disk.
    func waited(nanoseconds: Int64) {
        beginWindow()
        waits.add(nanoseconds)
        if waits.total > Self.waitMax { isOn = true }
    }

    /// Whether the read has to wait until it has been made by another thread.
    func defers(_ method: ReadMethod, _ request: Span<UInt8>, _ call: CallContext) -> Bool {
        beginWindow()
        guard isOn else { return false }
        if recent.has(request, now: now()) || call.isAgain {
            recent.note(request, now: now())
            return false
        }
        let cancellation = CallCancellation()
        let job = ReadAhead.Job(
            method: method, request: [UInt8](copying: request), call: call.reference, waits: waits,
            cancellation: cancellation)
        guard core.readAhead.submit(job, core) else { return false }
        call.observe(cancellation)
        return true
    }

    /// Judges the time that is over.
    private func beginWindow() {
        let now = now()
        guard now >= windowEnd else { return }
        windowEnd = now + Self.window
        if waits.take() > Self.waitMax { return }
        isOn = false
        recent.removeAll()
    }
}

@available(*, unavailable) extension ColdReads: Sendable {}

/// How long reads have waited for the disk, in nanoseconds.
final class DiskWaits: Sendable {
    private let sum = Atomic<Int64>(0)

    var total: Int64 { sum.load(ordering: .relaxed) }

    func add(_ nanoseconds: Int64) { sum.add(nanoseconds, ordering: .relaxed) }

    /// The sum, which begins anew.
    func take() -> Int64 { sum.exchange(0, ordering: .relaxed) }
}
