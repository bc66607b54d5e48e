import Files
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing
import Threads

/// Writers that know what they were told, while a backup is made.
@Suite("A backup under writers") struct BackupConcurrencyTests {
    /// What is acknowledged.
    private final class History: Sendable {
        struct Entry {
            let id: String
            let revision: UInt64
            /// `nil`: purged.
            let text: String?
        }

        private let entries = Monitor<[Entry]>([])
        let isOver = Atomic(false)

        func append(_ entry: Entry) { entries.broadcast { $0.append(entry) } }

        var all: [Entry] { entries.withLock { entries in entries } }

        /// Waits until more has been written, but not for ever.
        func waitForMore() {
            let seen = entries.withLock { entries in entries.count }
            let deadline = MonotonicClock.now + 2_000_000_000
            _ = entries.wait(deadline: deadline) { entries in entries.count > seen ? true : nil }
        }

        /// What the store holds at a position.
        func contents(at position: UInt64) -> [String: String] {
            var last: [String: Entry] = [:]
            for entry in all where entry.revision <= position && entry.revision > last[entry.id]?.revision ?? 0 {
                last[entry.id] = entry
            }
            return last.compactMapValues(\.text)
        }
    }

    /// One writer: puts, changes, moves between shards and purges its own articles, and makes purged ones again.
    private struct Writer {
        let store: Store
        let history: History
        let number: Int
        var random: SeededGenerator
        /// Where its articles are.
        var periods: [String: Period] = [:]
        var step = 0

        mutating func run() {
            while !history.isOver.load(ordering: .relaxed) {
                step += 1
                do { try write() } catch { Issue.record("\(error)") }
            }
        }

        private mutating func record(_ id: String) throws -> ArticleRecord {
            let month = BackupFixture.months[Int.random(in: 0..<4, using: &random)]
            let size = random.oneIn(4) ? 900 : 3
            let text = String(repeating: "\(id) \(step) ", count: size)
            return try StoreFixture.record(
                id, at: StoreFixture.instant("\(month)-15", second: step % 60), title: "t\(step % 5)",
                full: Array(text.utf8))
        }

        private mutating func write() throws {
            let id = "own-\(number)-\(Int.random(in: 100..<140, using: &random))"
            let record = try record(id)
            let text = String(decoding: record.full, as: UTF8.self)
            let period = store.period(of: record.sortInstant)
            guard let old = periods[id] else {
                history.append(.init(id: id, revision: try store.put(record), text: text))
                periods[id] = period
                return
            }
            if random.oneIn(4) {
                let articleID = record.id
                let revision = try store.run(old) { (shard) throws(StoreError) in try shard.purge(articleID) }
                history.append(.init(id: id, revision: revision, text: nil))
                periods[id] = nil
            } else if old == period {
                let revision = try store.run(period) { (shard) throws(StoreError) in
                    guard let known = try shard.article(record.id) else { throw .absent(record.id) }
                    var changed = record
                    changed.sortInstant = known.header.sortInstant
                    return try shard.put(changed)
                }
                history.append(.init(id: id, revision: revision, text: text))
            } else {
                let revision = try store.move(record, from: old)
                history.append(.init(id: id, revision: revision, text: text))
                periods[id] = period
            }
        }
    }

    @Test("holds what was acknowledged up to its position, and nothing else, whatever moves meanwhile")
    func model() throws {
        let directory = try TemporaryDirectory("backup")
        let store = try StoreFixture.open(directory)
        try BackupFixture.fill(store)
        let before = try BackupFixture.contents(store)
        let history = History()
        let random = SeededGenerator.forTest("backup under writers")
        let threads = (0..<2).map { number in
            Thread.start(name: "writer-\(number)") {
                var writer = Writer(
                    store: store, history: history, number: number,
                    random: SeededGenerator(seed: random.seed &+ UInt64(number)))
                writer.run()
            }
        }
        var options = BackupOptions()
        options.bytesPerSecond = 500_000
        options.now = { 0 }
        options.wait = { _ in history.waitForMore() }
        var made: [(summary: BackupSummary, acknowledged: UInt64)] = []
        for name in ["one", "two.tar.zst", "three"] {
            for _ in 0..<10 { history.waitForMore() }
            let acknowledged = history.all.map(\.revision).max() ?? 0
            made.append((try store.backup(to: BackupTarget(directory.entry(name)), options), acknowledged))
            options.base = name == "two.tar.zst" ? directory.entry("one") : nil
        }
        history.isOver.store(true, ordering: .relaxed)
        for thread in threads { thread.join() }
        for (summary, acknowledged) in made {
            #expect(summary.position >= acknowledged && summary.endPosition > summary.position)
            let path = directory.entry("restored")
            let back = try BackupFixture.restored(summary.path, to: path).contents
            let wanted = before.merging(history.contents(at: summary.position)) { $1 }
            #expect(back == wanted, "\(summary.path) at \(summary.position)")
            try FileSystem.removeTree(path)
        }
        store.close()
        _ = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
    }

    @Test("waits for no reader, and readers and writers do not wait for it")
    func nobodyWaits() throws {
        let directory = try TemporaryDirectory("backup")
        let store = try StoreFixture.open(directory)
        try BackupFixture.fill(store)
        let reader = try store.makeReader()
        let ids = try reader.ids()
        var options = BackupOptions()
        options.bytesPerSecond = 200_000
        options.now = { 0 }
        let count = Atomic(0)
        let record = try StoreFixture.record("20260227-aaaaaaaaaaaa", at: StoreFixture.instant("2026-02-27"))
        options.wait = { _ in
            // In the middle of a copy, on its own thread: whoever waited for it would wait for ever.
            let number = count.add(1, ordering: .relaxed).newValue
            var changed = record
            changed.full = Array("full \(number)".utf8)
            do {
                try store.put(changed)
                let reader = try store.makeReader()
                #expect(reader.text("20260227-aaaaaaaaaaaa").text == "full \(number)")
                #expect(try reader.ids().count == ids.count + 1)
            } catch {
                Issue.record("\(error)")
            }
        }
        let summary = try store.backup(to: .folder(directory.entry("b")), options)
        #expect(count.load(ordering: .relaxed) > 5 && summary.articleCount == ids.count)
        #expect(try BackupFixture.restored(directory.entry("b"), to: directory.entry("r")).contents.count == ids.count)
    }
}
