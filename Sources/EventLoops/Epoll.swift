internal import CLinux
internal import Glibc

/// What a descriptor is ready for, or is to be watched for (epoll_ctl(2)).
struct Readiness: OptionSet {
    let rawValue: UInt32

    static let input = Self(rawValue: EPOLLIN.rawValue)
    static let output = Self(rawValue: EPOLLOUT.rawValue)
    /// Both directions are closed, or the connection failed. Always reported.
    static let broken = Self(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
}

/// One epoll instance and the events of its last wait.
@safe struct Epoll: ~Copyable {
    private static let eventCountMax = 256

    private let descriptor: Descriptor
    // C fills it while `wait` runs; it lives as long as this value.
    private let events: UnsafeMutablePointer<epoll_event>

    init() throws(LoopError) {
        descriptor = try Descriptor(epoll_create1(Int32(EPOLL_CLOEXEC)), operation: "epoll_create1")
        unsafe events = .allocate(capacity: Self.eventCountMax)
    }

    deinit { unsafe events.deallocate() }

    /// Watches `number`, level-triggered. Closing the descriptor ends it.
    /// - Parameter tag: Comes back with each event.
    func add(_ number: Int32, tag: UInt64, for readiness: Readiness) throws(LoopError) {
        let code = control(EPOLL_CTL_ADD, number, tag, readiness)
        guard code == 0 else { throw .system(operation: "epoll_ctl", code: errno) }
    }

    /// Watches a descriptor that was added for something else.
    func modify(_ number: Int32, tag: UInt64, for readiness: Readiness) {
        let code = control(EPOLL_CTL_MOD, number, tag, readiness)
        precondition(code == 0, "a watched descriptor is open and changing it needs no memory")
    }

    /// Waits for events, and returns how many there are. A signal may end it early.
    /// - Parameter milliseconds: 0 does not wait, -1 waits without limit.
    func wait(milliseconds: Int32) -> Int {
        let count = unsafe epoll_wait(descriptor.number, events, Int32(Self.eventCountMax), milliseconds)
        precondition(count >= 0 || errno == EINTR, "epoll_wait fails by interruption only")
        return max(0, Int(count))
    }

    /// An event of the last wait.
    func event(at index: Int) -> (tag: UInt64, readiness: Readiness) {
        precondition(index >= 0 && index < Self.eventCountMax, "no such event")
        let event = unsafe events[index]
        return unsafe (event.data.u64, Readiness(rawValue: event.events))  // `data` is a union; `u64` was written.
    }

    private func control(_ operation: Int32, _ number: Int32, _ tag: UInt64, _ readiness: Readiness) -> Int32 {
        var event = unsafe epoll_event()
        unsafe event.events = readiness.rawValue
        unsafe event.data.u64 = tag
        return unsafe epoll_ctl(descriptor.number, operation, number, &event)  // The kernel copies `event`.
    }
}
