import Files
import LMDB
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing

@Suite("A change of the layout") struct ReshardTests {
    /// Each way from one length to another once, and to slots and back, alone and with the length.
    private static let path = [
        "quarter", "year", "month", "year 5", "quarter", "month 3", "month 4", "quarter 2", "month",
    ]

    /// Everything that readers can see, down to the bytes.
    private struct Sight: Equatable {
        var rows: [[StoreReader.Row]] = []
        var changes: [StoreChange] = []
        var texts: [String] = []

        init(_ store: Store) throws {
            let reader = try store.makeReader()
            for newestFirst in [true, false] {
                for source in [nil, "s"] {
                    var scan = ListScan()
                    (scan.newestFirst, scan.source) = (newestFirst, source)
                    rows.append(try reader.rows(scan))
                    // Pages after any row, as tokens have them.
                    if let key = rows.last?.dropFirst(7).first?.key {
                        scan.after = key
                        rows.append(try reader.rows(scan, limit: 9))
                    }
                }
            }
            changes = try reader.changes(after: 0, limit: 100_000).changes
            for row in rows[0] {
                for part in [StoreReader.Part.full, .capture] { texts.append("\(reader.text(row.id, part))") }
            }
        }
    }

    /// A store of all that there is: articles deleted, purged, moved within a quarter, within a year and beyond, titles
    /// that come again, ids that name no shard, requests.
    private func fill(_ store: Store, _ random: inout SeededGenerator) throws -> LiveStore {
        let live = try LiveStore(store, count: 30, dayCount: 200, random: &random)
        let seed = random.next()
        try live.during(seed: seed) {}
        for (number, day) in ["2026-02-10", "2026-05-10", "2027-01-10"].enumerated() {
            let id = "20260105-moved\(number)"
            try live.put(StoreFixture.record(id, at: StoreFixture.instant("2026-01-05")))
            let record = try StoreFixture.record(id, at: StoreFixture.instant(day))
            try store.move(record, from: #require(Period("2026-01")))
        }
        return live
    }

    private func layout(_ text: String) throws -> ShardLayout {
        try #require(ShardLayout(words: text.split(separator: " ")))
    }

    private func check(_ path: String, _ place: String) throws {
        _ = try Store.check(path) { Issue.record("\(place): \($0)") }
    }

    private func request(_ store: Store, _ id: String) throws -> ArticleID? {
        try store.run(.undated) { (shard) throws(StoreError) in shard.request(id)?.article }
    }

    @Test("leaves lists, pages, articles, counters, changes and requests as they are")
    func same() throws {
        var random = SeededGenerator.forTest("reshard")
        let directory = try TemporaryDirectory("reshard")
        var store = try StoreFixture.open(directory)
        _ = try fill(store, &random)
        let id = try StoreFixture.id("20260105-moved0")
        try store.run(#require(Period("2026-02"))) { (shard) throws(StoreError) in
            try shard.remember(request: "r-1", fingerprint: [1], article: id)
        }
        let sight = try Sight(store)
        for (number, text) in Self.path.enumerated() {
            let layout = try layout(text)
            let before = store.layout
            let observer = ProgressRecorder()
            let summary = try store.reshard(into: layout, observer: observer)
            #expect(summary.from == before && summary.to == layout && store.layout == layout)
            #expect(summary.articleCount == store.articleCount && summary.shardCountAfter == store.shardCount)
            #expect(observer.progress.last.map { $0.doneCount == $0.totalCount } == true)
            #expect(store.periods.allSatisfy { $0.layout ?? layout == layout })
            #expect(try (Sight(store) == sight) as Bool, "\(layout)")
            #expect(try request(store, "r-1") == id)
            #expect(store.pendingReshard == nil)
            if number.isMultiple(of: 2) {
                store.close()
                try check(directory.entry("store"), "\(layout)")
                store = try StoreFixture.open(directory)
                #expect(store.unavailableShards.isEmpty && store.layout == layout)
                #expect(try (Sight(store) == sight) as Bool, "reopened \(layout)")
                #expect(try request(store, "r-1") == id)
            }
        }
        // And it can be written as ever.
        try store.put(StoreFixture.record("20260105-new", at: StoreFixture.instant("2026-01-05")))
        store.close()
        try check(directory.entry("store"), "end")
        #expect(try FileSystem.list(directory.entry("store")).contains { $0.lowercased() == "reshard" } == false)
    }

    @Test("while the store is written and read shows every article once, all the time", .timeLimit(.minutes(5)))
    func live() throws {
        var random = SeededGenerator.forTest("reshard while serving")
        let directory = try TemporaryDirectory("reshard")
        let store = try StoreFixture.open(directory)
        let live = try LiveStore(store, count: 80, dayCount: 400, random: &random)
        for text in ["quarter", "month 3", "year 4", "month"] {
            let (seed, layout) = (random.next(), try layout(text))
            let summary = try live.during(seed: seed) { try store.reshard(into: layout) }
            #expect(summary.shardCountBefore > 0)
            try live.compare(store.makeReader(), text)
        }
        store.close()
        let check = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(check.articleCount == live.count)
        try live.compare(StoreFixture.open(directory).makeReader(), "reopened")
    }

    @Test(
        "that a crash interrupts at any step is undone or done, goes on, and can be given up",
        arguments: [("month", "quarter"), ("year", "month 3"), ("quarter 3", "year 2")])
    func crash(from: String, to: String) throws {
        let (from, to) = (try layout(from), try layout(to))
        var random = SeededGenerator.forTest("reshard and crash")
        let directory = try TemporaryDirectory("reshard")
        let path = directory.entry("store")
        let steps = Mutex<[String]>([])
        let isOn = Atomic<Bool>(false)
        let store = try StoreFixture.open(directory) { options in
            options.operationStep = { step in
                guard isOn.load(ordering: .relaxed) else { return }
                let number = steps.withLock { steps -> Int? in
                    // One group is as good as the next.
                    if step.hasPrefix("copied "), steps.contains(where: { $0.hasPrefix("copied ") }) { return nil }
                    steps.append(step)
                    return steps.count
                }
                guard let number else { return }
                CrashClone.make(of: path, at: directory.entry("crash-\(number)"))
            }
        }
        _ = try fill(store, &random)
        _ = try store.reshard(into: from)
        let sight = try Sight(store)
        isOn.store(true, ordering: .relaxed)
        _ = try store.reshard(into: to)
        isOn.store(false, ordering: .relaxed)
        store.close()
        let names = steps.withLock { $0 }
        #expect(names.count == 7 && names.contains("flipped"))
        for (index, step) in names.enumerated() {
            let crashed = directory.entry("crash-\(index + 1)")
            let isFlipped = index >= (names.firstIndex(of: "flipped") ?? 0)
            CrashClone.make(of: crashed, at: crashed + "-abort")
            try check(crashed, "\(step), before the start")
            let reopened = try Store.open(crashed, StoreFixture.options())
            #expect(reopened.unavailableShards.isEmpty, "\(step)")
            #expect(reopened.layout == (isFlipped ? to : from), "\(step)")
            #expect(reopened.pendingReshard == (isFlipped ? nil : to), "\(step)")
            #expect(try (Sight(reopened) == sight) as Bool, "\(step)")
            let summary = try reopened.reshard(into: to)
            if step == "sealed" || step == "in place" { #expect(summary.resumedShardCount > 0, "\(step)") }
            #expect(try (Sight(reopened) == sight) as Bool, "\(step), gone on")
            reopened.close()
            try check(crashed, "\(step), gone on")

            let aborted = try Store.open(crashed + "-abort", StoreFixture.options())
            #expect(try aborted.abortReshard() == !isFlipped)
            #expect(aborted.pendingReshard == nil)
            try aborted.put(StoreFixture.record("20260105-new", at: StoreFixture.instant("2026-01-05")))
            aborted.close()
            try check(crashed + "-abort", "\(step), given up")
            #expect(try FileSystem.list(crashed + "-abort").contains { $0.lowercased() == "reshard" } == false)
        }
    }

    /// A store that leaves a clone of itself in "crash", as it is when a reshard has copied all.
    private func cloning(_ directory: TemporaryDirectory) throws -> Store {
        let path = directory.entry("store")
        return try StoreFixture.open(directory) { options in
            options.operationStep = { step in
                if step == "copied" { CrashClone.make(of: path, at: directory.entry("crash")) }
            }
        }
    }

    @Test("that goes on after a crash copies again what has been written since")
    func resume() throws {
        var random = SeededGenerator.forTest("reshard and resume")
        let directory = try TemporaryDirectory("reshard")
        let store = try cloning(directory)
        _ = try fill(store, &random)
        _ = try store.reshard(to: .quarter)
        store.close()
        let reopened = try Store.open(directory.entry("crash"), StoreFixture.options())
        try reopened.put(StoreFixture.record("20260105-new", at: StoreFixture.instant("2026-01-05")))
        let sight = try Sight(reopened)
        let count = reopened.shardCount
        let summary = try reopened.reshard(to: .quarter)
        #expect(summary.resumedShardCount > 0 && summary.resumedShardCount < count)
        #expect(try (Sight(reopened) == sight) as Bool)
        reopened.close()
        try check(directory.entry("crash"), "resumed")
    }

    @Test("that is cancelled, at any time, leaves the store as it was", arguments: [1, 3])
    func cancelled(stopsAt: Int) throws {
        var random = SeededGenerator.forTest("reshard and cancel")
        let directory = try TemporaryDirectory("reshard")
        let store = try StoreFixture.open(directory)
        _ = try fill(store, &random)
        let sight = try Sight(store)
        #expect(throws: StoreError.cancelled) {
            try store.reshard(to: .quarter, observer: ProgressRecorder(stopsAt: stopsAt))
        }
        #expect(store.layout == ShardLayout(.month) && store.pendingReshard == nil)
        #expect(try (Sight(store) == sight) as Bool)
        #expect(try FileSystem.list(directory.entry("store")).contains { $0.lowercased() == "reshard" } == false)
        store.close()
        try check(directory.entry("store"), "cancelled")
    }

    @Test("with a flush of an old shard still to come tells of no fault, and keeps what was written meanwhile")
    func deferredFlush() throws {
        let directory = try TemporaryDirectory("reshard")
        let opened = Mutex<Store?>(nil)
        let faults = Mutex<[String]>([])
        let late = try StoreFixture.record("20260227-late", at: StoreFixture.instant("2026-02-27"))
        let store = try StoreFixture.open(directory) { options in
            options.durability = .relaxed(.seconds(3600))
            options.onFault = { fault in faults.withLock { $0.append("\(fault)") } }
            options.operationStep = { step in
                // After the copy, before the writer is held.
                if step == "copied" { _ = try? opened.withLock { $0 }?.put(late) }
            }
        }
        opened.withLock { $0 = store }
        try store.put(StoreFixture.record("20260201-early", at: StoreFixture.instant("2026-02-01")))
        _ = try store.reshard(slots: 2)
        try store.put(StoreFixture.record("20260202-after", at: StoreFixture.instant("2026-02-02")))
        opened.withLock { $0 = nil }
        store.close()
        #expect(faults.withLock { $0 } == [])
        try check(directory.entry("store"), "relaxed")
        #expect(
            try StoreFixture.open(directory).makeReader().ids() == [
                "20260227-late", "20260202-after", "20260201-early",
            ])
    }

    @Test("copies the likes of an article in pieces, and follows each of them")
    func reactions() throws {
        let directory = try TemporaryDirectory("reshard")
        let opened = Mutex<Store?>(nil)
        let year = try #require(Period("2026"))
        let ids = try ["20260227-stay", "20260227-goes", "20260227-gone"].map { try StoreFixture.id($0) }
        let moved = try StoreFixture.record(ids[1].text, at: StoreFixture.instant("2026-05-05"))
        let store = try StoreFixture.open(directory) { options in
            options.periodLength = .year
            options.reactionPieceMax = 3
            options.operationStep = { step in
                guard step == "copied" else { return }
                _ = try? opened.withLock { $0 }?.run(year) { (shard) throws(StoreError) in
                    _ = try shard.add(.like(by: "late"), to: ids[0])
                    _ = try shard.remove(.like(by: "actor-3"), from: ids[0])
                    _ = try shard.put(moved)
                    _ = try shard.add(.like(by: "late"), to: ids[1])
                    _ = try shard.purge(ids[2])
                }
            }
        }
        opened.withLock { $0 = store }
        for id in ids {
            try store.put(StoreFixture.record(id.text, at: StoreFixture.instant("2026-02-27")))
            try store.run(year) { (shard) throws(StoreError) in
                for number in 1...7 { _ = try shard.add(.like(by: "actor-\(number)"), to: id) }
            }
        }
        _ = try store.reshard(to: .month)
        opened.withLock { $0 = nil }
        let reader = try store.makeReader()
        #expect(try reader.ids().prefix(2) == [ids[1].text, ids[0].text])
        let counts = ids.map { id -> Int64? in
            guard case .found(_, let counters) = reader.text(id.text).outcome else { return nil }
            return counters.likes
        }
        #expect(counts[0] == 7 && counts[1] == 8)
        try store.run(#require(Period("2026-02"))) { (shard) throws(StoreError) in
            _ = try shard.add(.like(by: "late"), to: ids[0])
        }
        #expect(
            try store.run(#require(Period("2026-02"))) { (shard) throws(StoreError) in
                try shard.counters(of: ids[0]).likes
            } == 7)
        store.close()
        try check(directory.entry("store"), "likes")
    }

    @Test("takes over no copies of other files, though they have had as many transactions")
    func otherFiles() throws {
        var random = SeededGenerator.forTest("reshard and other files")
        let directory = try TemporaryDirectory("reshard")
        let store = try cloning(directory)
        _ = try fill(store, &random)
        let sight = try Sight(store)
        _ = try store.reshard(to: .quarter)
        store.close()
        // As whoever puts files of a backup there would do.
        let shards = directory.entry("crash/shards")
        for name in try FileSystem.list(shards) {
            let file = shards + "/" + name + "/data.mdb"
            try FileSystem.writeAtomically(file, FileSystem.read(file))
        }
        let reopened = try Store.open(directory.entry("crash"), StoreFixture.options())
        #expect(try reopened.reshard(to: .quarter).resumedShardCount == 0)
        #expect(try (Sight(reopened) == sight) as Bool)
    }

    @Test("takes over no copies of what a power cut has undone, with relaxed durability")
    func undone() throws {
        var random = SeededGenerator.forTest("reshard and undo")
        let directory = try TemporaryDirectory("reshard")
        let path = directory.entry("store")
        let (before, after) = (directory.entry("before"), directory.entry("after"))
        let late = try StoreFixture.record("20260105-late", at: StoreFixture.instant("2026-01-05"))
        let opened = Mutex<Store?>(nil)
        let store = try StoreFixture.open(directory) { options in
            options.durability = .relaxed(.seconds(3600))
            options.operationStep = { step in
                if step == "begun" { CrashClone.make(of: path, at: before) }
                // What is followed.
                if step == "copied" { _ = try? opened.withLock { $0 }?.put(late) }
                if step == "sealed" { CrashClone.make(of: path, at: after) }
            }
        }
        opened.withLock { $0 = store }
        _ = try fill(store, &random)
        let sight = try Sight(store)
        _ = try store.reshard(to: .quarter)
        opened.withLock { $0 = nil }
        store.close()
        // The old shards are what they were, the copies what was made of them afterwards.
        try FileSystem.removeTree(before + "/reshard")
        try FileSystem.rename(after + "/reshard", to: before + "/reshard")
        CrashClone.restamp(before)
        let reopened = try Store.open(before, StoreFixture.options())
        #expect(try (Sight(reopened) == sight) as Bool)
        let count = reopened.shardCount
        let summary = try reopened.reshard(to: .quarter)
        #expect(summary.resumedShardCount > 0 && summary.resumedShardCount < count)
        #expect(try (Sight(reopened) == sight) as Bool)
        reopened.close()
        try check(before, "undone")
    }

    @Test("that fails once it has settled a move shows the article in one place")
    func settledMove() throws {
        let directory = try TemporaryDirectory("reshard")
        let path = directory.entry("store")
        let isFull = Atomic<Bool>(false)
        let store = try StoreFixture.open(directory) { options in
            options.recoveryInterval = .seconds(3600)
            options.commitFault = { moment, period in
                let isMeant = moment == .before && period == Period("2026-02") && isFull.load(ordering: .relaxed)
                return isMeant ? .diskFull : nil
            }
            options.operationStep = { step in
                // What is to take the place of the old shards is gone.
                if step == "sealed" { try? FileSystem.removeTree(path + "/reshard/2026") }
            }
        }
        try store.put(StoreFixture.record("20260227-a", at: StoreFixture.instant("2026-02-27")))
        let moved = try StoreFixture.record("20260227-a", at: StoreFixture.instant("2026-01-27"))
        isFull.store(true, ordering: .relaxed)
        #expect(throws: StoreError.outcomeUnknown(try #require(Period("2026-01")))) {
            try store.move(moved, from: #require(Period("2026-02")))
        }
        isFull.store(false, ordering: .relaxed)
        #expect(throws: StoreError.self) { try store.reshard(to: .year) }
        #expect(store.layout == ShardLayout(.month) && store.articleCount == 1)
        #expect(try store.makeReader().ids() == ["20260227-a"])
        store.close()
        try check(path, "settled")
    }

    @Test("keeps both layouts, and is finished by the next start, when nobody knows which STORE is on the disk")
    func uncertain() throws {
        var random = SeededGenerator.forTest("reshard and uncertain")
        let directory = try TemporaryDirectory("reshard")
        let path = directory.entry("store")
        let isOn = Atomic<Bool>(true)
        let store = try StoreFixture.open(directory) { options in
            options.operationStep = { step in
                // STORE cannot be written.
                guard step == "in place", isOn.load(ordering: .relaxed) else { return }
                try? FileSystem.makeDirectory(path + "/STORE.new")
            }
        }
        _ = try fill(store, &random)
        let sight = try Sight(store)
        #expect(throws: StoreError.self) { try store.reshard(to: .quarter) }
        #expect(try (Sight(store) == sight) as Bool)
        let late = try StoreFixture.record("20260105-late", at: StoreFixture.instant("2026-01-05"))
        #expect(throws: StoreError.readOnly(try #require(Period("2026-01")))) { try store.put(late) }
        #expect(throws: StoreError.readOnly(.undated)) { try store.reshard(to: .year) }
        #expect(throws: StoreError.readOnly(.undated)) { try store.abortReshard() }
        store.close()
        try FileSystem.removeTree(path + "/STORE.new")
        CrashClone.make(of: path, at: directory.entry("new"))
        // The old STORE is there: the copies go back, and the next attempt takes them.
        isOn.store(false, ordering: .relaxed)
        let old = try StoreFixture.open(directory)
        #expect(old.layout == ShardLayout(.month) && old.pendingReshard == ShardLayout(.quarter))
        #expect(try (Sight(old) == sight) as Bool)
        #expect(try old.reshard(to: .quarter).resumedShardCount > 0)
        #expect(try (Sight(old) == sight) as Bool)
        old.close()
        try check(path, "old")
        // The new one is: the old shards go.
        let file = directory.entry("new/STORE")
        var lines = String(decoding: try FileSystem.read(file), as: UTF8.self)
            .replacing("period month", with: "period quarter").split(separator: "\n").map { $0 + "\n" }
        lines.removeLast()
        let body = Array(lines.joined().utf8)
        let sum = StoreFixture.checksum(body)
        try FileSystem.writeAtomically(file, body + Array("crc32c \(sum)\n".utf8))
        let new = try Store.open(directory.entry("new"), StoreFixture.options())
        #expect(new.layout == ShardLayout(.quarter) && new.pendingReshard == nil)
        #expect(try (Sight(new) == sight) as Bool)
        new.close()
        try check(directory.entry("new"), "new")
    }

    @Test("first finishes the one before, of which old shards are left", arguments: [false, true])
    func finishesFirst(reopens: Bool) throws {
        let directory = try TemporaryDirectory("reshard")
        let path = directory.entry("store")
        var store = try StoreFixture.open(directory)
        try store.put(StoreFixture.record("20260227-a", at: StoreFixture.instant("2026-02-27")))
        _ = try store.reshard(to: .year)
        let body = Array("newsrpc reshard\nfrom month\nto year\n".utf8)
        try FileSystem.writeAtomically(
            path + "/RESHARD", body + Array("crc32c \(StoreFixture.checksum(body))\n".utf8))
        try FileSystem.makeDirectory(path + "/shards/2026-02")
        try FileSystem.writeAtomically(path + "/shards/2026-02/data.mdb", [1])
        try FileSystem.makeDirectory(path + "/reshard")
        #expect(store.pendingReshard == nil)
        if reopens {
            store.close()
            store = try StoreFixture.open(directory)
            #expect(try FileSystem.list(path + "/shards").sorted() == ["2026"])
        }
        _ = try store.reshard(to: .quarter)
        #expect(try FileSystem.list(path + "/shards").sorted() == ["2026-q1"])
        #expect(try FileSystem.list(path).contains { $0.lowercased() == "reshard" } == false)
        #expect(try store.makeReader().ids() == ["20260227-a"])
        store.close()
        try check(path, "finished")
    }

    @Test("is refused where an article is damaged, which it names, and changes nothing")
    func damaged() throws {
        let directory = try TemporaryDirectory("reshard")
        do {
            let store = try StoreFixture.open(directory)
            try store.put(StoreFixture.record("20260227-a", at: StoreFixture.instant("2026-02-27")))
            try store.put(StoreFixture.record("20260127-b", at: StoreFixture.instant("2026-01-27")))
            store.close()
        }
        do {
            let environment = try Environment(
                directory.entry("store/shards/2026-02"), EnvironmentOptions(tables: ["articles"]))
            var transaction = try environment.beginWrite()
            try transaction.put(Array("20260227-a".utf8).span, [1, 2, 3, 4, 5, 6].span, in: environment.table(0))
            try transaction.commit()
        }
        try StoreFixture.forgetStop(directory)
        let store = try StoreFixture.open(directory)
        let place = DamagedPlace(shard: "2026-02", table: "articles", key: "20260227-a")
        #expect(throws: StoreError.damaged(place)) { try store.reshard(to: .year) }
        #expect(store.layout == ShardLayout(.month) && store.pendingReshard == nil)
        #expect(try store.makeReader().text("20260127-b").text == "full 20260127-b")
    }

    @Test("cannot be mistaken: shards of another length than STORE says are an error, and stay")
    func wrongStore() throws {
        let directory = try TemporaryDirectory("reshard")
        let path = directory.entry("store")
        let store = try StoreFixture.open(directory)
        try store.put(StoreFixture.record("20260227-a", at: StoreFixture.instant("2026-02-27")))
        let old = try FileSystem.read(path + "/STORE")
        _ = try store.reshard(to: .year)
        store.close()
        let new = try FileSystem.read(path + "/STORE")
        try FileSystem.writeAtomically(path + "/STORE", old)
        let reason = "its period is month, and shard 2026 is there"
        #expect(throws: StoreError.damagedStoreFile(path: path + "/STORE", reason: reason)) {
            try StoreFixture.open(directory)
        }
        try FileSystem.writeAtomically(path + "/STORE", new)
        #expect(try StoreFixture.open(directory).makeReader().ids() == ["20260227-a"])
    }
}

extension Store {
    @discardableResult func reshard(
        into layout: ShardLayout, observer: (any OperationObserver)? = nil
    ) throws(StoreError) -> ReshardSummary {
        try reshard(to: layout.length, slots: layout.slotCount, observer: observer)
    }
}
