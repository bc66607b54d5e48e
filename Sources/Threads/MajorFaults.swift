internal import CLinux

/// How often a thread has waited for a page that was not in memory and came from the disk.
package enum MajorFaults {
    /// Of the thread that asks, since it began. One system call.
    package static var ofThisThread: Int { newsrpc_major_faults() }
}
