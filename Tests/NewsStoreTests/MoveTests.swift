import LMDB
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing
import Threads

@Suite("A move between shards") struct MoveTests {
    private static let id = "20260227-aaaa"

    private func open(_ path: String, _ change: (inout StoreOptions) -> Void = { _ in }) throws -> Store {
        try Store.open(path, StoreFixture.options(change))
    }

    private func record(_ day: String, _ id: String = MoveTests.id) throws -> ArticleRecord {
        try StoreFixture.record(
            id, at: StoreFixture.instant(day), channel: 0, source: "s", full: Array("full \(day)".utf8), views: 3)
    }

    private func period(_ text: String) throws -> Period { try #require(Period(text)) }

    /// Fills a store with the article to be moved and two that stay.
    private func fill(_ store: Store, _ id: String = MoveTests.id) throws {
        var record = try record("2026-02-27", id)
        record.capture = Array("page".utf8)
        try store.put(record)
        try store.put(StoreFixture.record("20260226-stay", at: StoreFixture.instant("2026-02-26")))
        try store.put(StoreFixture.record("20251201-stay", at: StoreFixture.instant("2025-12-01")))
    }

    /// Whether the store has the article once, wherever one looks.
    private func expectOnce(
        _ store: Store, id: String = MoveTests.id, _ place: String
    ) throws {
        let reader = try store.makeReader()
        #expect(try reader.ids().filter { $0 == id }.count == 1, "\(place)")
        #expect(try reader.ids().count == 3, "\(place)")
        let text = reader.text(id).text
        #expect(["full 2026-02-27", "full 2025-12-24"].contains(text), "\(place): \(text)")
        #expect(reader.text(id, .capture).text == "page", "\(place)")
        #expect(store.articleCount == 3, "\(place)")
    }

    private func expectSound(_ path: String, _ place: String) throws {
        let summary = try Store.check(path) { Issue.record("\(place): \($0)") }
        #expect(summary.articleCount == 3, "\(place)")
    }

    @Test("keeps id, capture, counters and time of creation, and leads to the new shard", arguments: [id, "own-id"])
    func move(id: String) throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try fill(store, id)
        let reader = try store.makeReader()
        _ = reader.text(id)
        let revision = try store.move(record("2025-12-24", id), from: period("2026-02"))
        guard case .found(let header, let counters) = reader.text(id).outcome else {
            Issue.record("lost")
            return
        }
        let wanted = try StoreFixture.instant("2025-12-24")
        #expect(header.revision == revision && header.sortInstant == wanted)
        #expect(counters == Counters(views: 3))
        #expect(try reader.ids() == ["20260226-stay", id, "20251201-stay"])
        #expect(reader.locate(Array(id.utf8).span) == Period("2025-12"))
        try expectOnce(store, id: id, "moved")
        reader.endTurn()
        // And home again, where the id leads by itself.
        try store.move(record("2026-02-27", id), from: period("2025-12"))
        try expectOnce(store, id: id, "home")
        #expect(reader.locate(Array(id.utf8).span) == (id == Self.id ? nil : Period("2026-02")))
        reader.endTurn()
        store.close()
        try expectSound(directory.entry("store"), "home")
    }

    @Test("happens at one time, in whichever shard")
    func time() throws {
        let directory = try TemporaryDirectory("store")
        let ticks = Atomic<Int>(0)
        let store = try StoreFixture.open(directory) { options in
            options.clock = {
                StoreFixture.noon + .microseconds(ticks.add(1, ordering: .relaxed).newValue)
            }
        }
        try fill(store)
        let record = try record("2025-12-24")
        let time = try store.run(period("2026-02"), to: period("2025-12")) { (shard) throws(StoreError) in
            _ = try shard.move(record)
            return shard.now
        }
        guard case .found(let header, _) = try store.makeReader().text(Self.id).outcome else {
            Issue.record("lost")
            return
        }
        #expect(header.updateTime == time)
    }

    @Test("is refused for a deleted article, and changes nothing")
    func deleted() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try fill(store)
        let (id, record) = (try StoreFixture.id(Self.id), try record("2025-12-24"))
        try store.run(period("2026-02")) { (shard) throws(StoreError) in
            _ = try shard.delete(id, purgeTime: shard.now + .seconds(60))
        }
        #expect(throws: StoreError.deleted(id)) { try store.move(record, from: period("2026-02")) }
        #expect(throws: StoreError.absent(id)) { try store.move(record, from: period("2025-11")) }
        store.close()
        try expectSound(directory.entry("store"), "refused")
    }

    /// A move away from the shard that the id names, one back to it, and one of an id that names none.
    private static let ways = [(id: id, isHomeward: false), (id, true), ("own-id", false), ("own-id", true)]

    /// Brings the article to where the move begins.
    ///
    /// - Returns: what it is to become, and the shard that it is in.
    private func way(_ store: Store, _ id: String, _ isHomeward: Bool) throws -> (ArticleRecord, Period) {
        let away = try record("2025-12-24", id)
        guard isHomeward else { return (away, try period("2026-02")) }
        try store.move(away, from: period("2026-02"))
        return (try record("2026-02-27", id), try period("2025-12"))
    }

    @Test(
        "that a crash interrupts at any commit is finished or dropped at the next start, also if that is interrupted",
        arguments: ways)
    func crash(id: String, isHomeward: Bool) throws {
        let directory = try TemporaryDirectory("store")
        let path = directory.entry("store")
        let hook = CommitHook { number in
            CommitHook.clone(path, to: directory.entry("crash-\(number)"))
            return nil
        }
        let store = try open(path) { hook.apply(to: &$0) }
        try fill(store, id)
        let (record, source) = try way(store, id, isHomeward)
        hook.begin()
        try store.move(record, from: source)
        hook.end()
        store.close()
        #expect(hook.count == 10)  // Five commits.
        var outcomes: Set<String> = []
        for number in 0..<hook.count {
            let crashed = directory.entry("crash-\(number)")
            // A check before the start sees a move under way, and no damage.
            _ = try Store.check(crashed) { Issue.record("before \(number): \($0)") }
            let inner = CommitHook { inner in
                CommitHook.clone(crashed, to: directory.entry("crash-\(number)-\(inner)"))
                return nil
            }
            inner.begin()
            let reopened = try open(crashed) { inner.apply(to: &$0) }
            inner.end()
            try expectOnce(reopened, id: id, "crash \(number)")
            outcomes.insert(try reopened.makeReader().text(id).text)
            reopened.close()
            try expectSound(crashed, "crash \(number)")
            for step in 0..<inner.count {
                let again = directory.entry("crash-\(number)-\(step)")
                let store = try open(again)
                try expectOnce(store, id: id, "crash \(number), then \(step)")
                store.close()
                try expectSound(again, "crash \(number), then \(step)")
            }
        }
        #expect(outcomes.count == 2)
    }

    @Test("that has lost its intent leaves the article in two shards, which a check names")
    func lostIntent() throws {
        let directory = try TemporaryDirectory("store")
        let path = directory.entry("store")
        let crashed = directory.entry("crash")
        let hook = CommitHook { number in
            if number == 5 { CommitHook.clone(path, to: crashed) }  // `located` leads to the new shard by now.
            return nil
        }
        let store = try open(path) { hook.apply(to: &$0) }
        try fill(store)
        hook.begin()
        try store.move(record("2025-12-24"), from: period("2026-02"))
        hook.end()
        store.close()
        do {
            var options = EnvironmentOptions(tables: ["channels", "located", "shards", "intents", "meta"])
            options.mapSize = 1 << 28
            let environment = try Environment(crashed + "/catalog", options)
            var transaction = try environment.beginWrite()
            let key = Array(Self.id.utf8)
            #expect(try transaction.remove(key.span, in: environment.table(3)))
            try transaction.commit()
        }
        var problems: [String] = []
        _ = try Store.check(crashed) { problems.append($0.description) }
        #expect(problems == ["catalog/located/\(Self.id): the article is in another shard as well"])
    }

    @Test("that fails at any commit leaves the article in one place at once", arguments: 0..<10, ways)
    func fault(at number: Int, way: (id: String, isHomeward: Bool)) throws {
        let directory = try TemporaryDirectory("store")
        let hook = CommitHook { $0 == number ? .system(code: 5) : nil }
        let store = try StoreFixture.open(directory) { hook.apply(to: &$0) }
        try fill(store, way.id)
        let (record, source) = try self.way(store, way.id, way.isHomeward)
        let target = store.period(of: record.sortInstant)
        hook.begin()
        let outcome = Result { () throws(StoreError) in
            try store.run(source, to: target) { (shard) throws(StoreError) in
                let revision = try shard.move(record)
                try shard.remember(request: "r-1", fingerprint: [1], article: record.id)
                return revision
            }
        }
        hook.end()
        try expectOnce(store, id: way.id, "fault \(number)")
        let isMoved = try Array(store.makeReader().text(way.id).text.utf8) == record.full
        if case .success = outcome { #expect(isMoved) }
        // The request is known exactly if it was done.
        let known = try store.run(.undated) { (shard) throws(StoreError) in shard.request("r-1") }
        #expect((known != nil) == isMoved)
        try store.put(StoreFixture.record("20260226-stay", at: StoreFixture.instant("2026-02-26")))
        store.close()
        try expectSound(directory.entry("store"), "fault \(number)")
        let reopened = try StoreFixture.open(directory)
        try expectOnce(reopened, id: way.id, "reopened \(number)")
    }

    @Test("that fails after other writes of its round hides none of them", arguments: 0..<12)
    func failingRound(at number: Int) throws {
        let directory = try TemporaryDirectory("store")
        let hook = CommitHook { $0 == number ? .system(code: 5) : nil }
        let store = try StoreFixture.open(directory) { hook.apply(to: &$0) }
        try fill(store)
        let (moved, other) = (
            try record("2025-12-24"), try StoreFixture.record("20260226-more", at: StoreFixture.instant("2026-02-26"))
        )
        let (source, target) = (try period("2026-02"), try period("2025-12"))
        // Both are served in one round, since the writer is held until they wait.
        let writer = Monitor((isHeld: false, isFree: false))
        let hold = TestCommand(period: .undated) { (_) throws(StoreError) in
            writer.broadcast { $0.isHeld = true }
            writer.wait { $0.isFree ? () : nil }
        }
        let answers = Monitor(0)
        store.submit(hold) { _ in }
        writer.wait { $0.isHeld ? () : nil }
        hook.begin()
        let put = TestCommand(period: source) { (shard) throws(StoreError) in try shard.put(other) }
        let move = TestCommand(period: source, destination: target) { (shard) throws(StoreError) in
            try shard.move(moved)
        }
        for command in [put, move] { store.submit(command) { _ in answers.broadcast { $0 += 1 } } }
        writer.broadcast { $0.isFree = true }
        answers.wait { $0 == 2 ? () : nil }
        hook.end()
        let ids = try store.makeReader().ids()
        #expect(Set(ids).count == ids.count && ids.contains(Self.id) && store.articleCount == ids.count)
        try store.put(StoreFixture.record("20260225-late", at: StoreFixture.instant("2026-02-25")))
        #expect(try store.makeReader().ids().count == ids.count + 1)
        store.close()
        let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(summary.articleCount == ids.count + 1)
    }

    @Test("is undone when the old shard takes no more writes", arguments: ways)
    func readOnly(id: String, isHomeward: Bool) throws {
        let directory = try TemporaryDirectory("store")
        let isFailing = Atomic<Bool>(false)
        let store = try StoreFixture.open(directory) { options in
            options.commitFault = { moment, period in
                guard isFailing.load(ordering: .relaxed), period == Period(isHomeward ? "2025-12" : "2026-02") else {
                    return nil
                }
                return moment == .after ? nil : .system(code: 5)
            }
        }
        try fill(store, id)
        let (record, source) = try way(store, id, isHomeward)
        let target = store.period(of: record.sortInstant)
        isFailing.store(true, ordering: .relaxed)
        #expect(throws: StoreError.outcomeUnknown(target)) {
            try store.run(source, to: target) { (shard) throws(StoreError) in
                _ = try shard.move(record)
                try shard.remember(request: "r-1", fingerprint: [1], article: record.id)
            }
        }
        try expectOnce(store, id: id, "undone")
        #expect(try store.run(.undated) { (shard) throws(StoreError) in shard.request("r-1") } == nil)
        store.close()
        try expectSound(directory.entry("store"), "undone")
    }

    @Test("that finds no room once the article has arrived is no refusal, and is finished when there is room")
    func full() throws {
        let directory = try TemporaryDirectory("store")
        let isFull = Atomic<Bool>(false)
        let store = try StoreFixture.open(directory) { options in
            options.recoveryInterval = .zero
            options.commitFault = { moment, period in
                guard moment == .before, period == Period("2026-02"), isFull.load(ordering: .relaxed) else {
                    return nil
                }
                return .diskFull
            }
        }
        try fill(store)
        let (source, target) = (try period("2026-02"), try period("2025-12"))
        let moved = try record("2025-12-24")
        isFull.store(true, ordering: .relaxed)
        #expect(throws: StoreError.outcomeUnknown(target)) {
            try store.run(source, to: target) { (shard) throws(StoreError) in
                _ = try shard.move(moved)
                try shard.remember(request: "r-1", fingerprint: [1], article: moved.id)
            }
        }
        // It is in both shards: neither copy can be moved.
        let back = try record("2026-02-27")
        for (from, record) in [(source, moved), (target, back)] {
            let outcome = Result { () throws(StoreError) in try store.move(record, from: from) }
            guard case .failure(.full) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
        }
        isFull.store(false, ordering: .relaxed)
        // The writer settles it between these two.
        for _ in 0..<2 {
            #expect(try store.run(.undated) { (shard) throws(StoreError) in shard.request("r-1") } != nil)
        }
        try expectOnce(store, "settled")
        #expect(try store.makeReader().text(Self.id).text == "full 2025-12-24")
        try store.move(back, from: target)
        try expectOnce(store, "home")
        store.close()
        try expectSound(directory.entry("store"), "home")
    }

    @Test("that finds no room for the article is refused, and changes nothing")
    func noRoom() throws {
        let directory = try TemporaryDirectory("store")
        let isFull = Atomic<Bool>(false)
        let store = try StoreFixture.open(directory) { options in
            options.commitFault = { moment, period in
                guard moment == .before, period == Period("2025-12"), isFull.load(ordering: .relaxed) else {
                    return nil
                }
                return .diskFull
            }
        }
        try fill(store)
        let (moved, source) = (try record("2025-12-24"), try period("2026-02"))
        isFull.store(true, ordering: .relaxed)
        let outcome = Result { () throws(StoreError) in try store.move(moved, from: source) }
        if case .failure(.full) = outcome {} else { Issue.record("\(outcome)") }
        try expectOnce(store, "refused")
        #expect(try store.makeReader().text(Self.id).text == "full 2026-02-27")
        isFull.store(false, ordering: .relaxed)
        try store.move(moved, from: source)
        try expectOnce(store, "moved")
        store.close()
        try expectSound(directory.entry("store"), "moved")
    }

    @Test("is one of many that are submitted at once, in either lane, before the store is closed")
    func many() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let records = try (0..<30).map { number in
            try StoreFixture.record("20260227-n\(100 + number)", at: StoreFixture.instant("2026-02-27"))
        }
        for record in records { try store.put(record) }
        let moved = Monitor<Int>(0)
        for (number, old) in records.enumerated() {
            var record = old
            record.sortInstant = try StoreFixture.instant("2025-12-24", second: number)
            let command = TestCommand(period: try period("2026-02"), destination: try period("2025-12")) {
                [record] (shard) throws(StoreError) in
                try shard.move(record)
            }
            store.submit(command, lane: number.isMultiple(of: 2) ? .foreground : .background) { result in
                moved.broadcast { $0 += (try? result.get()) == nil ? 0 : 1 }
            }
        }
        store.close()
        #expect(moved.withLock { count in count } == 30)
        let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(summary.articleCount == 30)
        #expect(try StoreFixture.open(directory).makeReader().ids() == records.map(\.id.text).reversed())
    }

    @Test(
        "shows the article in one place to whoever reads meanwhile, by its id and in lists", arguments: [id, "own-id"])
    func concurrent(id: String) throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try fill(store, id)
        let isOver = Atomic<Bool>(false)
        let problems = Monitor<[String]>([])
        let readers = (0..<2).map { index in
            Thread.start(name: "reader-\(index)") {
                guard let reader = try? store.makeReader() else { return }
                while !isOver.load(ordering: .relaxed) {
                    let count = (try? reader.ids().filter { $0 == id }.count) ?? -1
                    // A turn that has looked before, and looks again.
                    let outcomes = (0..<3).map { _ in reader.text(id).outcome }
                    problems.signal { problems in
                        if count != 1 { problems.append("\(count) rows") }
                        for outcome in outcomes {
                            if case .found = outcome { continue }
                            problems.append("\(outcome)")
                        }
                    }
                }
            }
        }
        for _ in 0..<40 {
            try store.move(record("2025-12-24", id), from: period("2026-02"))
            try store.move(record("2026-02-27", id), from: period("2025-12"))
        }
        isOver.store(true, ordering: .relaxed)
        for thread in readers { thread.join() }
        #expect(problems.withLock { problems in problems } == [])
        store.close()
        try expectSound(directory.entry("store"), "concurrent")
    }
}
