internal import CNewsProto

/// Memory for one message on its way through protobuf-c: given out piece by piece, taken back all at once.
///
/// Used on one thread, for one call. protobuf-c frees what it drops; here that does nothing, so a limit keeps a message
/// that is made to be large in memory (two bytes can ask for an empty sub-message) from taking more than its share.
@safe final class MessageArena {
    private var chunks: [UnsafeMutableRawPointer]
    private var cursor: UnsafeMutableRawPointer
    private var left: Int
    private var budget: Int

    /// - Parameters:
    ///   - firstChunk: bytes to begin with.
    ///   - limit: most bytes in all. A request beyond it fails, as one for which there is no memory.
    init(firstChunk: Int, limit: Int) {
        unsafe cursor = .allocate(byteCount: firstChunk, alignment: 16)
        left = firstChunk
        budget = limit - firstChunk
        unsafe chunks = [cursor]
    }

    deinit {
        unsafe chunks.forEach { chunk in unsafe chunk.deallocate() }
    }

    /// What a message may take while it is read.
    ///
    /// An article of the API takes about 3 times its size, a list of names 6 to 12 times, and the worst that can be
    /// written, empty sub-messages, over 200 times.
    static func limit(forMessageOf byteCount: Int) -> Int { (1 << 20) + 32 * byteCount }

    /// Bytes of unknown content, aligned to 8: no member of a protobuf-c struct needs more. `nil` beyond the limit.
    func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        guard byteCount >= 0, byteCount <= Int.max - 7 else { return nil }
        let rounded = (byteCount + 7) & ~7
        if rounded > left {
            let size = max(rounded, unsafe 1 << min(12 + chunks.count, 20))
            guard size <= budget else { return nil }
            budget -= size
            unsafe cursor = .allocate(byteCount: size, alignment: 16)
            unsafe chunks.append(cursor)
            left = size
        }
        defer {
            unsafe cursor += rounded
            left -= rounded
        }
        return unsafe cursor
    }

    /// Room for `count` values, not initialized.
    func allocate<Value>(_ type: Value.Type, count: Int = 1) -> UnsafeMutablePointer<Value>? {
        let (byteCount, overflow) = MemoryLayout<Value>.stride.multipliedReportingOverflow(by: count)
        guard !overflow else { return nil }
        return unsafe allocate(byteCount)?.bindMemory(to: Value.self, capacity: count)
    }

    /// Lends the arena to protobuf-c.
    func withAllocator<Result>(_ body: (UnsafeMutablePointer<ProtobufCAllocator>) -> Result) -> Result {
        var allocator = unsafe ProtobufCAllocator(
            alloc: { arena, byteCount in
                // The pointer was made below, from an object that `withExtendedLifetime` holds.
                guard let arena = unsafe arena else { return nil }
                return unsafe Unmanaged<MessageArena>.fromOpaque(arena)._withUnsafeGuaranteedRef {
                    unsafe $0.allocate(byteCount)
                }
            },
            free: { _, _ in },
            allocator_data: Unmanaged.passUnretained(self).toOpaque())
        return withExtendedLifetime(self) { unsafe body(&allocator) }
    }
}
