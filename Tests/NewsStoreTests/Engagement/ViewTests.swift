import Bytes
import LMDB
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing
import Threads

@Suite("Views") struct ViewTests {
    private let id = ViewFixture.id

    private func sound(_ directory: TemporaryDirectory) throws {
        _ = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
    }

    @Test("are shown beside what the page printed, in articles and lists, and are there after a stop")
    func shown() throws {
        let directory = try TemporaryDirectory("store")
        do {
            let store = try StoreFixture.open(directory, ViewFixture.slow)
            try ViewFixture.put(store)
            try ViewFixture.put(store, "20260227-bbbb")
            let reader = try store.makeReader()
            #expect(try store.record([(id, 3), ("20260227-bbbb", 4)]) == .recorded(answer: [1]))
            #expect(try store.record([(id, 2)]) == .recorded(answer: [1]))
            #expect(reader.views() == 100)
            try store.writeViews()
            #expect(reader.views() == 105)
            #expect(try reader.rows().map(\.item.counters?.views) == [105, 104])
            try store.record([(id, 10)])
            store.close()
        }
        let reader = try StoreFixture.open(directory).makeReader()
        #expect(reader.views() == 115)
        #expect(reader.counters()?.known == .views)
    }

    @Test("are shown before they are written, to whoever reads and to whoever writes, and change no revision")
    func unwritten() throws {
        let directory = try TemporaryDirectory("store")
        let told = Monitor<[ArticleID]>([])
        let store = try StoreFixture.open(directory) { options in
            options.viewPublication = .zero
            options.viewFlush = .seconds(7200)
        }
        try ViewFixture.put(store)
        store.observe { counted in told.signal { $0 += counted } }
        let reader = try store.makeReader()
        let before = store.changeNumber
        let revision = store.publishedRevision
        try store.record([(id, 7)])
        let wanted = try StoreFixture.id(id)
        let isTold = told.wait(deadline: MonotonicClock.now + 60_000_000_000) { $0.contains(wanted) ? true : nil }
        #expect(isTold == true)
        #expect(reader.views() == 107)
        #expect(try reader.rows().map(\.item.counters?.views) == [107])
        let period = try #require(Period("2026-02"))
        let seen = try store.run(period) { (shard) throws(StoreError) in try shard.counters(of: wanted).views }
        #expect(seen == 107)
        #expect(store.changeNumber > before && store.publishedRevision == revision)
        store.close()
        try sound(directory)
    }

    @Test("that happened here stay when a page prints another count")
    func imported() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory, ViewFixture.slow)
        try ViewFixture.put(store)
        try store.record([(id, 7)])
        try store.writeViews()
        let (wanted, period) = (try StoreFixture.id(id), try #require(Period("2026-02")))
        try store.run(period) { (shard) throws(StoreError) in try shard.setBase(wanted, Counters(views: 200)) }
        #expect(try store.makeReader().views() == 207)
    }

    @Test("follow their article to another shard, whether it goes before or after they are written")
    func moved() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory, ViewFixture.slow)
        try ViewFixture.put(store)
        try store.record([(id, 3)])
        let away = try StoreFixture.record(id, at: StoreFixture.instant("2025-12-24"), views: 100)
        try store.move(away, from: #require(Period("2026-02")))
        try store.record([(id, 4)])  // Found before it went.
        try store.writeViews()
        let reader = try store.makeReader()
        #expect(reader.views() == 107)
        try ViewFixture.put(store, "20260227-bbbb")
        try store.record([(id, 5)], period: "2025-12")
        let home = try StoreFixture.record(id, at: StoreFixture.instant("2026-02-27"), views: 100)
        try store.move(home, from: #require(Period("2025-12")))
        #expect(reader.views() == 107)
        store.close()
        #expect(try StoreFixture.open(directory).makeReader().views() == 112)
        try sound(directory)
    }

    @Test("of an article that is gone are dropped, and none of them are those of a later one with its id")
    func purged() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory) { options in
            options.viewPublication = .zero
            options.viewFlush = .seconds(7200)
        }
        try ViewFixture.put(store)
        let (wanted, period) = (try StoreFixture.id(id), try #require(Period("2026-02")))
        try store.record([(id, 7)])
        try store.writeViews()
        try store.record([(id, 8)])
        try store.run(period) { (shard) throws(StoreError) in _ = try shard.purge(wanted) }
        try store.record([(id, 9), ("20260227-none", 1)])
        try store.writeViews()
        #expect(try store.makeReader().views() == nil)
        try ViewFixture.put(store)
        try store.record([(id, 1)])
        try store.writeViews()
        #expect(try store.makeReader().views() == 101)
        store.close()
        try sound(directory)
    }

    @Test("are shown to a reader that kept nothing since its last turn")
    func rested() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory, ViewFixture.slow)
        try ViewFixture.put(store)
        let reader = try store.makeReader()
        for total in [105, 110] as [Int64] {
            try store.record([(id, 5)])
            try store.writeViews()
            #expect(reader.views() == total)
            reader.rest()
            #expect(reader.views() == total)
        }
    }

    @Test("that were recorded of an article which is purged are not those of its successor", arguments: [false, true])
    func successor(areTaken: Bool) throws {
        let directory = try TemporaryDirectory("store")
        let time = Mutex(StoreFixture.noon)
        let store = try StoreFixture.open(directory) { options in
            ViewFixture.slow(&options)
            options.clock = { time.withLock { $0 } }
        }
        try ViewFixture.put(store)
        let (wanted, period) = (try StoreFixture.id(id), try #require(Period("2026-02")))
        try store.record([(id, 7)])
        try store.run(period) { (shard) throws(StoreError) in _ = try shard.purge(wanted) }
        let later = StoreFixture.noon + .seconds(1)
        time.withLock { $0 = later }
        try ViewFixture.put(store)
        if areTaken { try store.writeViews() }
        try store.record([(id, 2)], createTime: later)
        // Whoever read the earlier article may come after those who read the later one.
        try store.record([(id, 7)])
        try store.writeViews()
        #expect(try store.makeReader().views() == 102)
        store.close()
        #expect(try StoreFixture.open(directory).makeReader().views() == 102)
        try sound(directory)
    }

    @Test("of a new overlay are in a list, also when its turn has read before")
    func laterInTurn() throws {
        let directory = try TemporaryDirectory("store")
        let told = Monitor<Bool>(false)
        let store = try StoreFixture.open(directory) { options in
            options.viewPublication = .zero
            options.viewFlush = .seconds(7200)
        }
        try ViewFixture.put(store)
        let wanted = try StoreFixture.id(id)
        store.observe { counted in told.signal { if counted.contains(wanted) { $0 = true } } }
        let reader = try store.makeReader()
        _ = reader.read(Array(id.utf8).span, .head, appendingTo: ByteArena())
        try store.record([(id, 7)])
        let isTold = told.wait(deadline: MonotonicClock.now + 60_000_000_000) { $0 ? true : nil }
        #expect(isTold == true)
        #expect(try reader.rows().map(\.item.counters?.views) == [107])
    }

    @Test("of a deleted article wait with it")
    func deleted() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory, ViewFixture.slow)
        try ViewFixture.put(store)
        let (wanted, period) = (try StoreFixture.id(id), try #require(Period("2026-02")))
        try store.record([(id, 7)])
        try store.run(period) { (shard) throws(StoreError) in
            _ = try shard.delete(wanted, purgeTime: shard.now + .seconds(60))
        }
        try store.writeViews()
        try store.run(period) { (shard) throws(StoreError) in _ = try shard.undelete(wanted) }
        #expect(try store.makeReader().views() == 107)
    }

    @Test("of a repeated request count once, and other content under its id is told from it")
    func repeated() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory, ViewFixture.slow)
        try ViewFixture.put(store)
        #expect(try store.record([(id, 3)], request: "r1") == .recorded(answer: [1]))
        #expect(try store.record([(id, 3)], request: "r1") == .recorded(answer: [1]))
        #expect(try store.record([(id, 4)], request: "r1", fingerprint: 2) == .conflict)
        #expect(try store.record([(id, 4)], request: "r2", fingerprint: 2) == .recorded(answer: [2]))
        try store.writeViews()
        #expect(try store.record([(id, 3)], request: "r1") == .recorded(answer: [1]))
        try store.writeViews()
        #expect(try store.makeReader().views() == 107)
    }

    @Test("are taken no more once the store is closed")
    func closed() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try ViewFixture.put(store)
        store.close()
        #expect(try store.record([(id, 3)]) == .failed(.closed))
    }

    @Test("of 64 threads are all counted, once each", .timeLimit(.minutes(5)))
    func concurrent() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory, ViewFixture.quick)
        let ids = (0..<10).map { "20260227-aaa\($0)" }
        for id in ids { try ViewFixture.put(store, id) }
        let threads = (0..<64).map { worker in
            Thread.start(name: "worker-\(worker)") {
                for round in 0..<50 {
                    let outcome = try? store.record([(ids[(worker + round + 1) % 10], 2)])
                    #expect(outcome == .recorded(answer: [1]))
                    #expect((try? store.record([(ids[worker % 10], 1)])) == .recorded(answer: [1]))
                }
            }
        }
        for thread in threads { thread.join() }
        store.close()
        try sound(directory)
        let reader = try StoreFixture.open(directory).makeReader()
        let sum = ids.map { reader.views($0) ?? 0 }.reduce(0, +)
        #expect(sum == Int64(10 * 100 + 64 * 50 * 3))
    }
}

@Suite("Views, when there is no room or no disk for them") struct ViewFaultTests {
    private let id = ViewFixture.id

    @Test("wait for room, and for nothing else, and none is lost", .timeLimit(.minutes(5)))
    func room() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory) { options in
            ViewFixture.slow(&options)
            options.unwrittenViewsMax = 1000
        }
        let ids = (0..<1000).map { "20260227-\(10_000 + $0)" }
        for id in ids { try ViewFixture.put(store, id) }
        // The writer is held, so nothing can be written.
        let gate = WaitFlag()
        let period = try #require(Period("2026-02"))
        store.submit(TestCommand(period: period) { (_) throws(StoreError) in gate.wait() }) { _ in }
        let report = try ViewFixture.report(ids.map { ($0, 1) }, request: "r1")
        let outcomes = Monitor<[ViewOutcome]>([])
        #expect(store.record(report) { _ in } == .recorded(answer: [1]))
        let second = try ViewFixture.report(ids.map { ($0, 2) }, request: "r2")
        // Twice the same, and one more behind it.
        #expect(store.record(second) { outcome in outcomes.signal { $0.append(outcome) } } == nil)
        #expect(store.record(second) { outcome in outcomes.signal { $0.append(outcome) } } == nil)
        let third = try ViewFixture.report([(id: ids[0], count: 4)])
        #expect(store.record(third) { outcome in outcomes.signal { $0.append(outcome) } } == nil)
        gate.raise()
        let deadline = MonotonicClock.now + 120_000_000_000
        let told = outcomes.wait(deadline: deadline) { $0.count == 3 ? $0 : nil }
        #expect(told == Array(repeating: .recorded(answer: [1]), count: 3))
        store.close()
        let reader = try StoreFixture.open(directory).makeReader()
        #expect(reader.views(ids[0]) == 107 && reader.views(ids[999]) == 103)
    }

    @Test("count once when nobody knows what became of their commit", arguments: [CommitFault.Moment.before, .after])
    func unknown(moment: CommitFault.Moment) throws {
        let directory = try TemporaryDirectory("store")
        let faults = CommitFaults()
        let store = try StoreFixture.open(directory) { options in
            ViewFixture.slow(&options)
            options.commitFault = { moment, _ in faults.next(moment) }
        }
        try ViewFixture.put(store)
        let period = try #require(Period("2026-02"))
        try store.record([(id, 5)])
        faults.set(moment)
        #expect(throws: StoreError.outcomeUnknown(period)) { try store.writeViews() }
        let reader = try store.makeReader()
        #expect(reader.views() == 105)
        try store.record([(id, 6)])
        try store.writeViews()
        #expect(reader.views() == 111)
        store.close()
        #expect(try StoreFixture.open(directory).makeReader().views() == 111)
    }

    @Test("are not to be recorded for a shard that takes no writes, and are counted in the others")
    func readOnly() throws {
        let directory = try TemporaryDirectory("store")
        let faults = CommitFaults()
        let store = try StoreFixture.open(directory) { options in
            ViewFixture.slow(&options)
            options.commitFault = { moment, period in
                if moment == .recovery, period == Period("2026-02") { return .system(code: 5) }
                return faults.next(moment)
            }
        }
        try ViewFixture.put(store)
        try ViewFixture.put(store, "20251201-bbbb", day: "2025-12-01")
        try store.record([(id, 5)])
        faults.set(.before)
        let period = try #require(Period("2026-02"))
        #expect(throws: StoreError.outcomeUnknown(period)) { try store.writeViews() }
        #expect(try !store.takesViews(period) && store.takesViews(#require(Period("2025-12"))))
        try store.record([("20251201-bbbb", 6)], period: "2025-12")
        #expect(throws: StoreError.readOnly(period)) { try store.writeViews() }
        // What was counted before is shown for as long as the store is open.
        #expect(try store.makeReader().views() == 105)
        store.close()
        #expect(try StoreFixture.open(directory).makeReader().views("20251201-bbbb") == 106)
    }

    @Test("that wait for room are refused when nothing can be written", .timeLimit(.minutes(5)))
    func noRoom() throws {
        let directory = try TemporaryDirectory("store")
        let faults = CommitFaults()
        let store = try StoreFixture.open(directory) { options in
            ViewFixture.slow(&options)
            options.unwrittenViewsMax = 1000
            options.commitFault = { moment, _ in faults.next(moment) }
        }
        let ids = (0..<1000).map { "20260227-\(10_000 + $0)" }
        for id in ids { try ViewFixture.put(store, id) }
        faults.set(.before, 1000)
        let gate = WaitFlag()
        let period = try #require(Period("2026-02"))
        store.submit(TestCommand(period: period) { (_) throws(StoreError) in gate.wait() }) { _ in }
        let report = try ViewFixture.report(ids.map { ($0, 1) })
        let outcome = Monitor<ViewOutcome?>(nil)
        #expect(store.record(report) { _ in } == .recorded(answer: [1]))
        #expect(store.record(report) { told in outcome.signal { $0 = told } } == nil)
        gate.raise()
        let deadline = MonotonicClock.now + 120_000_000_000
        // Not with the name of a shard that may be none of theirs.
        guard case .failed(.notWritable)? = outcome.wait(deadline: deadline, until: { $0 }) else {
            Issue.record("not refused as it should be")
            return
        }
        faults.set(.before, 0)
        try store.writeViews()
        #expect(try store.makeReader().views(ids[0]) == 101)
    }
}
