extension Array<UInt8> {
    /// A copy of lent bytes.
    init(copying bytes: Span<UInt8>) {
        self.init(capacity: bytes.count) { output in
            for index in bytes.indices { output.append(bytes[index]) }
        }
    }

    /// Appends a copy of lent bytes.
    mutating func append(copying bytes: Span<UInt8>) {
        append(addingCapacity: bytes.count) { output in
            for index in bytes.indices { output.append(bytes[index]) }
        }
    }
}

extension String {
    /// The text of lent bytes; what is not UTF-8 is shown by replacement characters.
    package init(repairing bytes: Span<UInt8>) { self.init(decoding: [UInt8](copying: bytes), as: UTF8.self) }
}

extension Span<UInt8> {
    /// Whether `expected` stands at `offset`.
    package func holds(_ expected: [UInt8], at offset: Int = 0) -> Bool {
        guard count - offset >= expected.count else { return false }
        for index in expected.indices where self[offset + index] != expected[index] { return false }
        return true
    }
}
