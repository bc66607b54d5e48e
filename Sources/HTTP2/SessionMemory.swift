internal import CNghttp2
#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// The memory of nghttp2's sessions on one thread: small blocks that were freed are given out again.
///
/// A request makes nghttp2 take and give back half a dozen blocks. Its own lists cost a tenth of what malloc and free
/// do, since no other thread is to be reckoned with.
///
///     -16  size class, or 0 for a block of malloc's own size
///       0  the block; while it is free: the next free block of its class
@safe package final class SessionMemory {
    /// Heads of the lists of free blocks. Class n holds blocks of 16 n bytes.
    private let lists: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>
    /// Bytes in the lists.
    private(set) var freeByteCount = 0
    /// Bytes of bodies that the thread's sessions hold because their peers have not read them.
    package internal(set) var heldBodyByteCount = 0
    /// What nghttp2 is told; it copies the table and keeps the address of `self`, which outlives its sessions.
    let table: UnsafeMutablePointer<nghttp2_mem>

    private static let unit = 16
    private static let classCount = 65
    /// Bytes that the lists keep at most.
    static let keptByteCount = 4 << 20

    package init() {
        unsafe lists = .allocate(capacity: Self.classCount)
        unsafe lists.initialize(repeating: nil)
        unsafe table = .allocate(capacity: 1)
        unsafe table.initialize(
            to: nghttp2_mem(
                mem_user_data: Unmanaged.passUnretained(self).toOpaque(), malloc: takeBlock, free: giveBackBlock,
                calloc: takeZeroedBlock, realloc: resizeBlock))
    }

    deinit {
        for index in unsafe lists.indices {
            var block = unsafe lists[index]
            while let next = unsafe block {
                unsafe block = next.load(as: UnsafeMutableRawPointer?.self)
                unsafe free(next - Self.unit)
            }
        }
        unsafe lists.deallocate()
        unsafe table.deallocate()
    }

    fileprivate func take(_ size: Int) -> UnsafeMutableRawPointer? {
        let wanted = (size + Self.unit - 1) / Self.unit
        let index = wanted < Self.classCount ? max(wanted, 1) : 0
        if index > 0, let block = unsafe lists[index] {
            unsafe lists[index] = block.load(as: UnsafeMutableRawPointer?.self)
            freeByteCount -= index * Self.unit
            return unsafe block
        }
        guard let start = unsafe malloc((index > 0 ? index * Self.unit : size) + Self.unit) else { return nil }
        unsafe start.storeBytes(of: index, as: Int.self)
        return unsafe start + Self.unit
    }

    fileprivate func giveBack(_ block: UnsafeMutableRawPointer) {
        let index = unsafe (block - Self.unit).load(as: Int.self)
        let byteCount = index * Self.unit
        guard index > 0, freeByteCount + byteCount <= Self.keptByteCount else {
            return unsafe free(block - Self.unit)
        }
        unsafe block.storeBytes(of: lists[index], as: UnsafeMutableRawPointer?.self)
        unsafe lists[index] = block
        freeByteCount += byteCount
    }

    fileprivate func resize(_ block: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer? {
        let index = unsafe (block - Self.unit).load(as: Int.self)
        guard index > 0 else {
            // A block of malloc's own size: it knows how much there is to keep.
            return unsafe realloc(block - Self.unit, size + Self.unit).map { unsafe $0 + Self.unit }
        }
        guard size > index * Self.unit else { return unsafe block }
        guard let larger = unsafe take(size) else { return nil }
        unsafe larger.copyMemory(from: block, byteCount: index * Self.unit)
        unsafe giveBack(block)
        return unsafe larger
    }
}

@available(*, unavailable) extension SessionMemory: Sendable {}

// nghttp2's four functions (nghttp2_mem). The memory outlives every session that was given it.

private func memory(_ userData: UnsafeMutableRawPointer?) -> Unmanaged<SessionMemory> {
    unsafe Unmanaged<SessionMemory>.fromOpaque(userData.unsafelyUnwrapped)
}

private let takeBlock: nghttp2_malloc = { size, userData in
    unsafe memory(userData)._withUnsafeGuaranteedRef { unsafe $0.take(size) }
}

private let giveBackBlock: nghttp2_free = { block, userData in
    guard let block = unsafe block else { return }
    unsafe memory(userData)._withUnsafeGuaranteedRef { unsafe $0.giveBack(block) }
}

private let takeZeroedBlock: nghttp2_calloc = { count, size, userData in
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow else { return nil }
    return unsafe memory(userData)._withUnsafeGuaranteedRef { memory in
        let block = unsafe memory.take(byteCount)
        unsafe block?.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        return unsafe block
    }
}

private let resizeBlock: nghttp2_realloc = { block, size, userData in
    unsafe memory(userData)._withUnsafeGuaranteedRef { memory in
        guard let block = unsafe block else { return unsafe memory.take(size) }
        return unsafe memory.resize(block, to: size)
    }
}
