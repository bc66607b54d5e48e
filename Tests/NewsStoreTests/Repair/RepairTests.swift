import Files
import LMDB
import NewsModel
import NewsStore
import TestKit
import Testing

@Suite("Repairing a store") struct RepairTests {
    private static let days = ["2026-01-15", "2026-02-01", "2026-02-15", "2026-02-27"]

    private func id(_ day: String) -> String { day.replacing("-", with: "") + "-aaaaaaaaaaaa" }

    /// Every article, in two shards, one of them long and one under an id of its own.
    private var articles: [(id: String, day: String)] {
        Self.days.map { (id($0), $0) } + [("some-own-id", "2026-02-28")]
    }

    private func full(_ id: String) -> String {
        "full \(id)" + (id == "some-own-id" ? String(repeating: " long", count: 3000) : "")
    }

    /// A store with something in every table, closed.
    private func made() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory("repair")
        let store = try StoreFixture.open(directory)
        for (id, day) in articles {
            var record = try StoreFixture.record(
                id, at: StoreFixture.instant(day), source: "新华社", full: Array(full(id).utf8),
                capture: Array(repeating: UInt8(ascii: "c"), count: 9000), views: 5)
            let period = store.period(of: record.sortInstant)
            let draft = record
            record.channel = try store.run(period, claim: store.claim(record.id, in: period)) {
                (shard) throws(StoreError) in
                var record = draft
                record.channel = try shard.channel(named: "资讯", create: true)?.number ?? 0
                _ = try shard.put(record)
                try shard.remember(request: "request of \(record.id)", fingerprint: [1], article: record.id)
                return record.channel
            }
            #expect(record.channel == 1)
        }
        store.close()
        return directory
    }

    /// As the service makes rows of messages.
    private static let makeRow: RowMaker = { full in
        let words = String(decoding: full, as: UTF8.self).split(separator: " ")
        guard words.first == "full", words.count > 1 else { return nil }
        let id = String(words[1])
        return DerivedRow(
            row: Array("row \(id)".utf8), source: "新华社", titleDay: TitleDay(title: id, day: nil),
            channelName: "channels/news")
    }

    private struct Outcome {
        var summary: RepairSummary
        var findings: [String] = []
    }

    /// Repairs, and expects a sound store afterwards.
    private func repair(_ directory: TemporaryDirectory) throws -> Outcome {
        var findings: [String] = []
        let summary = try Store.repair(directory.entry("store"), time: "now", makeRow: Self.makeRow) {
            findings.append("\($0)")
        }
        _ = try Store.check(directory.entry("store")) { Issue.record("left: \($0)") }
        return Outcome(summary: summary, findings: findings)
    }

    /// Expects every article but the lost ones, in reads and in lists of each kind.
    private func expectServed(_ directory: TemporaryDirectory, without lost: Set<String> = []) throws {
        let store = try StoreFixture.open(directory)
        #expect(store.unavailableShards.isEmpty)
        let reader = try store.makeReader()
        let wanted = articles.map(\.id).filter { !lost.contains($0) }
        for id in articles.map(\.id) {
            let (outcome, text) = reader.text(id)
            #expect(lost.contains(id) ? outcome == .absent : text == full(id), "\(id): \(outcome)")
            if !lost.contains(id) { #expect(reader.text(id, .row).text == "row \(id)") }
        }
        #expect(try reader.ids() == wanted.reversed())
        var scan = ListScan()
        scan.newestFirst = false
        #expect(try reader.ids(scan) == wanted)
        scan.channel = 1
        #expect(try reader.ids(scan) == wanted)
        scan.source = "新华社"
        #expect(try reader.ids(scan) == wanted)
        try store.put(StoreFixture.record("20260226-bbbbbbbbbbbb", at: StoreFixture.instant("2026-02-26")))
        store.close()
    }

    private func shard(_ directory: TemporaryDirectory) -> String {
        directory.entry("store/shards/2026-02/data.mdb")
    }

    /// Changes a shard behind the store's back.
    private func change(
        _ directory: TemporaryDirectory, _ body: (inout WriteTransaction, Environment, ShardTableIndex) throws -> Void
    ) throws {
        var options = EnvironmentOptions(tables: ShardTableIndex.names)
        options.mapSize = 1 << 28
        let environment = try Environment(directory.entry("store/shards/2026-02"), options)
        var transaction = try environment.beginWrite()
        try body(&transaction, environment, ShardTableIndex())
        try transaction.commit()
    }

    @Test("leaves a sound one as it is")
    func sound() throws {
        let directory = try made()
        let before = try FileSystem.read(shard(directory))
        let outcome = try repair(directory)
        #expect(outcome.summary.isComplete && outcome.summary.rebuilt.isEmpty && outcome.findings.isEmpty)
        #expect(outcome.summary.articleCount == 5 && outcome.summary.shardCount == 2)
        #expect(try FileSystem.read(shard(directory)) == before)
        #expect(try !FileSystem.exists(directory.entry("store/quarantine")))
        try expectServed(directory)
    }

    @Test("is refused while the store is served")
    func held() throws {
        let directory = try made()
        let store = try StoreFixture.open(directory)
        #expect(throws: StoreError.held(path: directory.entry("store"))) { _ = try repair(directory) }
        store.close()
    }

    @Test(
        "makes what can be derived, and loses nothing",
        arguments: ["rows", "oldest", "source-index", "channel-index", "title-day", "changes"])
    func derived(table: String) throws {
        let directory = try made()
        try change(directory) { transaction, environment, index in
            let place = environment.table(index[table])
            var keys: [[UInt8]] = []
            try transaction.withCursor(in: place) { (cursor) throws(LMDBError) in
                var stands = try cursor.move(.first)
                while stands {
                    cursor.withEntry { key, _ in keys.append(key.indices.map { key[$0] }) }
                    stands = try cursor.move(.next)
                }
            }
            // The first is gone, the second damaged.
            let (first, second, noise) = (keys[0], keys[1], [UInt8](repeating: 7, count: 6))
            try transaction.remove(first.span, in: place)
            try transaction.put(second.span, noise.span, in: place)
        }
        let outcome = try repair(directory)
        #expect(outcome.summary.rebuilt == ["2026-02"])
        #expect(outcome.summary.lost.isEmpty && outcome.summary.lostCounterCount == 0)
        #expect(outcome.summary.rebuiltRowCount == (table == "rows" ? 2 : 0))
        #expect(outcome.summary.keptFiles.contains { $0.hasSuffix("/quarantine/2026-02.mdb") })
        try expectServed(directory)
    }

    @Test("names an article that is damaged, keeps its bytes in the quarantine, and serves the others")
    func damagedArticle() throws {
        let directory = try made()
        let wanted = id("2026-02-15")
        for place in try ByteFaults.offsets(of: Array("full \(wanted)".utf8), in: shard(directory)) {
            try ByteFaults.flip(shard(directory), at: place + 2)
        }
        let outcome = try repair(directory)
        #expect(outcome.summary.lost.map(\.text) == [wanted])
        #expect(outcome.findings.contains("2026-02/articles/\(wanted): its checksum does not fit: quarantined"))
        #expect(outcome.findings.contains("2026-02/articles/\(wanted): the article is lost"))
        let lines = String(
            decoding: try FileSystem.read(directory.entry("store/quarantine/repair-now.jsonl")), as: UTF8.self)
        #expect(
            lines.contains(#""table":"articles","key":"\#(wanted)","reason":"its checksum does not fit","value":""#))
        try expectServed(directory, without: [wanted])
    }

    @Test("names an article of which a piece is damaged")
    func damagedPiece() throws {
        let directory = try made()
        try change(directory) { transaction, environment, index in
            let key = Array("some-own-id/002".utf8)
            let removed = try transaction.remove(key.span, in: environment.table(index["articles"]))
            #expect(removed)
        }
        let outcome = try repair(directory)
        #expect(outcome.summary.lost.map(\.text) == ["some-own-id"])
        try expectServed(directory, without: ["some-own-id"])
    }

    @Test("keeps an article whose counters are lost, and says so")
    func counters() throws {
        let directory = try made()
        try change(directory) { transaction, environment, index in
            var key: [UInt8] = []
            let place = environment.table(index["stats"])
            try transaction.withCursor(in: place) { (cursor) throws(LMDBError) in
                _ = try cursor.move(.first)
                cursor.withEntry { found, _ in key = found.indices.map { found[$0] } }
            }
            try transaction.remove(key.span, in: place)
        }
        let outcome = try repair(directory)
        #expect(outcome.summary.lostCounterCount == 1 && outcome.summary.lost.isEmpty)
        #expect(!outcome.summary.isComplete)
        try expectServed(directory)
    }

    @Test("finds everything in a file without meta pages, and in one whose trees are cut", arguments: [true, false])
    func salvage(isMeta: Bool) throws {
        let directory = try made()
        var bytes = try FileSystem.read(shard(directory))
        if isMeta {
            for place in 0..<8192 { bytes[place] = 0 }
        } else {
            for page in 2..<(bytes.count / 4096) where bytes[page * 4096 + 10] == 1 { bytes[page * 4096 + 10] = 0 }
            // The page of the tables as well.
            let root = bytes.indices.first { bytes[$0...].starts(with: Array("channel-index".utf8)) } ?? 0
            bytes[root / 4096 * 4096 + 10] = 9
        }
        try FileSystem.writeAtomically(shard(directory), bytes)
        let outcome = try repair(directory)
        #expect(outcome.summary.lost.isEmpty && outcome.summary.rebuilt == ["2026-02"])
        try expectServed(directory)
    }

    @Test("names what the catalog knows of a file that is gone, and of a shard that is gone", arguments: [true, false])
    func gone(isFile: Bool) throws {
        let directory = try made()
        if isFile {
            try FileSystem.remove(shard(directory))
        } else {
            try FileSystem.removeTree(directory.entry("store/shards/2026-02"))
        }
        let outcome = try repair(directory)
        #expect(outcome.summary.lost.map(\.text) == ["some-own-id"])
        #expect(outcome.summary.unnamedLossCount == 3 && !outcome.summary.isComplete)
        #expect(outcome.summary.lostShards.map(\.description) == (isFile ? [] : ["2026-02"]))
        try expectServed(directory, without: Set(articles.dropFirst().map(\.id)))
    }

    @Test("makes the catalog of what the articles say", arguments: ["gone", "zeroed", "flipped"])
    func catalog(damage: String) throws {
        let directory = try made()
        let path = directory.entry("store/catalog/data.mdb")
        switch damage {
        case "gone": try FileSystem.remove(path)
        case "zeroed": try FileSystem.writeAtomically(path, [UInt8](repeating: 0, count: 32_768))
        default:
            for place in try ByteFaults.offsets(of: Array("some-own-id".utf8), in: path) {
                try ByteFaults.flip(path, at: place + 2)
            }
        }
        let outcome = try repair(directory)
        #expect(outcome.summary.rebuilt == ["catalog"] && outcome.summary.lost.isEmpty)
        let store = try StoreFixture.open(directory)
        #expect(store.channels.channel(number: 1)?.displayName == (damage == "flipped" ? "资讯" : "news"))
        store.close()
        try expectServed(directory)
    }

    @Test("lifts the quarantine, and goes on where an earlier repair was cut short")
    func again() throws {
        let directory = try made()
        try FileSystem.writeAtomically(directory.entry("store/FAULT"), Array("shards/2026-02/data.mdb\n".utf8))
        let store = try StoreFixture.open(directory)
        #expect(store.unavailableShards.count == 1)
        store.close()
        for name in ["shards/.new-2026-02", ".new-catalog", "quarantine"] {
            try FileSystem.makeDirectory(directory.entry("store/" + name))
            try FileSystem.writeAtomically(directory.entry("store/\(name)/data.mdb"), [1, 2, 3])
        }
        try FileSystem.writeAtomically(directory.entry("store/quarantine/2026-02.mdb"), [1])
        let outcome = try repair(directory)
        #expect(outcome.summary.rebuilt == ["2026-02"] && outcome.summary.isComplete)
        #expect(outcome.summary.keptFiles == [directory.entry("store/quarantine/2026-02-2.mdb")])
        try expectServed(directory)
        #expect(try !FileSystem.exists(directory.entry("store/shards/.new-2026-02")))
    }

    @Test("whatever is flipped: the store is sound, what it serves is right, and what it does not is named")
    func flips() throws {
        var random = SeededGenerator.forTest("repaired flips")
        let directory = try made()
        let sound = try FileSystem.read(shard(directory))
        for round in 0..<25 {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let page = Int.random(in: 0..<(bytes.count / 4096), using: &random)
                let place = Int.random(in: 0..<(random.oneIn(2) ? 4096 : 120), using: &random)
                bytes[page * 4096 + place] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
            }
            try FileSystem.writeAtomically(shard(directory), bytes)
            try FileSystem.remove(directory.entry("store/CLEAN"))
            let outcome = try repair(directory)
            let lost = Set(outcome.summary.lost.map(\.text))
            let store = try StoreFixture.open(directory)
            let reader = try store.makeReader()
            for id in articles.map(\.id) {
                let (found, text) = reader.text(id)
                #expect(lost.contains(id) ? found == .absent : text == full(id), "round \(round), \(id): \(found)")
            }
            store.close()
        }
    }
}
