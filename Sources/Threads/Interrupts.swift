internal import Glibc

/// SIGINT and SIGTERM for a program without an event loop: taken in order by one thread, at a place where any code may
/// run, in place of a handler that may run almost none.
package enum Interrupts {
    package enum Signal: Hashable, Sendable { case interrupt, terminate }

    /// Holds both signals back in this thread and in every thread that it starts later.
    ///
    /// To be called before the first other thread is started: one that has them open would die of them.
    package static func block() {
        var set = signalSet()
        let code = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        precondition(code == 0, "the set holds valid signals")
    }

    /// Calls `body` on a thread of its own for the first signal that comes; the next one ends the process at once, with
    /// 128 and the signal's number as shells have it. To be called once, after `block`.
    package static func watch(_ body: @escaping @Sendable (Signal) -> Void) {
        // Nobody waits for the thread: it lives as long as the process.
        _ = Thread.start(name: "interrupts") {
            body(next() == SIGTERM ? .terminate : .interrupt)
            _exit(128 + next())
        }
    }

    /// Ends the process without asking any other thread, or anything that `exit` would run.
    package static func exitNow(_ status: Int32) -> Never { _exit(status) }

    private static func next() -> Int32 {
        var set = signalSet()
        var number: Int32 = 0
        let code = unsafe sigwait(&set, &number)
        precondition(code == 0, "the set holds valid signals")
        return number
    }

    private static func signalSet() -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGINT, SIGTERM] where !isIgnored(number) { unsafe sigaddset(&set, number) }
        return set
    }

    /// Whether the program was started with the signal ignored, as shells do with SIGINT for background jobs. Then
    /// it stays so.
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        // SIG_IGN is no function but the address 1.
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }
}
