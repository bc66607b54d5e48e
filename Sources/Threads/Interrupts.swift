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

    /// Calls `body` on a thread of its own for each signal that comes. To be called once, after `block`.
    package static func watch(_ body: @escaping @Sendable (Signal) -> Void) {
        // Nobody waits for the thread: it lives as long as the process.
        _ = Thread.start(name: "interrupts") {
            var set = signalSet()
            while true {
                var number: Int32 = 0
                guard unsafe sigwait(&set, &number) == 0 else { continue }
                body(number == SIGTERM ? .terminate : .interrupt)
            }
        }
    }

    private static func signalSet() -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        return set
    }
}
