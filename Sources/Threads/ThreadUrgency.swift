internal import CLinux
internal import Glibc

/// Which threads of a process go first when there are more of them than processors.
///
/// None of it takes a privilege: a thread asks for less, or for the same in smaller pieces.
package enum ThreadUrgency: Sendable {
    /// As the thread that starts it.
    case usual
    /// Runs soon after it is woken, since somebody waits for each thing that it does: it asks for short time slices,
    /// and so goes before threads with longer ones (Linux 6.12 and later).
    case prompt
    /// Gives way to the others: nobody waits for one thing that it does.
    case background

    /// The shortest that Linux gives (sched_setattr(2)).
    static let promptSlice: UInt64 = 100_000
    /// On top of what the process was started with (nice(2); Linux keeps it for each thread).
    static let backgroundNiceness: Int32 = 10

    /// Of the calling thread, from now on.
    func apply() {
        switch self {
        case .usual: break
        case .prompt: newsrpc_ask_for_slices(ThreadUrgency.promptSlice)
        case .background:
            let caller = __priority_which_t(PRIO_PROCESS.rawValue)
            _ = setpriority(caller, 0, min(19, getpriority(caller, 0) + ThreadUrgency.backgroundNiceness))
        }
    }
}
