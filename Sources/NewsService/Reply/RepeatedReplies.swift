package import Bytes
package import NewsModel

/// Replies to requests that came before, kept by one loop for as long as they cannot have changed.
///
/// Everybody asks for the newest page. A reply holds while the store is what it was, and for 100 ms at most, since the
/// time of day decides what is listed as well. A request is remembered when it comes for the second time, so one that
/// comes once costs a checksum of its bytes.
package final class RepeatedReplies {
    /// When and of what state of the store a reply is.
    package struct Moment {
        /// `Store.changeNumber`, asked for before anything was read.
        let changeNumber: UInt64
        let time: Instant

        package init(changeNumber: UInt64, time: Instant) {
            self.changeNumber = changeNumber
            self.time = time
        }
    }

    private struct Entry {
        var hash: UInt32 = 0
        var changeNumber = UInt64.max
        var time: Int64 = .min
        /// Both empty while the request came once.
        var request: [UInt8] = []
        var reply: [UInt8] = []
    }

    /// In which a request has one place, by its hash; the later of two takes it.
    private var entries: [Entry]
    /// Bytes of all replies that are kept.
    package private(set) var byteCount = 0

    /// Microseconds for which a reply holds.
    package static let lifetime: Int64 = 100_000
    private static let entryCount = 1024
    package static let byteCountMax = 4 << 20
    private static let requestByteCountMax = 1024
    private static let replyByteCountMax = 128 << 10

    package init() { entries = Array(repeating: Entry(), count: RepeatedReplies.entryCount) }

    /// Appends the reply to a request, if it is known.
    package func append(_ request: Span<UInt8>, at moment: Moment, to arena: ByteArena) -> Bool {
        let (index, hash) = RepeatedReplies.place(of: request)
        guard holds(entries[index], hash, moment), !entries[index].reply.isEmpty else { return false }
        let known = entries[index].request
        guard known.span.hasBytes(of: request) else { return false }
        arena.append(entries[index].reply)
        return true
    }

    /// Notes that a request was answered.
    ///
    /// - Parameter range: of the reply in the arena.
    package func learn(_ request: Span<UInt8>, at moment: Moment, _ arena: ByteArena, _ range: Range<Int>) {
        guard request.count <= RepeatedReplies.requestByteCountMax, range.count <= RepeatedReplies.replyByteCountMax,
            !range.isEmpty
        else { return }
        let (index, hash) = RepeatedReplies.place(of: request)
        let isRepeated = holds(entries[index], hash, moment)
        forget(index)
        if isRepeated {
            if byteCount + range.count > RepeatedReplies.byteCountMax { forgetAll() }
            entries[index].request = [UInt8](copying: request)
            entries[index].reply = arena.withBytes(in: range) { [UInt8](copying: $0) }
            byteCount += range.count
        }
        entries[index].hash = hash
        entries[index].changeNumber = moment.changeNumber
        entries[index].time = moment.time.microseconds
    }

    private func holds(_ entry: Entry, _ hash: UInt32, _ moment: Moment) -> Bool {
        guard entry.hash == hash, entry.changeNumber == moment.changeNumber else { return false }
        let (age, overflow) = moment.time.microseconds.subtractingReportingOverflow(entry.time)
        return !overflow && age >= 0 && age < RepeatedReplies.lifetime
    }

    private func forget(_ index: Int) {
        byteCount -= entries[index].reply.count
        entries[index] = Entry()
    }

    private func forgetAll() {
        for index in entries.indices { forget(index) }
    }

    private static func place(of request: Span<UInt8>) -> (index: Int, hash: UInt32) {
        let hash = CRC32C.checksum(of: request)
        return (Int(hash) & (entryCount - 1), hash)
    }
}

@available(*, unavailable) extension RepeatedReplies: Sendable {}
