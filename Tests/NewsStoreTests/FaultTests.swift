import Files
import LMDB
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing

@Suite("A commit that fails") struct FaultTests {
    /// Faults that are due, by the moment of the commit.
    private final class Faults: Sendable {
        private let due = Mutex<[CommitFault.Moment: Int]>([:])

        /// What the store told of them.
        private let heard = Mutex<[String]>([])

        func hear(_ fault: StoreFault) { heard.withLock { $0.append("\(fault.place): \(fault.event.rawValue)") } }

        var told: [String] { heard.withLock { $0 } }

        func set(_ moment: CommitFault.Moment, _ count: Int) { due.withLock { $0[moment] = count } }

        func next(_ moment: CommitFault.Moment) -> LMDBError? {
            due.withLock { due in
                guard let count = due[moment], count > 0 else { return nil }
                due[moment] = count - 1
                return .system(code: 5)
            }
        }
    }

    private func open(_ directory: TemporaryDirectory, _ faults: Faults) throws -> Store {
        try StoreFixture.open(directory) { options in
            options.commitFault = { moment, _ in faults.next(moment) }
            options.onFault = { faults.hear($0) }
        }
    }

    private func record(_ name: String, _ day: String = "2026-02-27") throws -> ArticleRecord {
        try StoreFixture.record(day.replacing("-", with: "") + "-" + name, at: StoreFixture.instant(day))
    }

    @Test(
        "leaves its outcome unknown, and the shard goes on once it is shown to be writable",
        arguments: [
            (CommitFault.Moment.before, ["20260227-aaaa", "20260227-cccc"]),
            (.after, ["20260227-aaaa", "20260227-bbbb", "20260227-cccc"]),
        ])
    func unknown(moment: CommitFault.Moment, ids: [String]) throws {
        let directory = try TemporaryDirectory("store")
        let faults = Faults()
        let store = try open(directory, faults)
        let period = try #require(Period("2026-02"))
        try store.put(record("aaaa"))
        let reader = try store.makeReader()
        #expect(reader.text("20260227-aaaa").text == "full 20260227-aaaa")
        faults.set(moment, 1)
        #expect(throws: StoreError.outcomeUnknown(period)) { try store.put(record("bbbb")) }
        try store.put(record("cccc"))
        #expect(try reader.ids() == ids)
        #expect(store.articleCount == ids.count)
        #expect(faults.told == ["2026-02: commit failed", "2026-02: shard takes writes again"])
        store.close()
        let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(summary.articleCount == ids.count)
    }

    @Test(
        "gives a later change a revision of its own, whatever became of the failed one",
        arguments: [
            CommitFault.Moment.before, .after,
        ])
    func revisions(moment: CommitFault.Moment) throws {
        let directory = try TemporaryDirectory("store")
        let faults = Faults()
        let store = try open(directory, faults)
        try store.put(record("aaaa"))
        faults.set(moment, 1)
        _ = try? store.put(record("bbbb"))
        #expect(try store.put(record("cccc")) == 3)
        #expect(try store.put(record("dddd", "2026-01-27")) == 4)
    }

    @Test("makes its shard read-only when that cannot be shown; reads and other shards go on")
    func readOnly() throws {
        let directory = try TemporaryDirectory("store")
        let faults = Faults()
        let store = try open(directory, faults)
        let period = try #require(Period("2026-02"))
        try store.put(record("aaaa"))
        faults.set(.before, 1)
        faults.set(.recovery, 1)
        #expect(throws: StoreError.outcomeUnknown(period)) { try store.put(record("bbbb")) }
        #expect(throws: StoreError.readOnly(period)) { try store.put(record("cccc")) }
        #expect(faults.told == ["2026-02: commit failed", "2026-02: shard is read-only"])
        let reader = try store.makeReader()
        #expect(reader.text("20260227-aaaa").text == "full 20260227-aaaa")
        try store.put(record("dddd", "2026-01-27"))
        #expect(try reader.ids() == ["20260227-aaaa", "20260127-dddd"])
        store.close()
        try open(directory, faults).put(record("cccc"))
    }

    @Test("makes its shard read-only while there is no room to show it, and no longer")
    func starved() throws {
        let directory = try TemporaryDirectory("store")
        let (faults, isFull) = (Faults(), Atomic64(1))
        let store = try StoreFixture.open(directory) { options in
            options.recoveryInterval = .zero
            options.commitFault = { moment, _ in
                if moment == .recovery, isFull.value == 1 { return .diskFull }
                return faults.next(moment)
            }
        }
        let period = try #require(Period("2026-02"))
        try store.put(record("aaaa"))
        faults.set(.before, 1)
        #expect(throws: StoreError.outcomeUnknown(period)) { try store.put(record("bbbb")) }
        let path = directory.entry("store/shards/2026-02")
        for _ in 0..<2 { #expect(throws: StoreError.full(path: path)) { try store.put(record("cccc")) } }
        isFull.value = 0
        try store.put(record("cccc"))
        #expect(try store.makeReader().ids() == ["20260227-aaaa", "20260227-cccc"])
    }

    @Test("is not followed by a try for each write while there is no room")
    func starvedForAWhile() throws {
        let directory = try TemporaryDirectory("store")
        let (faults, count) = (Faults(), Atomic64(0))
        let store = try StoreFixture.open(directory) { options in
            options.recoveryInterval = .seconds(3600)
            options.commitFault = { moment, _ in
                guard moment == .recovery else { return faults.next(moment) }
                count.value += 1
                return .diskFull
            }
        }
        try store.put(record("aaaa"))
        faults.set(.before, 1)
        for name in ["bbbb", "cccc", "dddd"] { #expect(throws: StoreError.self) { try store.put(record(name)) } }
        #expect(count.value == 1)
    }

    @Test(
        "lets a repeated request find what happened", arguments: [(CommitFault.Moment.before, false), (.after, true)])
    func request(moment: CommitFault.Moment, happened: Bool) throws {
        let directory = try TemporaryDirectory("store")
        let faults = Faults()
        let store = try open(directory, faults)
        let period = try #require(Period("2026-02"))
        try store.put(record("aaaa"))
        let record = try record("bbbb")
        faults.set(moment, 1)
        #expect(throws: StoreError.outcomeUnknown(period)) {
            try store.run(period) { (shard) throws(StoreError) in
                _ = try shard.put(record)
                try shard.remember(request: "r-1", fingerprint: [1], article: record.id)
            }
        }
        let known = try store.run(period) { (shard) throws(StoreError) in shard.request("r-1") }
        #expect((known != nil) == happened)
    }

    @Test("is told from a full disk, after which nothing has to be shown")
    func diskFull() throws {
        let directory = try TemporaryDirectory("store")
        let (isFull, faults) = (Atomic64(0), Faults())
        let store = try StoreFixture.open(directory) { options in
            options.commitFault = { moment, _ in moment == .before && isFull.value == 1 ? .diskFull : nil }
            options.onFault = { faults.hear($0) }
        }
        try store.put(record("aaaa"))
        isFull.value = 1
        let path = directory.entry("store/shards/2026-02")
        #expect(throws: StoreError.full(path: path)) { try store.put(record("bbbb")) }
        #expect(faults.told == ["2026-02: no room"])
        isFull.value = 0
        try store.put(record("cccc"))
        #expect(try store.makeReader().ids() == ["20260227-aaaa", "20260227-cccc"])
    }

    @Test("is told once when the shard cannot be opened")
    func unusable() throws {
        let directory = try TemporaryDirectory("store")
        let faults = Faults()
        let store = try StoreFixture.open(directory) { options in
            options.openShardsMax = 1
            options.onFault = { faults.hear($0) }
        }
        try store.put(record("aaaa"))
        try store.put(record("bbbb", "2026-01-27"))  // Which closes the other one.
        try FileSystem.writeAtomically(directory.entry("store/shards/2026-02/data.mdb"), [1])
        #expect(throws: StoreError.self) { try store.put(record("cccc")) }
        #expect(faults.told == ["2026-02: shard cannot be used"])
    }
}
