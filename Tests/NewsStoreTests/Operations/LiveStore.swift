import Files
import Foundation
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing
import Threads

/// A store that is written and read by threads of its own while something is done to it, and what it should hold.
final class LiveStore: Sendable {
    struct Expected: Sendable {
        var record: ArticleRecord
        var revision: UInt64
        var purgeTime: Instant?
    }

    let store: Store
    private let expected: Mutex<[ArticleID: Expected]>
    private let problems = Mutex<[String]>([])
    private let isOver = Atomic<Bool>(false)
    private let turnCount = Monitor<Int>(0)
    /// Days that articles may be of, counted from 2026-01-01.
    private let dayCount: Int

    /// Fills the store with articles, which stay as they are while it is read and written.
    init(_ store: Store, count: Int, dayCount: Int = 170, random: inout SeededGenerator) throws {
        self.store = store
        self.dayCount = dayCount
        expected = Mutex([:])
        for number in 0..<count { try put(record("stay-\(number)", random: &random)) }
    }

    func record(_ name: String, random: inout SeededGenerator) throws -> ArticleRecord {
        let day = CivilDate(daysSinceEpoch: 20_454 + Int.random(in: 0..<dayCount, using: &random))
        let instant = try StoreFixture.instant(day.description, second: Int.random(in: 0..<9, using: &random))
        let isOwn = random.oneIn(4)
        let size = Int.random(in: 0..<(random.oneIn(5) ? 9000 : 300), using: &random)
        // Titles come again, in other months too: their ordinals must not get in each other's way.
        return try StoreFixture.record(
            isOwn ? "own-\(name)" : "\(day.description.replacing("-", with: ""))-\(name)",
            at: random.oneIn(12) && isOwn ? nil : instant, order: UInt16.random(in: 0..<3, using: &random),
            title: "title \(Int.random(in: 0..<9, using: &random))", source: random.oneIn(2) ? "s" : "",
            full: random.bytes(size), row: random.bytes(size / 3), capture: random.bytes(random.oneIn(3) ? 200 : 0),
            views: Int64.random(in: 0..<100, using: &random))
    }

    private func note(_ problem: String) { problems.withLock { $0.append(problem) } }

    private func set(_ id: ArticleID, _ change: Expected?) { expected.withLock { $0[id] = change } }

    /// Does something again when the store's periods have changed meanwhile.
    private func again<Output>(_ body: () throws(StoreError) -> Output) throws -> Output {
        for _ in 0..<100 {
            do throws(StoreError) { return try body() } catch {
                guard LiveStore.isPassing(error) else { throw error }
            }
        }
        throw StoreError.closed
    }

    private static func isPassing(_ error: StoreError) -> Bool { error == .periodsChanged }

    func put(_ record: ArticleRecord) throws {
        let revision = try again { () throws(StoreError) in try store.put(record) }
        set(record.id, Expected(record: record, revision: revision))
    }

    /// One change of an article that is none of those that stay.
    private func change(_ old: Expected, random: inout SeededGenerator) throws {
        let id = old.record.id
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            let time = StoreFixture.noon + .seconds(9 * 86_400)
            let revision = try again { () throws(StoreError) in
                try store.run(store.period(of: old.record.sortInstant)) { (shard) throws(StoreError) in
                    try shard.delete(id, purgeTime: time).revision
                }
            }
            set(id, Expected(record: old.record, revision: revision, purgeTime: time))
        case 1:
            try again { () throws(StoreError) in
                try store.run(store.period(of: old.record.sortInstant)) { (shard) throws(StoreError) in
                    _ = try shard.purge(id)
                }
            }
            set(id, nil)
        case 2:
            var record = old.record
            record.counters.views += 7
            let base = record.counters
            try again { () throws(StoreError) in
                try store.run(store.period(of: old.record.sortInstant)) { (shard) throws(StoreError) in
                    try shard.setBase(id, base)
                    try shard.remember(request: "r-\(base.views)-\(id)", fingerprint: [1], article: id)
                }
            }
            set(id, Expected(record: record, revision: old.revision, purgeTime: old.purgeTime))
        default:
            guard old.purgeTime == nil else { return }
            var record = try self.record("x", random: &random)
            record.id = id
            if record.capture.isEmpty { record.capture = old.record.capture }
            let changed = record
            let revision = try again { () throws(StoreError) in
                let (here, there) = (store.period(of: old.record.sortInstant), store.period(of: changed.sortInstant))
                if here == there { return try store.put(changed) }
                return try store.move(changed, from: here)
            }
            set(id, Expected(record: record, revision: revision))
        }
    }

    private func write(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var number = 0
        do {
            while !isOver.load(ordering: .acquiring) {
                number += 1
                let movable = expected.withLock { $0.values.filter { !$0.record.id.text.contains("stay") } }
                if random.oneIn(2),
                    let old = movable.sorted(by: { $0.record.id < $1.record.id })
                        .randomElement(using: &random)
                {
                    try change(old, random: &random)
                } else {
                    try put(record("n\(seed % 100_000)-\(number)", random: &random))
                }
                turnCount.broadcast { $0 += 1 }
            }
        } catch {
            note("write \(number): \(error)")
            turnCount.broadcast { $0 = .min }  // Nobody is to wait for more.
        }
    }

    private func read() {
        guard let reader = try? store.makeReader() else { return note("no reader") }
        let staying = expected.withLock { $0.keys.filter { $0.text.contains("stay") } }
        var random = SystemRandomNumberGenerator()
        while !isOver.load(ordering: .acquiring) {
            var scan = ListScan()
            scan.newestFirst = Bool.random(using: &random)
            guard let rows = try? reader.rawRows(scan) else { return note("a scan failed") }
            let seen = rows.filter { $0.id.contains("stay") }.map(\.id)
            if Set(seen).count != seen.count { note("an article twice") }
            if seen.count != staying.count { note("\(seen.count) of \(staying.count) rows") }
            for id in staying.shuffled().prefix(20) {
                if case .found = reader.bytes(id.text, .full).outcome { continue }
                note("\(id): \(reader.bytes(id.text, .full).outcome)")
            }
        }
    }

    /// Runs `operation` while the store is written and read, once that has begun.
    func during<Output>(seed: UInt64, _ operation: () throws -> Output) throws -> Output {
        isOver.store(false, ordering: .releasing)
        let first = turnCount.withLock { $0 }
        let threads =
            [Thread.start(name: "live-writer") { self.write(seed) }]
            + (0..<2).map { number in Thread.start(name: "live-reader-\(number)") { self.read() } }
        defer {
            isOver.store(true, ordering: .releasing)
            for thread in threads { thread.join() }
        }
        turnCount.wait { $0 >= first + 10 || $0 < 0 ? () : nil }
        let output = try operation()
        let last = turnCount.withLock { $0 }
        turnCount.wait { $0 >= last + 10 || $0 < 0 ? () : nil }
        return output
    }

    /// Compares all that the store holds, down to the bytes.
    func compare(_ reader: StoreReader, _ place: String = "") throws {
        #expect(problems.withLock { $0 } == [], "\(place)")
        let expected = expected.withLock { $0 }
        let rows = try reader.rawRows(ListScan())
        #expect(rows.count == expected.count, "\(place)")
        for row in rows {
            guard let wanted = ArticleID(row.id).flatMap({ expected[$0] }) else {
                Issue.record("\(place): \(row.id) is there")
                continue
            }
            guard case .row(let header, let counters) = row.item else {
                Issue.record("\(place): \(row.item)")
                continue
            }
            #expect((row.bytes == wanted.record.row.bytes) as Bool, "\(place)")
            #expect(header.revision == wanted.revision && header.purgeTime == wanted.purgeTime, "\(place) \(row.id)")
            #expect(counters == wanted.record.counters, "\(place)")
        }
        for (id, wanted) in expected {
            #expect((reader.bytes(id.text, .full).bytes == wanted.record.full) as Bool, "\(place) \(id)")
            #expect((reader.bytes(id.text, .capture).bytes == wanted.record.capture) as Bool, "\(place) \(id)")
        }
    }

    var count: Int { expected.withLock { $0.count } }
}

/// Gathers what an operation says of its progress; may stop it.
final class ProgressRecorder: OperationObserver {
    private let state = Mutex((progress: [OperationProgress](), stopsAt: Int.max))

    init(stopsAt: Int = .max) { state.withLock { $0.stopsAt = stopsAt } }

    func advanced(_ progress: OperationProgress) -> Bool {
        state.withLock { state in
            state.progress.append(progress)
            return state.progress.count < state.stopsAt
        }
    }

    var progress: [OperationProgress] { state.withLock { $0.progress } }
}

/// Copies of what a crash would leave, made between the steps of an operation.
enum CrashClone {
    /// LMDB's lock files are not part of it.
    static func make(of path: String, at copy: String) {
        let files = FileManager.default
        for case let name as String in files.enumerator(atPath: path) ?? .init() {
            let last = name.split(separator: "/").last.map(String.init) ?? ""
            if last == "lock.mdb" || last == "LOCK" { continue }
            let isFolder = (try? FileSystem.kind(path + "/" + name)) == .directory
            let target = copy + "/" + name
            if isFolder {
                try? files.createDirectory(atPath: target, withIntermediateDirectories: true)
            } else {
                let folder = (target as NSString).deletingLastPathComponent
                try? files.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try? files.copyItem(atPath: path + "/" + name, toPath: target)
            }
        }
        restamp(copy)
    }

    /// Lets the notes of a reshard name the clone's files, as they name those that are there after a crash.
    static func restamp(_ copy: String) {
        for name in (try? FileSystem.list(copy + "/reshard")) ?? [] where name.hasSuffix(".done") {
            guard let bytes = try? FileSystem.read(copy + "/reshard/" + name) else { continue }
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
                var words = line.split(separator: " ").map { String($0) }
                let file = copy + "/shards/" + words[1] + "/data.mdb"
                if words.count > 3, let stamp = try? FileStamp(of: file) { words[3] = "\(stamp.inode)" }
                return words.joined(separator: " ") + "\n"
            }
            try? FileSystem.writeAtomically(copy + "/reshard/" + name, Array(lines.joined().utf8))
        }
    }
}
