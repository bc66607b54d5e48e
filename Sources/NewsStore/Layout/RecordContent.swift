/// The bytes of a message as they are to be stored: all of an array, or parts of it.
///
/// The row of a list is an article without its body. Thousands of articles wait to be written while an import goes on,
/// so each is kept once, and its row is parts of it.
package struct RecordContent: Hashable, Sendable {
    private let source: [UInt8]
    /// In their order; `nil`: all of `source`.
    private let parts: [Range<Int>]?
    package let count: Int

    package init(_ bytes: [UInt8]) {
        source = bytes
        parts = nil
        count = bytes.count
    }

    /// - Parameter parts: Ranges of `source`, in the order in which they follow each other.
    package init(_ parts: [Range<Int>], of source: [UInt8]) {
        precondition(parts.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= source.count }, "parts of the bytes")
        self.source = source
        self.parts = parts
        count = parts.reduce(0) { $0 + $1.count }
    }

    package var bytes: [UInt8] {
        guard let parts else { return source }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for part in parts { bytes.append(contentsOf: source[part]) }
        return bytes
    }

    /// - Parameter range: of `bytes`.
    func append(_ range: Range<Int>, to builder: inout ValueBuilder) {
        guard let parts else { return builder.append(source[range]) }
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range of the bytes")
        var place = 0
        for part in parts {
            let wanted = range.clamped(to: place..<(place + part.count))
            let start = part.lowerBound + wanted.lowerBound - place
            if !wanted.isEmpty { builder.append(source[start..<(start + wanted.count)]) }
            place += part.count
        }
    }

    package static func == (left: RecordContent, right: RecordContent) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
