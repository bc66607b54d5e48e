internal import Threads

extension EventLoop {
    /// Every limit of a loop, with its unit in its type or name.
    package struct Configuration: Sendable {
        /// For each connection, until it says otherwise: no byte in or out for so long closes it.
        package var idleTimeout: Duration?
        /// For each connection, until it says otherwise: bytes that wait, none of them taken for so long, close it.
        package var writeStallTimeout: Duration? = .seconds(60)
        /// How long what the peer still sends is thrown away after the last byte was sent to it.
        package var lingerTimeout: Duration = .seconds(1)
        /// How long a listener rests when the process has no more descriptors.
        package var acceptPause: Duration = .milliseconds(100)
        /// Connections accepted in one turn by one listener.
        package var acceptCountMax = 64
        /// Jobs of other threads that are run in one turn: sockets come to their turn beside any number of them.
        package var jobCountMax = 256
        /// Most bytes of one read, and so of one turn of one connection.
        package var receiveByteCountMax = 64 << 10
        /// What a handler is asked for at a time: the most that waits for a slow peer, roughly.
        package var fillByteCountMax = 256 << 10
        /// How often a handler is asked within one turn before others have theirs.
        package var fillCountMax = 4
        /// Nanoseconds on a monotonic clock. Tests turn it by hand.
        package var clock: @Sendable () -> Int64 = { MonotonicClock.now }
        /// How often the loop's thread has waited for a page from the disk. Tests count by hand.
        package var majorFaults: @Sendable () -> Int = { MajorFaults.ofThisThread }
        /// Nanoseconds of a turn from which on it is asked whether it waited for the disk.
        package var longTurn: Int64 = 50_000
        /// For tests: asked before each accept; other than 0 it is the errno to be met.
        package var acceptFault: (@Sendable () -> Int32)?

        package init() {}
    }
}
