internal import CLinux

/// Memory of the process.
package enum ProcessMemory {
    /// Has large blocks given back to the system when they are freed. To be called before there are threads.
    ///
    /// By itself glibc takes the largest block that was freed, up to 32 MiB, for the usual size and keeps as much in
    /// each of its heaps, between blocks that are still in use: after a hundred peers had asked for lists of 3 MiB
    /// without reading them, 16 MiB were counted as held and 560 MiB were in use. Large is from 256 KiB on:
    /// `ByteArena.mappedBlockMin`.
    package static func giveBackLargeBlocks() { newsrpc_give_back_blocks(256 << 10, 1 << 20) }

    /// Gives the system what is free by now between blocks that are in use. Takes milliseconds, in which other threads
    /// may wait for memory.
    package static func giveBackFree() { newsrpc_give_back_free() }
}
