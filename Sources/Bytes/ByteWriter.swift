/// Room at the end of an arena while it is being filled, see `ByteArena.write`.
///
/// Its parts are inlined into their callers: what is appended is a few stores. (That takes a `public` type: bodies of a
/// `package` one stay in their module.) More than there is room for is our own mistake and traps.
@safe public struct ByteWriter: ~Copyable {
    // `start <= place <= end`, all within the arena's memory, which does not move while the writer is lent.
    @usableFromInline let start: UnsafeMutableRawPointer
    @usableFromInline var place: UnsafeMutableRawPointer
    @usableFromInline let end: UnsafeMutableRawPointer

    @usableFromInline init(_ room: UnsafeMutableRawBufferPointer) {
        guard let base = room.baseAddress else { preconditionFailure("an arena has memory") }
        unsafe start = unsafe base
        unsafe place = unsafe base
        unsafe end = unsafe base + room.count
    }

    /// Bytes appended so far.
    @inlinable public var count: Int { unsafe place - start }

    @inlinable @inline(__always) public mutating func append(_ byte: UInt8) {
        precondition(unsafe place < end, "a writer without room")
        unsafe place.storeBytes(of: byte, as: UInt8.self)
        unsafe place += 1
    }

    /// A number in groups of seven bits, the least significant first (protobuf's base 128 varint).
    @inlinable @inline(__always) public mutating func append(varint value: UInt64) {
        precondition(unsafe end - place >= 10, "a writer without room")
        var rest = value
        while rest >= 0x80 {
            unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            unsafe place += 1
            rest >>= 7
        }
        unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
        unsafe place += 1
    }

    /// A number in decimal digits.
    @inlinable public mutating func append(decimal value: UInt64) {
        precondition(unsafe end - place >= 20, "a writer without room")
        var digitCount = 1
        var limit: UInt64 = 10
        while digitCount < 20, value >= limit {
            digitCount += 1
            limit &*= 10  // Wraps after the twentieth digit, which ends the loop.
        }
        var rest = value
        var digit = unsafe place + digitCount
        while unsafe digit > place {
            unsafe digit -= 1
            unsafe digit.storeBytes(of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10), as: UInt8.self)
            rest /= 10
        }
        unsafe place += digitCount
    }

    @inlinable public mutating func append(_ bytes: Span<UInt8>) {
        precondition(unsafe end - place >= bytes.count, "a writer without room")
        unsafe bytes.withUnsafeBytes { raw in
            guard let source = raw.baseAddress else { return }
            unsafe place.copyMemory(from: source, byteCount: raw.count)
        }
        unsafe place += bytes.count
    }

    /// Once more the `size` bytes at `offset`, which were appended before.
    public mutating func appendCopy(from offset: Int, count size: Int) {
        precondition(offset >= 0 && size >= 0 && offset + size <= count, "a copy of what is not there")
        precondition(unsafe end - place >= size, "a writer without room")
        unsafe place.copyMemory(from: start + offset, byteCount: size)
        unsafe place += size
    }

    /// Leaves `byteCount` bytes open, to be filled in by `closeLength`.
    @inlinable public mutating func open(_ byteCount: Int) -> Int {
        precondition(unsafe end - place >= byteCount, "a writer without room")
        let offset = count
        unsafe place += byteCount
        return offset
    }

    /// Fills the `openCount` bytes at `offset` with the length of all that follows them, a varint. What follows moves
    /// when that takes more or fewer bytes.
    @inlinable @inline(__always) public mutating func closeLength(at offset: Int, openCount: Int) {
        let length = count - offset - openCount
        precondition(offset >= 0 && openCount > 0 && length >= 0, "a length of what is not there")
        guard openCount == 1, length < 0x80 else { return closeLong(at: offset, openCount: openCount) }
        unsafe start.storeBytes(of: UInt8(truncatingIfNeeded: length), toByteOffset: offset, as: UInt8.self)
    }

    @usableFromInline mutating func closeLong(at offset: Int, openCount: Int) {
        let length = count - offset - openCount
        var needed = 1
        while length >> (7 * needed) > 0 { needed += 1 }
        if needed != openCount { move(from: offset + openCount, by: needed - openCount) }
        var rest = length
        for index in 0..<needed {
            let more: UInt8 = index < needed - 1 ? 0x80 : 0
            unsafe start.storeBytes(
                of: UInt8(truncatingIfNeeded: rest & 0x7F) | more, toByteOffset: offset + index, as: UInt8.self)
            rest >>= 7
        }
    }

    private mutating func move(from offset: Int, by distance: Int) {
        precondition(unsafe end - place >= distance, "a writer without room")
        unsafe (start + offset + distance).copyMemory(from: start + offset, byteCount: count - offset)
        unsafe place += distance
    }
}

extension ByteArena {
    /// Lends room for `byteCount` bytes at the end; as many as were written are appended.
    @inlinable public func write(upTo byteCount: Int, _ body: (inout ByteWriter) -> Void) {
        _ = unsafe appendUnsafe(upTo: byteCount) { room in
            var writer = unsafe ByteWriter(room)
            body(&writer)
            return writer.count
        }
    }
}

@available(*, unavailable) extension ByteWriter: Sendable {}
