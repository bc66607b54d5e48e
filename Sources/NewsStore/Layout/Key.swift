internal import Bytes
internal import NewsModel

/// A key under construction, on the stack: reads make them without allocating.
struct Key {
    static let countMax = 128

    /// Characters are stored eight at a time, so the last may be followed by seven more.
    private(set) var bytes = InlineArray<136, UInt8>(repeating: 0)
    private(set) var count = 0

    init() {}

    /// A key of a table, as it stands there.
    init(_ bytes: Span<UInt8>) { append(bytes) }

    /// The newest-first key of an article.
    init(newest order: RowOrder, _ id: Span<UInt8>) {
        append(newest: order)
        append(id)
    }

    init(newest order: RowOrder, _ id: ArticleID) {
        let bytes = id.text.utf8
        self.init(newest: order, bytes.span)
    }

    /// The oldest-first key of an article.
    init(oldest order: RowOrder, _ id: Span<UInt8>) {
        append(oldest: order)
        append(id)
    }

    /// The key of an article's record.
    init(_ id: ArticleID) {
        let bytes = id.text.utf8
        append(bytes.span)
    }

    init(_ text: String) {
        for byte in text.utf8 { append(byte) }
    }

    mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    mutating func append(_ span: Span<UInt8>) {
        precondition(count + span.count <= Key.countMax, "a key of over \(Key.countMax) bytes")
        let start = count
        for index in span.indices { bytes[start + index] = span[index] }
        count = start + span.count
    }

    /// The low `5 * count` bits of `number` in base32hex.
    mutating func append(_ number: UInt64, count: Int) {
        if count > 8 {
            append(Base32Hex.characters(of: number >> 40) >> UInt64(8 * (16 - count)), first: count - 8)
            append(Base32Hex.characters(of: number), first: 8)
        } else {
            append(Base32Hex.characters(of: number) >> UInt64(8 * (8 - count)), first: count)
        }
    }

    /// The first of eight characters.
    mutating func append(_ characters: UInt64, first number: Int) {
        precondition(count + number <= Key.countMax, "a key of over \(Key.countMax) bytes")
        let start = count
        for place in 0..<8 { bytes[start + place] = UInt8(truncatingIfNeeded: characters >> UInt64(8 * place)) }
        count = start + number
    }

    mutating func append(newest order: RowOrder) {
        append(instant: order.sortInstant.map { UInt64(bitPattern: Int64.max) &- UInt64(bitPattern: $0.microseconds) })
        append(UInt64(order.pageOrder), count: RowOrder.prefixCount - Base32Hex.uint64Count)
    }

    mutating func append(oldest order: RowOrder) {
        append(instant: order.sortInstant.map { UInt64(bitPattern: $0.microseconds) ^ (1 << 63) })
        append(UInt64(order.pageOrder), count: RowOrder.prefixCount - Base32Hex.uint64Count)
    }

    /// Undated: as `RowOrder` writes it, above every number.
    private mutating func append(instant: UInt64?) {
        if let instant {
            append(instant, count: Base32Hex.uint64Count)
        } else {
            for _ in 0..<Base32Hex.uint64Count { append(UInt8(ascii: "v")) }
        }
    }

    /// Lends the key.
    func withSpan<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes.span.extracting(0..<count))
    }

    /// Whether it comes before the other in the order of a table: byte by byte, a part before the whole.
    func precedes(_ other: Key) -> Bool {
        for index in 0..<min(count, other.count) where bytes[index] != other.bytes[index] {
            return bytes[index] < other.bytes[index]
        }
        return count < other.count
    }

    var array: [UInt8] {
        var array: [UInt8] = []
        array.reserveCapacity(count)
        array.append(copying: bytes.span.extracting(0..<count))
        return array
    }
}

extension Array where Element == UInt8 {
    init(_ span: Span<UInt8>) {
        self.init(copying: span)
    }
}

/// A key as it is named in messages: bytes that are not printable ASCII are written as \xNN.
func keyText(_ key: Span<UInt8>) -> String {
    var text = ""
    for index in key.indices {
        let byte = key[index]
        if (0x21...0x7E).contains(byte) {
            text.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
            let digits = String(byte, radix: 16)
            text += "\\x" + (digits.count < 2 ? "0" : "") + digits
        }
    }
    return text
}
