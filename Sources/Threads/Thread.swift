internal import CLinux
internal import Glibc
internal import Synchronization

/// A thread of the operating system that runs one closure.
///
/// It starts with every signal blocked but those that a fault raises, so that SIGTERM and its like reach the thread
/// that waits for them and never interrupt another one's system call.
package final class Thread: Sendable {
    private let identifier: pthread_t
    private let isJoined = Atomic(false)

    private init(identifier: pthread_t) { self.identifier = identifier }

    deinit {
        // Nobody will wait for it: its stack is given back when it ends.
        if !isJoined.load(ordering: .acquiring) { _ = pthread_detach(identifier) }
    }

    /// Starts a thread with a stack of 8 MiB (address space: pages count once they are touched).
    ///
    /// A process that may start no more threads ends here, as it does without memory.
    /// - Parameters:
    ///   - name: Shown by `ps -L` and debuggers; at most 15 bytes (pthread_setname_np).
    ///   - urgency: `usual` is that of the thread that starts it.
    package static func start(
        name: String, urgency: ThreadUrgency = .usual, _ body: @escaping @Sendable () -> Void
    ) -> Thread {
        precondition(name.utf8.count <= 15, "the name of a thread has at most 15 bytes")
        var attributes = pthread_attr_t()
        var code = unsafe pthread_attr_init(&attributes)
        precondition(code == 0, "thread attributes need no resources on Linux")
        defer { unsafe pthread_attr_destroy(&attributes) }
        code = unsafe pthread_attr_setstacksize(&attributes, 8 << 20)
        precondition(code == 0, "8 MiB is a valid stack size")

        var identifier = pthread_t()
        // The new thread takes over this reference in `runStart`.
        let start = unsafe Unmanaged.passRetained(Start(name: name, urgency: urgency, body: body)).toOpaque()
        withSignalsBlocked {
            code = unsafe pthread_create(&identifier, &attributes, runStart, start)
        }
        guard code == 0 else { preconditionFailure("the system starts no more threads (errno \(code))") }
        return Thread(identifier: identifier)
    }

    /// Whether it is the thread that asks: that one must not join it.
    package var isCurrent: Bool { pthread_equal(identifier, pthread_self()) != 0 }

    /// Waits until the body has returned. To be called once, by another thread.
    package func join() {
        let wasJoined = isJoined.exchange(true, ordering: .acquiringAndReleasing)
        precondition(!wasJoined, "a thread is joined once")
        let code = pthread_join(identifier, nil)  // The result is not asked for.
        precondition(code == 0, "a thread cannot wait for itself (errno \(code))")
    }
}

/// What a new thread needs, handed over as the one pointer that pthread_create takes.
private final class Start: Sendable {
    let name: String
    let urgency: ThreadUrgency
    let body: @Sendable () -> Void

    init(name: String, urgency: ThreadUrgency, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.urgency = urgency
        self.body = body
    }
}

private func runStart(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    // `Thread.start` retained it for this thread alone.
    let start = unsafe Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
    _ = unsafe newsrpc_name_this_thread(start.name)  // The length was checked, and a name is a courtesy anyway.
    start.urgency.apply()
    start.body()
    return nil
}

/// A new thread inherits the mask of its maker, so the maker wears it while it makes one.
private func withSignalsBlocked(_ body: () -> Void) {
    var blocked = sigset_t()
    var previous = sigset_t()
    unsafe sigfillset(&blocked)
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP] { unsafe sigdelset(&blocked, fault) }
    unsafe pthread_sigmask(SIG_SETMASK, &blocked, &previous)
    body()
    unsafe pthread_sigmask(SIG_SETMASK, &previous, nil)
}
