import LMDB
import NewsModel
import Synchronization
import TestKit
import Testing
import Threads

@testable import NewsStore

@Suite("Changes of a store") struct ChangeScanTests {
    /// Articles in three shards, written in turn.
    private func filled(_ directory: TemporaryDirectory, _ count: Int) throws -> Store {
        let store = try StoreFixture.open(directory)
        for number in 0..<count {
            let day = "2026-0\(1 + number % 3)-15"
            let id = "20260\(1 + number % 3)15-\(1000 + number)"
            try store.put(try StoreFixture.record(id, at: try StoreFixture.instant(day, second: number)))
        }
        return store
    }

    /// All changes behind a revision, in pages.
    private func changes(_ reader: StoreReader, after revision: UInt64 = 0, limit: Int) throws -> [StoreChange] {
        var changes: [StoreChange] = []
        var position = revision
        while true {
            let page = try reader.changes(after: position, limit: limit)
            #expect(page.changes.count <= limit)
            #expect(page.changes.allSatisfy { $0.revision > position && $0.revision <= page.position })
            changes += page.changes
            position = page.position
            if page.isLast { return changes }
        }
    }

    @Test("come in the order of their revisions, whichever shards they lie in")
    func order() throws {
        let directory = try TemporaryDirectory("store")
        let reader = try filled(directory, 20).makeReader()
        let page = try reader.changes(after: 0, limit: 100)
        #expect(page.changes.map(\.revision) == Array(1...20))
        #expect(page.changes.map(\.id.text) == (0..<20).map { "20260\(1 + $0 % 3)15-\(1000 + $0)" })
        #expect(page.changes.allSatisfy { $0.kind == .created && $0.time == StoreFixture.noon })
        #expect(page.isLast && page.position == 20)
    }

    @Test("are the same in pages of every size", arguments: [1, 2, 3, 7, 19, 20, 21])
    func pages(limit: Int) throws {
        let directory = try TemporaryDirectory("store")
        let reader = try filled(directory, 20).makeReader()
        #expect(try changes(reader, limit: limit).map(\.revision) == Array(1...20))
        #expect(try changes(reader, after: 12, limit: limit).map(\.revision) == Array(13...20))
        #expect(try changes(reader, after: 20, limit: limit).isEmpty)
    }

    @Test("end at the revision that was asked for")
    func upperBound() throws {
        let directory = try TemporaryDirectory("store")
        let reader = try filled(directory, 20).makeReader()
        let page = try reader.changes(after: 3, limit: 100, upTo: 9)
        #expect(page.changes.map(\.revision) == Array(4...9))
        #expect(page.position == 9 && page.isLast)
    }

    @Test("up to a position are all there once the position is, at every step in which a round becomes visible")
    func steps() throws {
        let directory = try TemporaryDirectory("store")
        let seen = Mutex<[(step: PublicationStep, position: UInt64, revisions: [UInt64])]>([])
        let serving = Mutex<Store?>(nil)
        let store = try StoreFixture.open(directory) { options in
            options.publicationStep = { step in
                guard let store = serving.withLock({ $0 }),
                    let page = try? store.makeReader().changes(after: 0, limit: 9)
                else { return }
                seen.withLock { $0.append((step, page.position, page.changes.map(\.revision))) }
            }
        }
        serving.withLock { $0 = store }
        for (number, day) in ["2026-01-15", "2026-02-15", "2026-01-15"].enumerated() {
            let id = day.replacing("-", with: "") + "-\(1000 + number)"
            try store.put(try StoreFixture.record(id, at: try StoreFixture.instant(day, second: number)))
        }
        serving.withLock { $0 = nil }
        let steps = seen.withLock { $0 }
        for revision in 1...3 as ClosedRange<UInt64> {
            for step in PublicationStep.allCases {
                let position = step == .announced ? revision - 1 : revision
                let found = steps.filter { $0.step == step }[Int(revision) - 1]
                #expect(found.position == position)
                #expect(found.revisions == Array(1..<(position + 1)))
            }
        }
    }

    @Test("are those that a list does not show yet: nothing is missed and nothing comes twice while others write")
    func listThenChanges() throws {
        let directory = try TemporaryDirectory("store")
        let store = try filled(directory, 30)
        let total = 400
        let problems = Mutex<[String]>([])
        let readers = (0..<2).map { index in
            Thread.start(name: "follower-\(index)") {
                guard let reader = try? store.makeReader() else { return }
                let problem = Self.follow(reader, upTo: UInt64(30 + total))
                if let problem { problems.withLock { $0.append(problem) } }
            }
        }
        var generator = SeededGenerator(seed: 7)
        let written = Monitor(0)
        for number in 0..<total {
            let which = Int.random(in: 0..<60, using: &generator)
            let month = 1 + which % 3
            let record = try StoreFixture.record(
                "20260\(month)15-\(1000 + which)",
                at: StoreFixture.instant("2026-0\(month)-15", second: which), views: Int64(number))
            let command = TestCommand(period: store.period(of: record.sortInstant)) { (shard) throws(StoreError) in
                try shard.put(record)
            }
            store.submit(command, lane: number % 4 == 0 ? .background : .foreground) { _ in
                written.broadcast { $0 += 1 }
            }
        }
        _ = written.wait { $0 == total ? true : nil }
        for thread in readers { thread.join() }
        #expect(problems.withLock { $0 } == [])
        #expect(store.publishedRevision == UInt64(30 + total))
    }

    /// Lists, follows the changes behind the list's position to the last, and lists again.
    ///
    /// - Returns: what did not fit together.
    private static func follow(_ reader: StoreReader, upTo last: UInt64) -> String? {
        guard let (listed, begin) = revisions(reader) else { return "the list did not end" }
        if let behind = listed.values.max(), behind > begin { return "the list at \(begin) shows \(behind)" }
        var followed = listed
        var position = begin
        var seen: [UInt64] = []
        while position < last {
            guard let page = try? reader.changes(after: position, limit: 1 + Int(position % 7)) else {
                return "the changes behind \(position) cannot be read"
            }
            for change in page.changes {
                seen.append(change.revision)
                followed[change.id.text] = change.revision
            }
            position = page.position
        }
        if seen != Array((begin + 1)..<(last + 1)) { return "from \(begin) on: \(seen.count) changes" }
        return revisions(reader)?.revisions == followed ? nil : "the list and its changes give another list"
    }

    /// The revision of every article of a list, and the list's position; `nil` when it was cut.
    private static func revisions(_ reader: StoreReader) -> (revisions: [String: UInt64], position: UInt64)? {
        for _ in 0..<1000 {
            var revisions: [String: UInt64] = [:]
            let result = try? reader.scan(ListScan()) { key, _, item in
                let id = String(decoding: key.indices.map { key[$0] }.dropFirst(RowKey.idOffset), as: UTF8.self)
                if case .row(let header, _) = item { revisions[id] = header.revision }
                return true
            }
            reader.endTurn()
            if let result, result.end == .finished { return (revisions, result.position) }
        }
        return nil
    }

    @Test("are forgotten after their time, and whoever has not seen them is told")
    func compaction() throws {
        let directory = try TemporaryDirectory("store")
        let clock = Mutex(StoreFixture.noon)
        let options: (inout StoreOptions) -> Void = { options in
            options.clock = { clock.withLock { $0 } }
            options.changeMemory = .seconds(3600)
        }
        do {
            let store = try StoreFixture.open(directory, options)
            for number in 0..<3 {
                try store.put(
                    try StoreFixture.record("2026021\(number)-aaaa", at: StoreFixture.instant("2026-02-1\(number)")))
            }
            clock.withLock { $0 = $0 + .seconds(4000) }
            // The writer looks at the clock when it is asked for something.
            try store.put(try StoreFixture.record("20260310-bbbb", at: StoreFixture.instant("2026-03-10")))
            let rounds = Monitor(0)
            store.observe { _ in rounds.broadcast { $0 += 1 } }
            try store.put(try StoreFixture.record("20260311-bbbb", at: StoreFixture.instant("2026-03-11")))
            _ = rounds.wait { _ in store.compactedRevision == 3 ? true : nil }
            let reader = try store.makeReader()
            #expect(throws: StoreError.compacted(upTo: 3)) { try reader.changes(after: 2, limit: 10) }
            #expect(try reader.changes(after: 3, limit: 10).changes.map(\.revision) == [4, 5])
            store.close()
        }
        let store = try StoreFixture.open(directory, options)
        #expect(store.compactedRevision == 3)
        #expect(try store.makeReader().ids().count == 5)
        store.close()
        _ = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
    }

    @Test("that are damaged let nobody pass who would miss them")
    func damage() throws {
        let directory = try TemporaryDirectory("store")
        let store = try filled(directory, 9)
        try store.run(.month(year: 2026, month: 2)) { (shard) throws(StoreError) in
            try shard.damageChange(revision: 5)
        }
        let reader = try store.makeReader()
        #expect(throws: StoreError.compacted(upTo: 5)) { try reader.changes(after: 0, limit: 100) }
        #expect(try reader.changes(after: 5, limit: 100).changes.map(\.revision) == [6, 7, 8, 9])
    }
}

extension ShardWriter {
    /// Overwrites a change by bytes that nobody wrote.
    fileprivate func damageChange(revision: UInt64) throws(StoreError) {
        let (key, bytes, table) = (Key(revision: revision).array, [UInt8](repeating: 0x55, count: 40), tables[.changes])
        try write(to: .changes) { (transaction) throws(LMDBError) in
            try transaction.put(key.span, bytes.span, in: table)
        }
    }
}
