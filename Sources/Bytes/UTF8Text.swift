/// Text in UTF-8 (The Unicode Standard, table 3-7).
extension Span where Element == UInt8 {
    /// Where text ends that begins at `start`: at the first byte at which no whole character begins, if there is one
    /// before `end`.
    ///
    /// - Parameter isQuoted: Whether quotes, backslashes and control characters end it, too, as in JSON.
    package func endOfText(from start: Int, to end: Int, isQuoted: Bool) -> Int {
        var place = start
        while place < end {
            // Most texts are short.
            let stop = min(end, place + 32)
            while place < stop {
                let byte = self[place]
                if isQuoted, byte == 0x22 || byte == 0x5C || byte < 0x20 { return place }
                guard let size = characterSize(at: place, to: end) else { return place }
                place += size
            }
            place = endOfCommonText(from: place, to: end, isQuoted: isQuoted)
        }
        return place
    }

    /// Size of the character that begins at `place`; `nil` when none does that ends before `end`.
    ///
    /// Inlined, since a call costs as much as a character.
    @inline(__always) func characterSize(at place: Int, to end: Int) -> Int? {
        let lead = self[place]
        func isTail(_ index: Int) -> Bool { self[place + index] & 0xC0 == 0x80 }
        switch lead {
        case ..<0x80: return 1
        case 0xE0...0xEF:
            guard end - place > 2, isTail(1), isTail(2) else { return nil }
            let second = self[place + 1]
            // Neither shorter than it should be nor a surrogate.
            return (lead != 0xE0 || second >= 0xA0) && (lead != 0xED || second < 0xA0) ? 3 : nil
        case 0xC2...0xDF: return end - place > 1 && isTail(1) ? 2 : nil
        case 0xF0...0xF4:
            guard end - place > 3, isTail(1), isTail(2), isTail(3) else { return nil }
            let second = self[place + 1]
            return (lead != 0xF0 || second >= 0x90) && (lead != 0xF4 || second < 0x90) ? 4 : nil
        default: return nil
        }
    }

    /// Passes over text that is well-formed, up to the first that is rare: a character of four bytes, one that begins
    /// with E0 or ED, whose second byte has limits of its own, and what is malformed. The caller looks at that byte by
    /// byte, as at the last few bytes before `end`.
    ///
    /// A block costs about as much as five bytes looked at one by one, so this is for texts of some length.
    ///
    /// - Parameters:
    ///   - start: Where a character begins. Before it are whole characters, two bytes of them at least: else nothing is
    ///     passed.
    ///   - isQuoted: Whether quotes, backslashes and control characters count as rare, too.
    /// - Returns: Where a character begins, `start` or after it.
    func endOfCommonText(from start: Int, to end: Int, isQuoted: Bool) -> Int {
        precondition(start >= 0 && start <= end && end <= count, "a range of the bytes")
        guard start >= 2 else { return start }
        var place = start
        unsafe withUnsafeBytes { bytes in
            // Sixteen bytes lie before `end`, and two before `place`.
            while end - place >= 16 {
                let block = unsafe TextBlock(bytes, at: place)
                guard block.isCommon, !isQuoted || block.isPlain else { break }
                place += 16
            }
        }
        guard place > start else { return start }
        // The last block may end within a character.
        if self[place - 1] >= 0xC0 { return place - 1 }
        return self[place - 2] >= 0xE0 ? place - 2 : place
    }
}

/// Sixteen bytes of a text and the two before each of them.
///
/// All is decided in the highest bit of each byte, by additions that carry nothing from one byte to the next: vectors
/// are compared, multiplied and shifted by loops, or by many times the instructions. Inlined, to stay in registers.
private struct TextBlock {
    private typealias Vector = SIMD16<UInt8>

    private let bytes: Vector
    private let before: Vector
    private let twoBefore: Vector

    /// - Parameter place: at least two, and at most sixteen from the end.
    @inline(__always) init(_ raw: UnsafeRawBufferPointer, at place: Int) {
        bytes = unsafe raw.loadUnaligned(fromByteOffset: place, as: Vector.self)
        before = unsafe raw.loadUnaligned(fromByteOffset: place - 1, as: Vector.self)
        twoBefore = unsafe raw.loadUnaligned(fromByteOffset: place - 2, as: Vector.self)
    }

    /// Whether those bytes continue a character, and only those, that are its second or third.
    @inline(__always) var isCommon: Bool {
        // The second to fourth bits of each byte as its first.
        let second = bytes &+ bytes
        let third = second &+ second
        let fourth = third &+ third
        let secondOfTwoBefore = twoBefore &+ twoBefore
        let thirdOfTwoBefore = secondOfTwoBefore &+ secondOfTwoBefore
        let isTail = bytes & ~second
        // At least C0 before, or at least E0 two before.
        let isDue = (before & (before &+ before)) | (twoBefore & secondOfTwoBefore & thirdOfTwoBefore)
        let isLeadOfFour = bytes & second & third & fourth
        let isRare = isZero(bytes ^ 0xE0) | isZero(bytes ^ 0xED) | isZero((bytes & 0xFE) ^ 0xC0)
        return hasNone((isTail ^ isDue) | isLeadOfFour | isRare)
    }

    /// Whether none is a quote, a backslash or a control character.
    @inline(__always) var isPlain: Bool {
        hasNone(isZero(bytes ^ 0x22) | isZero(bytes ^ 0x5C) | ((bytes &- 0x20) & ~bytes))
    }

    @inline(__always) private func isZero(_ vector: Vector) -> Vector { (vector &- 1) & ~vector }

    @inline(__always) private func hasNone(_ vector: Vector) -> Bool {
        let halves = unsafe unsafeBitCast(vector & 0x80, to: SIMD2<UInt64>.self)  // Both are sixteen bytes.
        return halves[0] | halves[1] == 0
    }
}
