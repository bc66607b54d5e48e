internal import CLinux

package enum Processors {
    /// How many this process may run on, as `taskset` and cpusets limit it; at least 1.
    package static var availableCount: Int { max(1, Int(newsrpc_processor_count())) }
}
