#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// Growing bytes in one contiguous piece, filled from the end and addressed by offset.
///
/// A loop keeps one for the replies of a turn and one for what it sends: filling them allocates nothing once they have
/// grown. Offsets stay valid while the arena grows; spans never leave their closure. Born, used and freed on one
/// thread.
///
/// Public only so that the compiler may inline its parts: bodies of a `package` type stay in their module.
@safe public final class ByteArena {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var used = 0

    /// What malloc gives by itself: of a block that is aligned further, glibc keeps the edges for smaller ones.
    private static let alignment = 16
    /// Blocks that grow above `smallBlockMax` have `mappedBlockMin` at least, for which malloc asks the system each
    /// time (`ProcessMemory.giveBackLargeBlocks`). Those between stayed in the heaps, free and kept apart by small
    /// blocks that came to lie behind them: 90 MiB after 16 threads had made lists of 100 KB from 120 shards.
    private static let smallBlockMax = 64 << 10
    private static let mappedBlockMin = 256 << 10

    /// Bytes in use.
    @inlinable public var count: Int { used }

    package init(capacity: Int = 4096) {
        precondition(capacity > 0, "an arena needs room")
        unsafe base = .allocate(byteCount: capacity, alignment: ByteArena.alignment)
        self.capacity = capacity
    }

    deinit { unsafe base.deallocate() }

    /// Forgets the bytes. Memory above `keeping` bytes is given back.
    package func removeAll(keeping: Int = .max) {
        used = 0
        guard capacity > keeping else { return }
        unsafe base.deallocate()
        capacity = max(keeping, 64)
        unsafe base = .allocate(byteCount: capacity, alignment: ByteArena.alignment)
    }

    /// Forgets the bytes from `newCount` on.
    @inlinable public func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count, "truncation beyond the end")
        used = newCount
    }

    @inlinable public func append(_ bytes: Span<UInt8>) {
        let start = grow(by: bytes.count)
        let destination = unsafe base + start
        // `grow` made room for exactly these bytes, and a span never overlaps fresh room.
        unsafe bytes.withUnsafeBytes { raw in
            guard let source = raw.baseAddress else { return }
            unsafe destination.copyMemory(from: source, byteCount: raw.count)
        }
    }

    package func append(_ bytes: [UInt8]) { append(bytes.span) }

    /// Appends a copy of bytes that are already in this arena.
    package func appendCopy(of range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the arena")
        let start = grow(by: range.count)
        unsafe memcpy(base + start, base + range.lowerBound, range.count)
    }

    @inlinable public func append(_ byte: UInt8) {
        let start = grow(by: 1)
        unsafe base.storeBytes(of: byte, toByteOffset: start, as: UInt8.self)
    }

    /// Appends a number, its least significant byte first.
    @inlinable public func append<Number: FixedWidthInteger & BitwiseCopyable>(littleEndian number: Number) {
        let start = grow(by: MemoryLayout<Number>.size)
        unsafe base.storeBytes(of: number.littleEndian, toByteOffset: start, as: Number.self)
    }

    /// Appends `byteCount` bytes of unknown content and returns the offset of the first, to be stored into later.
    @inlinable public func reserve(_ byteCount: Int) -> Int { grow(by: byteCount) }

    /// Overwrites one byte.
    @inlinable public func store(_ byte: UInt8, at offset: Int) {
        precondition(offset >= 0 && offset < count, "offset outside the arena")
        unsafe base.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }

    /// Overwrites four bytes with `value`, its least significant byte first.
    @inlinable public func storeLittleEndian(_ value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= count, "offset outside the arena")
        unsafe base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// Overwrites four bytes with `value` in network order.
    @inlinable public func storeBigEndian(_ value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= count, "offset outside the arena")
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// Lends the bytes of `range`.
    @inlinable public func withBytes<Result, Failure: Error>(
        in range: Range<Int>, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the arena")
        let start = unsafe (base + range.lowerBound).assumingMemoryBound(to: UInt8.self)
        // The arena outlives the call and `body` cannot keep the span.
        return try body(unsafe Span(_unsafeStart: start, count: range.count))
    }

    /// Lends the address of `range`, for another fence that hands it to C at once.
    @inlinable public func withUnsafeBytes<Result>(
        in range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the arena")
        return unsafe body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// Appends what C writes: `body` gets `byteCount` writable bytes and returns how many it used.
    @inlinable public func appendUnsafe(upTo byteCount: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        let start = grow(by: byteCount)
        let written = unsafe body(UnsafeMutableRawBufferPointer(start: base + start, count: byteCount))
        precondition(written >= 0 && written <= byteCount, "C wrote outside its room")
        used = start + written
        return written
    }

    @inlinable func grow(by byteCount: Int) -> Int {
        let start = count
        let (end, overflow) = start.addingReportingOverflow(byteCount)
        precondition(!overflow && byteCount >= 0, "byte count out of range")
        if end > capacity { enlarge(to: end) }
        used = end
        return start
    }

    @usableFromInline @inline(never) func enlarge(to needed: Int) {
        var larger = max(needed, capacity * 2)
        if larger > ByteArena.smallBlockMax { larger = max(larger, ByteArena.mappedBlockMin) }
        let new = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: ByteArena.alignment)
        unsafe memcpy(new, base, count)
        unsafe base.deallocate()
        unsafe base = new
        capacity = larger
    }
}

@available(*, unavailable) extension ByteArena: Sendable {}
