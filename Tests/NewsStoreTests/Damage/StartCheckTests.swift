import Files
import LMDB
import NewsModel
import NewsStore
import TestKit
import Testing

@Suite("Before shards are opened") struct StartCheckTests {
    private static let days = ["2026-01-15", "2026-02-15", "2026-03-15"]

    private func id(_ day: String) -> String { day.replacing("-", with: "") + "-aaaaaaaaaaaa" }

    /// A store with an article in each of three shards, closed.
    private func made() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory("start")
        let store = try StoreFixture.open(directory)
        for day in Self.days { try store.put(StoreFixture.record(id(day), at: StoreFixture.instant(day))) }
        store.close()
        return directory
    }

    /// As after a kill: what the last clean stop was is known, and which shards were written since.
    private func killed(writing days: [String] = StartCheckTests.days) throws -> TemporaryDirectory {
        let directory = try made()
        let record = try FileSystem.read(directory.entry("store/CLEAN"))
        let store = try StoreFixture.open(directory)
        for day in days { try store.put(StoreFixture.record(id(day) + "b", at: StoreFixture.instant(day))) }
        store.close()
        try FileSystem.remove(directory.entry("store/CLEAN"))
        try FileSystem.writeAtomically(directory.entry("store/STARTED"), record)
        return directory
    }

    /// Damages the kind of every page of a tree but the roots of tables, which any opening looks at.
    private func damagePages(_ directory: TemporaryDirectory, _ shard: String) throws {
        let path = directory.entry("store/shards/\(shard)/data.mdb")
        var bytes = try FileSystem.read(path)
        for page in 2..<(bytes.count / 4096) where [1, 2].contains(bytes[page * 4096 + 10]) {
            bytes[page * 4096 + 12] ^= 0x01
        }
        try FileSystem.writeAtomically(path, bytes)
    }

    private func served(_ store: Store) throws -> [String] {
        let reader = try store.makeReader()
        return Self.days.filter { reader.text(id($0)).text == "full \(id($0))" }
    }

    @Test("a clean stop is noted, and the note is put aside while the store is served")
    func notes() throws {
        let directory = try made()
        let path = directory.entry("store")
        let text = String(decoding: try FileSystem.read(path + "/CLEAN"), as: UTF8.self)
        #expect(text.hasPrefix("newsrpc stop\nrevision 3\nshard 2026-01 "))
        let store = try StoreFixture.open(directory)
        #expect(try FileSystem.list(path) == ["LOCK", "STARTED", "STORE", "catalog", "shards"])
        store.close()
        #expect(try FileSystem.list(path) == ["CLEAN", "LOCK", "STORE", "catalog", "shards"])
    }

    @Test("one that was written since the last clean stop is looked at, and quarantined if it is damaged")
    func quarantine() throws {
        let directory = try killed()
        try damagePages(directory, "2026-02")
        let period = try #require(Period("2026-02"))
        for _ in 0..<2 {  // It stays so.
            let store = try StoreFixture.open(directory)
            guard case .quarantined(period, _)? = store.unavailableShards[period] else {
                Issue.record("\(store.unavailableShards)")
                return
            }
            #expect(store.unavailableShards.count == 1)
            #expect(try served(store) == ["2026-01-15", "2026-03-15"])
            let reader = try store.makeReader()
            #expect(reader.text(id("2026-02-15")).outcome == .unavailable(period))
            #expect(try reader.rows().contains { $0.item == .unavailable(period) })
            #expect(throws: StoreError.unavailable(period)) {
                try store.put(StoreFixture.record(id("2026-02-15") + "c", at: StoreFixture.instant("2026-02-15")))
            }
            store.close()
        }
        var findings: [String] = []
        _ = try Store.check(directory.entry("store")) { findings.append("\($0)") }
        #expect(findings.contains { $0.hasPrefix("2026-02: ") && $0.contains("quarantined") })
    }

    @Test("no revision is given twice while one that may know of more cannot be read")
    func revisions() throws {
        let directory = try killed()
        try damagePages(directory, "2026-03")  // Its article has the last one, 6.
        let store = try StoreFixture.open(directory)
        let revision = try store.put(
            StoreFixture.record(id("2026-01-15") + "c", at: StoreFixture.instant("2026-01-15")))
        #expect(revision > 6)
    }

    @Test("one that a fault was about is quarantined, whatever it looks like", arguments: ["/data.mdb", ""])
    func fault(suffix: String) throws {
        let directory = try made()
        try FileSystem.writeAtomically(
            directory.entry("store/FAULT"), Array("/srv/store/shards/2026-02\(suffix)\n".utf8))
        let store = try StoreFixture.open(directory)
        let period = try #require(Period("2026-02"))
        #expect(
            store.unavailableShards
                == [period: .quarantined(period, reason: "reading or writing it ended the process")])
        #expect(try !FileSystem.exists(directory.entry("store/FAULT")))
    }

    @Test("one that has lost its last transaction is quarantined, not served as it was before")
    func lostMeta() throws {
        let directory = try made()
        let path = directory.entry("store/shards/2026-02/data.mdb")
        let last = try Environment.lastTransaction(directory.entry("store/shards/2026-02"))
        try ByteFaults.flip(path, at: Int(last % 2) * 4096 + 144, mask: UInt8(last))  // Its number becomes 0.
        let store = try StoreFixture.open(directory)
        #expect(store.unavailableShards.keys.map(\.description) == ["2026-02"])
        #expect(try served(store) == ["2026-01-15", "2026-03-15"])
    }

    @Test("one whose older meta page was taken for the newer one is quarantined after a clean stop")
    func olderMeta() throws {
        let directory = try made()
        let folder = directory.entry("store/shards/2026-02")
        let last = try Environment.lastTransaction(folder)
        // The number of the one before becomes that of the one that would come next.
        let mask = UInt8(truncatingIfNeeded: (last - 1) ^ (last + 1))
        try ByteFaults.flip(folder + "/data.mdb", at: Int((last - 1) % 2) * 4096 + 144, mask: mask)
        #expect(try Environment.lastTransaction(folder) == last + 1)
        let store = try StoreFixture.open(directory)
        #expect(store.unavailableShards.keys.map(\.description) == ["2026-02"])
        #expect(try served(store) == ["2026-01-15", "2026-03-15"])
    }

    @Test("one that is gone is named at every start until the store is repaired")
    func gone() throws {
        let directory = try made()
        try FileSystem.removeTree(directory.entry("store/shards/2026-02"))
        for _ in 0..<2 {
            let store = try StoreFixture.open(directory)
            #expect(store.unavailableShards.keys.map(\.description) == ["2026-02"])
            #expect(try served(store) == ["2026-01-15", "2026-03-15"])
            store.close()
        }
    }

    @Test("a damaged note of the last stop means that all are looked at", arguments: 0..<4)
    func damagedNote(round: Int) throws {
        let directory = try made()
        let path = directory.entry("store/CLEAN")
        let count = try FileSystem.size(path)
        try ByteFaults.flip(path, at: count * round / 4 + 3)
        try damagePages(directory, "2026-02")
        let store = try StoreFixture.open(directory)
        #expect(store.unavailableShards.keys.map(\.description) == ["2026-02"])
    }

    /// What stands for a program that looks at shards: it runs `body` for each, with its folder in $1.
    private func program(_ body: String) -> [String] {
        let script = "i=0; for f; do echo begin $i; set -- $f; \(body); echo sound $i; i=$((i + 1)); done"
        return ["/bin/sh", "-c", script, "walk"]
    }

    @Test("the process that looks at them may end by any of them, and the others are looked at all the same")
    func child() throws {
        let directory = try killed()
        let store = try StoreFixture.open(directory) {
            $0.walkCommand = program("case $f in *2026-02) kill -SEGV $$;; *2026-03) exit 9;; esac")
        }
        let (second, third) = (try #require(Period("2026-02")), try #require(Period("2026-03")))
        #expect(
            store.unavailableShards
                == [
                    second: .quarantined(
                        second, reason: "the process that looked at it was ended by signal 11"),
                    third: .quarantined(third, reason: "the process that looked at it ended with status 9"),
                ])
        #expect(try served(store) == ["2026-01-15"])
    }

    @Test("a catalog that ends the process which looks at it is told, and the store not opened, after an unclean end")
    func catalog() throws {
        let path = program("case $f in */catalog) kill -SEGV $$;; esac")
        let clean = try made()
        try StoreFixture.open(clean) { $0.walkCommand = path }.close()
        let directory = try killed()
        let error = StoreError.damagedCatalog(
            path: directory.entry("store/catalog"), reason: "the process that looked at it was ended by signal 11")
        for _ in 0..<2 { #expect(throws: error) { try StoreFixture.open(directory) { $0.walkCommand = path } } }
        #expect(try served(try StoreFixture.open(directory)) == Self.days)
    }

    @Test("a look that takes too long is given up, and nothing is quarantined for a slow disk")
    func slow() throws {
        let directory = try killed()
        let store = try StoreFixture.open(directory) {
            $0.walkCommand = program("exec sleep 600")
            $0.walkLimit = .milliseconds(30)
        }
        #expect(store.unavailableShards.isEmpty)
        #expect(try served(store) == Self.days)
    }

    @Test("they are looked at in this process where the program cannot be had", arguments: ["/nowhere", "/bin/false"])
    func noProgram(path: String) throws {
        let directory = try killed()
        try damagePages(directory, "2026-02")
        let store = try StoreFixture.open(directory) { $0.walkCommand = [path] }
        #expect(store.unavailableShards.keys.map(\.description) == ["2026-02"])
    }

    @Test("only those that were written since the last clean stop are looked at")
    func unwritten() throws {
        let directory = try killed(writing: ["2026-03-15"])
        let store = try StoreFixture.open(directory) {
            $0.walkCommand = program("case $f in *2026-03|*/catalog) ;; *) exit 1;; esac")
        }
        #expect(store.unavailableShards.isEmpty)
    }

    @Test("what the walking process says is what it finds")
    func lines() throws {
        let directory = try killed()
        try damagePages(directory, "2026-02")
        var lines: [String] = []
        let folders = Self.days.map { directory.entry("store/shards/\($0.prefix(7))") }
        Store.walkShards(folders + [directory.entry("store/catalog")]) { lines.append($0) }
        #expect(lines.count == 8)
        #expect(lines[1] == "sound 0" && lines[3].hasPrefix("damaged 1 ") && lines[5] == "sound 2")
        #expect(lines[7] == "sound 3")
    }
}
