import Files
import LMDB
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing

@Suite("Slots of a period") struct SlotTests {
    private static let days = ["2026-01-31", "2026-02-01", "2026-02-08", "2026-02-15", "2026-02-28", "2026-03-01"]

    private func period(_ text: String) throws -> Period { try #require(Period(text)) }

    private func id(_ day: String) -> String { day.replacing("-", with: "") + "-aaaaaaaaaaaa" }

    /// One article on each of the days, and one under an id of its own.
    private func fill(_ store: Store) throws {
        for day in Self.days {
            try store.put(StoreFixture.record(id(day), at: StoreFixture.instant(day), source: "s"))
        }
        try store.put(StoreFixture.record("some-own-id", at: StoreFixture.instant("2026-02-10"), source: "s"))
        try store.put(StoreFixture.record("00000000-undatedaaaaa", at: nil))
    }

    /// What a list of all shows, in both orders and by a filter, and what each article is.
    private func sight(_ store: Store) throws -> [String] {
        let reader = try store.makeReader()
        var ascending = ListScan()
        ascending.newestFirst = false
        var filtered = ListScan()
        filtered.source = "s"
        let ids = try reader.ids() + reader.ids(ascending) + reader.ids(filtered)
        return ids + ids.map { reader.text($0).text }
    }

    private func lines(_ directory: TemporaryDirectory) throws -> [String] {
        let bytes = try FileSystem.read(directory.entry("store/STORE"))
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static let shards = [
        "2026-01.4of4", "2026-02.1of4", "2026-02.2of4", "2026-02.3of4", "2026-02.4of4", "2026-03.1of4", "undated",
    ]

    @Test("are made with a store, and stay; what is asked for later has to be what is there")
    func made() throws {
        let directory = try TemporaryDirectory("slots")
        let store = try StoreFixture.open(directory) { $0.slotCount = 4 }
        try fill(store)
        #expect(try FileSystem.list(directory.entry("store/shards")) == Self.shards)
        let wanted =
            ["2026-03-01", "2026-02-28", "2026-02-15"].map(id) + ["some-own-id"]
            + ["2026-02-08", "2026-02-01", "2026-01-31"].map(id) + ["00000000-undatedaaaaa"]
        #expect(try store.makeReader().ids() == wanted)
        #expect(try lines(directory).contains("slots 4") && lines(directory)[1] == "format 2")
        let before = try sight(store)
        store.close()
        #expect(try Store.check(directory.entry("store")) { Issue.record("\($0)") }.articleCount == 8)
        do {
            let again = try StoreFixture.open(directory) { ($0.periodLength, $0.slotCount) = (.month, 4) }
            #expect(again.unavailableShards.isEmpty && again.layout == ShardLayout(.month, slots: 4))
            #expect(try sight(again) == before)
            again.close()
        }
        let path = directory.entry("store")
        let other = try #require(ShardLayout(.month, slots: 2))
        let found = try #require(ShardLayout(.month, slots: 4))
        let error = StoreError.otherLayout(path: path, found: found, wanted: other)
        #expect(throws: error) { try StoreFixture.open(directory) { $0.slotCount = 2 } }
        #expect("\(error)".contains("by month in 4 slots, not by month in 2 slots"))
        #expect(throws: StoreError.self) { try StoreFixture.open(directory) { $0.periodLength = .year } }
        #expect(throws: StoreError.badSlotCount(17)) {
            try Store.open(directory.entry("none"), StoreFixture.options { $0.slotCount = 17 })
        }
    }

    @Test("leave a store that never had any as it was, and one that had them is refused by releases that know none")
    func format() throws {
        let directory = try TemporaryDirectory("slots")
        let store = try StoreFixture.open(directory)
        try fill(store)
        let before = try sight(store)
        let old = try lines(directory)
        #expect(old[1] == "format 1" && old[4] == "slots 1")
        _ = try store.reshard(to: .quarter)
        _ = try store.reshard(to: .month)
        #expect(try lines(directory)[1] == "format 1")
        #expect(throws: StoreError.cancelled) {
            try store.reshard(slots: 3, observer: ProgressRecorder(stopsAt: 1))
        }
        #expect(try lines(directory)[1] == "format 2" && lines(directory)[4] == "slots 1")
        for slots in [3, 5, 1] {
            _ = try store.reshard(to: .month, slots: slots)
            #expect(try lines(directory)[1] == "format 2" && lines(directory)[4] == "slots \(slots)")
            #expect(try sight(store) == before)
        }
        #expect(throws: StoreError.badSlotCount(0)) { try store.reshard(slots: 0) }
        store.close()
        _ = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(try sight(StoreFixture.open(directory)) == before)
    }

    /// STORE with other lines, and a checksum that fits.
    private func write(_ lines: [String], _ directory: TemporaryDirectory) throws {
        let body = Array((lines.joined(separator: "\n") + "\n").utf8)
        let sum = "crc32c \(StoreFixture.checksum(body))\n"
        try FileSystem.writeAtomically(directory.entry("store/STORE"), body + Array(sum.utf8))
    }

    @Test("that STORE's format does not know, or that no layout has, are damage of STORE")
    func damagedFile() throws {
        let directory = try TemporaryDirectory("slots")
        try StoreFixture.open(directory).close()
        let lines = try lines(directory).dropLast().map(\.self)
        for (format, slots, isRight) in [(1, 2, false), (2, 0, false), (2, 17, false), (2, 1, true), (2, 16, true)] {
            var changed = lines
            (changed[1], changed[4]) = ("format \(format)", "slots \(slots)")
            try write(changed, directory)
            let isOpened = (try? StoreFixture.open(directory)) != nil
            #expect(isOpened == isRight, "format \(format), slots \(slots)")
        }
        var changed = lines
        changed[1] = "format 3"
        try write(changed, directory)
        let path = directory.entry("store/STORE")
        #expect(throws: StoreError.newerFormat(path: path, found: 3, supported: 2)) { try StoreFixture.open(directory) }
    }

    @Test("hold the articles of their days: one with another time moves, and a crash in between leaves it once")
    func move() throws {
        let directory = try TemporaryDirectory("slots")
        let path = directory.entry("store")
        let copies = Atomic<Int>(0)
        let isOn = Atomic<Bool>(false)
        let store = try StoreFixture.open(directory) { options in
            let copy: @Sendable () -> Void = {
                guard isOn.load(ordering: .relaxed) else { return }
                let number = copies.add(1, ordering: .relaxed).newValue
                CrashClone.make(of: path, at: directory.entry("crash-\(number)"))
            }
            options.slotCount = 4
            options.commitFault = { _, _ in
                copy()
                return nil
            }
            options.catalogFault = { _ in
                copy()
                return nil
            }
        }
        try fill(store)
        let moved = id("2026-02-01")
        #expect(throws: StoreError.wrongPeriod(try period("2026-02.1of4"))) {
            let record = try StoreFixture.record(moved, at: StoreFixture.instant("2026-02-27"))
            try store.run(period("2026-02.1of4")) { (shard) throws(StoreError) in _ = try shard.put(record) }
        }
        isOn.store(true, ordering: .relaxed)
        for (day, source) in [("2026-02-27", "2026-02.1of4"), ("2026-02-09", "2026-02.4of4")] {
            try store.move(StoreFixture.record(moved, at: StoreFixture.instant(day), source: "s"), from: period(source))
        }
        isOn.store(false, ordering: .relaxed)
        #expect(try store.makeReader().locate(Array(moved.utf8).span) == period("2026-02.2of4"))
        store.close()
        let count = copies.load(ordering: .relaxed)
        #expect(count >= 20)
        for number in 1...max(1, count) {
            let crashed = directory.entry("crash-\(number)")
            let reopened = try Store.open(crashed, StoreFixture.options())
            let ids = try reopened.makeReader().ids()
            #expect(ids.filter { $0 == moved }.count == 1 && ids.count == 8, "\(number)")
            #expect(try reopened.makeReader().text(moved).text == "full \(moved)", "\(number)")
            reopened.close()
            #expect(try Store.check(crashed) { Issue.record("\(number): \($0)") }.articleCount == 8)
        }
    }

    @Test("are dropped one by one when they have ended, and compacted by their names")
    func operations() throws {
        let directory = try TemporaryDirectory("slots")
        let store = try StoreFixture.open(directory) { $0.slotCount = 4 }
        try fill(store)
        let compaction = try store.compact(shards: [period("2026-02.2of4"), period("2026-02")])
        #expect(try compaction.shards.map(\.period) == [period("2026-02.2of4")])
        #expect(try compaction.skipped.map(\.reason) == [.unavailable(period("2026-02"))])
        let day = try #require(CivilDate(parsing: "2026-02-15"))
        let retention = try store.retain(since: day)
        #expect(retention.dropped.map(\.period.description) == Array(Self.shards.prefix(3)))
        let names = ["2026-03-01", "2026-02-28", "2026-02-15"].map(id) + ["00000000-undatedaaaaa"]
        #expect(try store.makeReader().ids() == names)
        #expect(store.statistics().shards.map(\.period) == store.periods)
        store.close()
        let check = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(check.articleCount == 4 && check.unusedClaimCount == 0)
    }

    @Test("are backed up and restored each for itself: what has not changed is linked")
    func backup() throws {
        let directory = try TemporaryDirectory("slots")
        let store = try StoreFixture.open(directory) { $0.slotCount = 4 }
        try fill(store)
        _ = try store.backup(to: BackupTarget(directory.entry("one")))
        try store.put(StoreFixture.record("20260227-bbbbbbbbbbbb", at: StoreFixture.instant("2026-02-27"), source: "s"))
        var options = BackupOptions()
        options.base = directory.entry("one")
        let second = try store.backup(to: BackupTarget(directory.entry("two")), options)
        #expect(second.linkedShardCount == 6 && second.shardCount == 7)
        let contents = try BackupFixture.contents(store)
        _ = try store.backup(to: BackupTarget(directory.entry("three.tar.zst")))
        for name in ["two", "three.tar.zst"] {
            let restored = directory.entry("restored-\(name)")
            #expect(try BackupFixture.restored(directory.entry(name), to: restored).contents == contents)
            #expect(try FileSystem.list(restored + "/shards") == Self.shards)
        }
        let manifest = try FileSystem.read(directory.entry("two/manifest.json"))
        #expect(String(decoding: manifest, as: UTF8.self).contains("\"slots\": 4"))
    }

    @Test("are lost and repaired each for itself")
    func damage() throws {
        let directory = try TemporaryDirectory("slots")
        do {
            let store = try StoreFixture.open(directory) { $0.slotCount = 4 }
            try fill(store)
            store.close()
        }
        let place = directory.entry("store/shards/2026-02.2of4")
        let file = try FileSystem.read(place + "/data.mdb")
        try FileSystem.writeAtomically(place + "/data.mdb", Array(file.prefix(file.count / 2)))
        let store = try StoreFixture.open(directory)
        let lost = try period("2026-02.2of4")
        #expect(Array(store.unavailableShards.keys) == [lost])
        let reader = try store.makeReader()
        #expect(reader.text(id("2026-02-08")).outcome == .unavailable(lost))
        #expect(reader.text("some-own-id").outcome == .unavailable(lost))
        #expect(reader.text(id("2026-02-15")).text == "full \(id("2026-02-15"))")
        // And there is no other layout of what is not whole.
        #expect(throws: StoreError.unavailable(lost)) { try store.reshard(slots: 1) }
        #expect(store.layout.slotCount == 4 && store.pendingReshard == nil)
        store.close()
        _ = try Store.repair(directory.entry("store"), time: "now", makeRow: { _ in nil }) { _ in }
        _ = try Store.check(directory.entry("store")) { Issue.record("left: \($0)") }
        let repaired = try StoreFixture.open(directory)
        #expect(repaired.unavailableShards.isEmpty)
        _ = try repaired.reshard(slots: 1)
        let left = Set(try repaired.makeReader().ids())
        #expect(left.isSuperset(of: Self.days.filter { $0 != "2026-02-08" }.map(id) + ["00000000-undatedaaaaa"]))
    }
}
