internal import Bytes
internal import NewsModel

extension Counters {
    /// Of what `append` writes: 6 counters of 11 bytes and 6 known ones, with the room that `ByteWriter` wants to see
    /// before each field.
    static let encodedCountMax = 128

    /// Appends the fields of a news.v1.ArticleStats.
    func append(to writer: inout ByteWriter) {
        writer.append(field: 2, varint: views)
        writer.append(field: 3, varint: likes)
        writer.append(field: 4, varint: favorites)
        writer.append(field: 5, varint: tips)
        writer.append(field: 6, varint: comments)
        writer.append(field: 7, varint: shares)
        guard known.rawValue != 0 else { return }
        writer.append(field: 10, byteCount: known.rawValue.nonzeroBitCount)
        // Bit 0 is COUNTER_VIEWS = 1 and so on, in the order of the enumeration.
        for bit in 0..<6 as Range<UInt8> where known.rawValue & (1 << bit) != 0 { writer.append(bit + 1) }
    }
}
