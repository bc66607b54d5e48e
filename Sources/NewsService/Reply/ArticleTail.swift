internal import Bytes
internal import NewsModel

/// The fields of an article that are not stored in its message, because they change without it or follow from the
/// time: stats, state, revision, etag, create_time, update_time, and delete_time and purge_time of a deleted one.
///
/// They are appended behind the stored bytes; protobuf takes fields in any order. Numbers are those of article.proto.
struct ArticleTail {
    var revision: UInt64
    var sortInstant: Instant?
    var createTime: Instant
    var updateTime: Instant
    var counters: Counters
    /// Set while it is deleted, which happened at `updateTime`.
    var purgeTime: Instant?
    /// From when on it is not shown.
    var expireTime: Instant?

    private enum Field {
        static let stats: UInt64 = 9
        static let state: UInt64 = 11
        static let revision: UInt64 = 14
        static let etag: UInt64 = 15
        static let createTime: UInt64 = 22
        static let updateTime: UInt64 = 23
        static let deleteTime: UInt64 = 24
        static let purgeTime: UInt64 = 25
    }

    private enum State {
        static let active: Int64 = 1
        static let scheduled: Int64 = 2
        static let expired: Int64 = 3
        static let deleted: Int64 = 4
    }

    /// At most 6 counters of 11 bytes, 6 known ones, four times of 20 and the rest: below 210 bytes, and each field
    /// finds the room that `ByteWriter` wants to see before it.
    static let byteCountMax = 256

    func append(to writer: inout ByteWriter, now: Instant) {
        appendStats(to: &writer)
        let isAhead = sortInstant.map { $0.microseconds > now.microseconds } ?? false
        let isOver = expireTime.map { $0.microseconds <= now.microseconds } ?? false
        let live = isOver ? State.expired : isAhead ? State.scheduled : State.active
        writer.append(field: Field.state, varint: purgeTime != nil ? State.deleted : live)
        writer.append(field: Field.revision, varint: Int64(bitPattern: revision))
        appendETag(to: &writer)
        writer.append(varint: Field.createTime << 3 | 2)
        let start = writer.count
        append(createTime, to: &writer)
        writer.append(varint: Field.updateTime << 3 | 2)
        if updateTime == createTime {
            writer.appendCopy(from: start, count: writer.count - start - ArticleTail.timeTagCount)
        } else {
            append(updateTime, to: &writer)
        }
        if let purgeTime {
            writer.append(varint: Field.deleteTime << 3 | 2)
            append(updateTime, to: &writer)
            writer.append(varint: Field.purgeTime << 3 | 2)
            append(purgeTime, to: &writer)
        }
    }

    /// Bytes of the tags of create_time and update_time.
    private static let timeTagCount = 2

    private func appendStats(to writer: inout ByteWriter) {
        guard counters.known.rawValue != 0 else { return }
        let stats = writer.open(field: Field.stats)
        counters.append(to: &writer)
        writer.close(stats)
    }

    /// The revision between quotes (RFC 9110, section 8.8.3).
    private func appendETag(to writer: inout ByteWriter) {
        let etag = writer.open(field: Field.etag)
        writer.append(UInt8(ascii: "\""))
        writer.append(decimal: revision)
        writer.append(UInt8(ascii: "\""))
        writer.close(etag)
    }

    /// The content of a google.protobuf.Timestamp, behind its length.
    private func append(_ instant: Instant, to writer: inout ByteWriter) {
        let length = writer.open(1)
        writer.append(field: 1, varint: instant.seconds)
        writer.append(field: 2, varint: Int64(instant.nanosecondOfSecond))
        writer.close(length)
    }
}
