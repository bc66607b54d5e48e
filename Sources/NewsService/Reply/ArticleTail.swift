internal import NewsModel

/// The fields of an article that are not stored in its message, because they change without it or follow from the
/// time: stats, state, revision, etag, create_time, update_time.
///
/// They are appended behind the stored bytes; protobuf takes fields in any order. Numbers are those of article.proto.
struct ArticleTail {
    var revision: UInt64
    var sortInstant: Instant?
    var createTime: Instant
    var updateTime: Instant
    var counters: Counters

    private enum Field {
        static let stats: UInt64 = 9
        static let state: UInt64 = 11
        static let revision: UInt64 = 14
        static let etag: UInt64 = 15
        static let createTime: UInt64 = 22
        static let updateTime: UInt64 = 23
    }

    private enum State {
        static let active: Int64 = 1
        static let scheduled: Int64 = 2
    }

    /// At most 6 counters of 11 bytes, 6 known ones, two times of 18 and the rest: below 200 bytes.
    func append(to buffer: inout FieldBuffer, now: Instant) {
        appendStats(to: &buffer)
        let isAhead = sortInstant.map { $0 > now } ?? false
        buffer.append(field: Field.state, varint: isAhead ? State.scheduled : State.active)
        buffer.append(field: Field.revision, varint: Int64(bitPattern: revision))
        appendETag(to: &buffer)
        let start = buffer.count
        append(createTime, field: Field.createTime, to: &buffer)
        guard updateTime == createTime else { return append(updateTime, field: Field.updateTime, to: &buffer) }
        // The same but for its tag, of two bytes.
        let content = (start + 2)..<buffer.count
        buffer.append(varint: Field.updateTime << 3 | 2)
        buffer.appendCopy(of: content)
    }

    private func appendStats(to buffer: inout FieldBuffer) {
        guard !counters.known.isEmpty else { return }
        buffer.append(varint: Field.stats << 3 | 2)
        let length = buffer.count
        buffer.append(0)
        buffer.append(field: 2, varint: counters.views)
        buffer.append(field: 3, varint: counters.likes)
        buffer.append(field: 4, varint: counters.favorites)
        buffer.append(field: 5, varint: counters.tips)
        buffer.append(field: 6, varint: counters.comments)
        buffer.append(field: 7, varint: counters.shares)
        let known = counters.known.rawValue
        buffer.append(field: 10, byteCount: known.nonzeroBitCount)
        // Bit 0 is COUNTER_VIEWS = 1 and so on, in the order of the enumeration.
        for bit in 0..<6 as Range<UInt8> where known & (1 << bit) != 0 { buffer.append(bit + 1) }
        buffer.closeShort(at: length)
    }

    /// The revision between quotes (RFC 9110, section 8.8.3).
    private func appendETag(to buffer: inout FieldBuffer) {
        buffer.append(varint: Field.etag << 3 | 2)
        let length = buffer.count
        buffer.append(0)
        buffer.append(UInt8(ascii: "\""))
        buffer.append(decimal: revision)
        buffer.append(UInt8(ascii: "\""))
        buffer.closeShort(at: length)
    }

    /// A google.protobuf.Timestamp.
    private func append(_ instant: Instant, field: UInt64, to buffer: inout FieldBuffer) {
        buffer.append(varint: field << 3 | 2)
        let length = buffer.count
        buffer.append(0)
        buffer.append(field: 1, varint: instant.seconds)
        buffer.append(field: 2, varint: Int64(instant.nanosecondOfSecond))
        buffer.closeShort(at: length)
    }
}
