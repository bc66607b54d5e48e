internal import NewsModel

/// The requests of the last day, of all shards. Used by the writer's thread alone.
///
/// Each kind has a number of its own: however many come of the one, those of the other are remembered.
final class RequestMemory {
    /// By kind.
    private var lines: [RequestLine]
    /// Ids of requests of transactions whose commits are under way: nobody knows yet whether they count.
    private var undecided: Set<String> = []

    /// - Parameter records: of all shards, in any order.
    init(_ records: [RequestRecord], _ options: StoreOptions) {
        lines = RequestRecord.Kind.allCases.map { kind in
            RequestLine(records.filter { $0.kind == kind }, countMax: options.requestCountMax(kind))
        }
    }

    func record(_ id: String, _ kind: RequestRecord.Kind) -> RequestRecord? { lines[Int(kind.rawValue)].records[id] }

    func insert(_ record: RequestRecord) { lines[Int(record.kind.rawValue)].insert(record) }

    /// Whether what is known of the id is not final.
    func isUndecided(_ id: String) -> Bool { undecided.contains(id) }

    func noteUndecided(_ records: [RequestRecord]) { for record in records { undecided.insert(record.id) } }

    func decided(_ records: [RequestRecord]) { for record in records { undecided.remove(record.id) } }

    /// Takes what a shard has on disk for what it has done.
    func replace(_ period: Period, by found: [RequestRecord]) {
        for kind in RequestRecord.Kind.allCases {
            lines[Int(kind.rawValue)].replace(period, by: found.filter { $0.kind == kind })
        }
    }

    func replaceAll(by found: [RequestRecord]) {
        for kind in RequestRecord.Kind.allCases {
            lines[Int(kind.rawValue)].replaceAll(by: found.filter { $0.kind == kind })
        }
    }

    /// Drops what is older.
    func forget(before time: Instant) {
        for index in lines.indices { lines[index].forget(before: time) }
    }
}

/// Requests of one kind: of more than `countMax` the oldest are forgotten.
private struct RequestLine {
    private(set) var records: [String: RequestRecord] = [:]
    /// Ids in order of their times, for forgetting.
    private var order: [(time: Instant, id: String)] = []
    private var forgotten = 0
    private let countMax: Int

    init(_ records: [RequestRecord], countMax: Int) {
        self.countMax = max(1, countMax)
        for record in records.sorted(by: { $0.time < $1.time }) { insert(record) }
    }

    mutating func insert(_ record: RequestRecord) {
        records[record.id] = record
        order.append((record.time, record.id))
        trim()
    }

    mutating func replace(_ period: Period, by found: [RequestRecord]) {
        records = records.filter { $0.value.period != period }
        for record in found { records[record.id] = record }
        putInOrder()
    }

    mutating func replaceAll(by found: [RequestRecord]) {
        records = Dictionary(found.map { ($0.id, $0) }) { $0.time < $1.time ? $1 : $0 }
        putInOrder()
    }

    mutating func forget(before time: Instant) {
        while forgotten < order.count, order[forgotten].time < time { forgetOldest() }
        if forgotten > 1024, forgotten * 2 > order.count {
            order.removeFirst(forgotten)
            forgotten = 0
        }
    }

    private mutating func putInOrder() {
        order = records.values.map { ($0.time, $0.id) }.sorted { $0.time < $1.time }
        forgotten = 0
        trim()
    }

    private mutating func trim() {
        while records.count > countMax, forgotten < order.count { forgetOldest() }
    }

    private mutating func forgetOldest() {
        let (time, id) = order[forgotten]
        if records[id]?.time == time { records[id] = nil }
        forgotten += 1
    }
}
