internal import Bytes

/// Which requests came within the last seconds: what they read is in memory still.
///
/// A request is known by a checksum of its bytes, and has one place in the table by it. Who is taken for another one
/// costs a look at the disk.
package struct RecentRequests {
    private struct Entry {
        var hash: UInt32 = 0
        var time: Int64 = .min
    }

    /// Empty until the first request comes.
    private var entries: [Entry] = []

    package static let entryCount = 16_384
    package init() {}

    /// Nanoseconds for which a request counts as recent: the system keeps for longer what has just been read.
    package static let lifetime: Int64 = 2_000_000_000

    package func has(_ request: Span<UInt8>, now: Int64) -> Bool {
        let (index, hash) = Self.place(of: request)
        return index < entries.count && entries[index].hash == hash && entries[index].time > now - Self.lifetime
    }

    /// It comes now.
    package mutating func note(_ request: Span<UInt8>, now: Int64) {
        if entries.isEmpty { entries = Array(repeating: Entry(), count: Self.entryCount) }
        let (index, hash) = Self.place(of: request)
        entries[index] = Entry(hash: hash, time: now)
    }

    private static func place(of request: Span<UInt8>) -> (index: Int, hash: UInt32) {
        let hash = CRC32C.checksum(of: request)
        return (Int(hash) & (entryCount - 1), hash)
    }

    /// Gives up the memory too.
    package mutating func removeAll() { entries = [] }
}
