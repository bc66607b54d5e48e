import Bytes
import Files
import NewsModel
import NewsStore
import TestKit
import Testing
import Threads

/// Applies a closure, for tests of what the store does with commands.
struct TestCommand<Output: Sendable>: StoreCommand {
    let period: Period
    var claim: ArticleID?
    var destination: Period?
    let body: @Sendable (ShardWriter) throws(StoreError) -> Output

    func apply(to shard: ShardWriter) throws(StoreError) -> Output { try body(shard) }
}

/// Makes stores, articles and requests for the suites here.
enum StoreFixture {
    static let noon = Instant(microseconds: 1_772_000_000_000_000)  // 2026-02-25T06:13:20Z

    /// Lets a test's own commit to a shard pass: after a clean stop the shard would be taken for damaged, as its last
    /// transaction is another than was noted.
    static func forgetStop(_ directory: TemporaryDirectory) throws {
        try FileSystem.remove(directory.entry("store/CLEAN"))
    }

    static func options(_ change: (inout StoreOptions) -> Void = { _ in }) -> StoreOptions {
        var options = StoreOptions(clock: { noon })
        options.timeZone = "Asia/Shanghai"
        options.mapSize = 1 << 28
        change(&options)
        return options
    }

    static func open(
        _ directory: TemporaryDirectory, _ change: (inout StoreOptions) -> Void = { _ in }
    ) throws -> Store {
        try Store.open(directory.entry("store"), options(change))
    }

    /// What the last line of STORE says of the lines before it.
    static func checksum(_ body: [UInt8]) -> String {
        let text = String(CRC32C.checksum(of: body.span), radix: 16)
        return String(repeating: "0", count: 8 - text.count) + text
    }

    static func id(_ text: String) throws -> ArticleID { try #require(ArticleID(text)) }

    /// Noon of a day in Shanghai, "2026-02-27".
    static func instant(_ day: String, second: Int = 0) throws -> Instant {
        let date = try #require(CivilDate(parsing: day))
        return Instant(microseconds: Int64(date.daysSinceEpoch) * 86_400_000_000 + Int64(4 * 3600 + second) * 1_000_000)
    }

    static func record(
        _ id: String, at instant: Instant?, order: UInt16 = 0, title: String? = nil, channel: UInt32 = 0,
        source: String = "", full: [UInt8]? = nil, row: [UInt8]? = nil, capture: [UInt8] = [], views: Int64? = nil
    ) throws -> ArticleRecord {
        ArticleRecord(
            id: try self.id(id), sortInstant: instant, precision: instant == nil ? .unknown : .second, pageOrder: order,
            channel: channel, source: source, titleDay: TitleDay(title: title ?? id, day: nil),
            full: full ?? Array("full \(id)".utf8), row: RecordContent(row ?? Array("row \(id)".utf8)),
            capture: capture, counters: Counters(views: views))
    }
}

extension Store {
    /// Submits and waits.
    func run<Output: Sendable>(
        _ period: Period, claim: ArticleID? = nil, to destination: Period? = nil, lane: WriteLane = .foreground,
        _ body: @escaping @Sendable (ShardWriter) throws(StoreError) -> Output
    ) throws(StoreError) -> Output {
        let monitor = Monitor<Result<Output, StoreError>?>(nil)
        let command = TestCommand(period: period, claim: claim, destination: destination, body: body)
        submit(command, lane: lane) { result in
            monitor.signal { $0 = result }
        }
        return try monitor.wait { $0 }.get()
    }

    /// Puts a record into the shard in which it belongs.
    @discardableResult func put(_ record: ArticleRecord) throws(StoreError) -> UInt64 {
        let period = period(of: record.sortInstant)
        return try run(period, claim: claim(record.id, in: period)) { (shard) throws(StoreError) in
            try shard.put(record)
        }
    }
}

extension Store {
    /// Moves an article to the shard of its new time.
    @discardableResult func move(_ record: ArticleRecord, from period: Period) throws(StoreError) -> UInt64 {
        try run(period, to: self.period(of: record.sortInstant)) { (shard) throws(StoreError) in
            try shard.move(record)
        }
    }
}

extension StoreReader {
    /// What a read appends, as text, with the outcome.
    func text(_ id: String, _ part: Part = .full) -> (outcome: ReadOutcome, text: String) {
        let arena = ByteArena()
        let outcome = read(Array(id.utf8).span, part, appendingTo: arena)
        endTurn()
        return (outcome, String(decoding: arena.bytes, as: UTF8.self))
    }

    /// The ids that a scan gives, in its order; damaged ones with a "!" before them.
    func ids(_ scan: ListScan = ListScan(), limit: Int = .max) throws -> [String] {
        try rows(scan, limit: limit).map(\.id)
    }

    struct Row: Equatable {
        let id: String
        let key: [UInt8]
        let text: String
        let item: ScanItem
    }

    func rows(_ scan: ListScan = ListScan(), limit: Int = .max) throws -> [Row] {
        var rows: [Row] = []
        if limit == 0 { return rows }
        _ = try self.scan(scan) { key, row, item in
            let keyBytes = key.indices.map { key[$0] }
            let id = String(decoding: keyBytes.dropFirst(RowKey.idOffset), as: UTF8.self)
            let text = String(decoding: row.indices.map { row[$0] }, as: UTF8.self)
            let mark = item == .damaged ? "!" : ""
            rows.append(Row(id: mark + id, key: keyBytes, text: text, item: item))
            return rows.count < limit
        }
        endTurn()
        return rows
    }
}

extension ByteArena {
    var bytes: [UInt8] { withBytes(in: 0..<count) { span in span.indices.map { span[$0] } } }
}
