#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// Lent bytes held against others, without making anything.
extension Span where Element == UInt8 {
    /// Whether both hold the same bytes.
    package func hasBytes(of other: Span<UInt8>) -> Bool {
        guard count == other.count, count > 0 else { return count == other.count }
        return unsafe withUnsafeBytes { left in
            unsafe other.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return unsafe memcmp(left, right, count) == 0  // Both have `count` bytes.
            }
        }
    }

    /// Characters of a text in UTF-8: each has one byte that continues no other.
    package var scalarCount: Int {
        var place = 0
        var tailCount = 0
        unsafe withUnsafeBytes { bytes in
            while count - place >= 8 {
                // One bit in each byte that is a tail; the bytes of `sums` add them up, 255 times at most.
                var sums: UInt64 = 0
                let end = place + 8 * min((count - place) / 8, 255)
                while place < end {
                    // Eight bytes lie before `end`; their order does not matter.
                    let word = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                    sums &+= (word >> 7) & (~word >> 6) & 0x0101_0101_0101_0101
                    place += 8
                }
                let pairs = (sums & 0x00FF_00FF_00FF_00FF) &+ (sums >> 8 & 0x00FF_00FF_00FF_00FF)
                tailCount += Int((pairs &* 0x0001_0001_0001_0001) >> 48)
            }
        }
        while place < count {
            if self[place] & 0xC0 == 0x80 { tailCount += 1 }
            place += 1
        }
        return count - tailCount
    }

    /// Bytes before the first that is not ASCII.
    package var asciiCount: Int {
        var place = 0
        unsafe withUnsafeBytes { bytes in
            while count - place >= 8 {
                // Eight bytes lie before the end; their order does not matter.
                let word = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                guard word & 0x8080_8080_8080_8080 == 0 else { break }
                place += 8
            }
        }
        while place < count, self[place] < 0x80 { place += 1 }
        return place
    }

    /// Where `byte` first stands at `start` or after it.
    package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        precondition(start >= 0 && start <= count, "a start outside the bytes")
        return unsafe withUnsafeBytes { bytes in
            // `count - start` bytes lie behind the address that is searched.
            guard let base = bytes.baseAddress, let found = unsafe memchr(base + start, Int32(byte), count - start)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    /// Whether these are the bytes of a literal, such as the name of a header field.
    @inlinable @inline(__always) package func equals(_ literal: StaticString) -> Bool {
        count == literal.utf8CodeUnitCount && holds(literal)
    }

    /// Whether the bytes of a literal stand at `offset`.
    ///
    /// Inlined into its callers, where the length is known: a few words are compared, and nothing is called.
    @inlinable @inline(__always) package func holds(_ literal: StaticString, at offset: Int = 0) -> Bool {
        let size = literal.utf8CodeUnitCount
        guard offset >= 0, count - offset >= size else { return false }
        // Every load lies below `size` on both sides. A literal of one scalar has no address; none is looked for.
        precondition(literal.hasPointerRepresentation, "a literal of one scalar")
        return unsafe withUnsafeBytes { bytes in
            let wanted = unsafe UnsafeRawPointer(literal.utf8Start)
            var index = 0
            while size - index >= 8 {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: offset + index, as: UInt64.self)
                guard unsafe word == wanted.loadUnaligned(fromByteOffset: index, as: UInt64.self) else { return false }
                index += 8
            }
            while index < size {
                guard unsafe bytes[offset + index] == wanted.load(fromByteOffset: index, as: UInt8.self) else {
                    return false
                }
                index += 1
            }
            return true
        }
    }
}
