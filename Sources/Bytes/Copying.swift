extension [UInt8] {
    /// A copy of lent bytes.
    package init(copying span: Span<UInt8>) {
        // An array without capacity is the one that the whole process shares. Its count would be written all the same:
        // threads would pass its cache line around, which the thread sanitizer calls a race.
        guard !span.isEmpty else {
            self = []
            return
        }
        // Every byte of the buffer is written before it is counted.
        unsafe self.init(unsafeUninitializedCapacity: span.count) { buffer, count in
            unsafe span.withUnsafeBytes { raw in
                unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: raw)
            }
            count = span.count
        }
    }

    /// Appends a copy of lent bytes.
    package mutating func append(copying span: Span<UInt8>) {
        unsafe span.withUnsafeBytes { raw in unsafe append(contentsOf: raw) }
    }
}
