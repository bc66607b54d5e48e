internal import LMDB
internal import NewsModel

/// The requests of the last day, of all shards. Used by the writer's thread alone.
final class RequestMemory {
    private var records: [String: RequestRecord] = [:]
    /// Ids in order of their times, for forgetting.
    private var order: [(time: Instant, id: String)] = []
    private var forgotten = 0
    private let countMax: Int

    /// - Parameters:
    ///   - records: of all shards, in any order.
    ///   - countMax: of more than so many the oldest are forgotten.
    init(_ records: [RequestRecord], countMax: Int) {
        self.countMax = max(1, countMax)
        for record in records.sorted(by: { $0.time < $1.time }) { insert(record) }
    }

    func record(_ id: String) -> RequestRecord? { records[id] }

    var count: Int { records.count }

    func insert(_ record: RequestRecord) {
        records[record.id] = record
        order.append((record.time, record.id))
        trim()
    }

    /// Takes what a shard has on disk for what it has done.
    func replace(_ period: Period, by found: [RequestRecord]) {
        records = records.filter { $0.value.period != period }
        for record in found { records[record.id] = record }
        order = records.values.map { ($0.time, $0.id) }.sorted { $0.time < $1.time }
        forgotten = 0
        trim()
    }

    func replaceAll(by found: [RequestRecord]) {
        records = Dictionary(found.map { ($0.id, $0) }) { $0.time < $1.time ? $1 : $0 }
        order = records.values.map { ($0.time, $0.id) }.sorted { $0.time < $1.time }
        forgotten = 0
        trim()
    }

    /// Drops what is older.
    func forget(before time: Instant) {
        while forgotten < order.count, order[forgotten].time < time { forgetOldest() }
        if forgotten > 1024, forgotten * 2 > order.count {
            order.removeFirst(forgotten)
            forgotten = 0
        }
    }
}

extension RequestMemory {
    private func trim() {
        while records.count > countMax, forgotten < order.count { forgetOldest() }
    }

    private func forgetOldest() {
        let (time, id) = order[forgotten]
        if records[id]?.time == time { records[id] = nil }
        forgotten += 1
    }
}

extension Shard {
    /// The requests that the shard has had since `time`.
    ///
    /// - Parameter countMax: of more than so many, above 0, only the newest.
    func requests(since time: Instant, newest countMax: Int = .max) throws(StoreError) -> [RequestRecord] {
        let environment = try file.pin()
        defer { file.unpin() }
        var records: [RequestRecord] = []
        let start = Key(requestTime: time)
        do throws(LMDBError) {
            let transaction = try environment.beginRead()
            try transaction.withCursor(in: environment.table(ShardTable.requests)) { (cursor) throws(LMDBError) in
                var stands = try start.withSpan { (key) throws(LMDBError) in try cursor.seek(key) }
                while stands {
                    cursor.withEntry { key, value in
                        // A damaged one is named by `check`; without it a repeated request is done again.
                        guard let record = RequestRecord(key, value, period) else { return }
                        records.append(record)
                        // Now and then, so that each is moved about once.
                        if records.count / 2 >= countMax { records.removeFirst(records.count - countMax) }
                    }
                    stands = try cursor.move(.next)
                }
            }
        } catch {
            throw StoreError(error, path: file.path)
        }
        if records.count > countMax { records.removeFirst(records.count - countMax) }
        return records
    }
}

extension RequestRecord {
    /// Reads an entry of `requests`; `nil` when it is damaged.
    init?(_ key: Span<UInt8>, _ value: Span<UInt8>, _ period: Period) {
        guard Sealed.isSound(value, key: key, seed: ShardTable.requests.seed), let content = RequestValue(value),
            let time = Base32Hex.number(in: key, 0..<Base32Hex.uint64Count)
        else { return nil }
        self.init(
            id: content.requestID, fingerprint: content.fingerprint, article: content.article, period: period,
            time: Instant(microseconds: Int64(clamping: time)))
    }
}
