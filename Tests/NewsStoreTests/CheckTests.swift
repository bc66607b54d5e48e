import Files
import LMDB
import NewsModel
import NewsStore
import TestKit
import Testing

@Suite("Checking a store") struct CheckTests {
    /// A store with something in every table, closed.
    private func made(_ directory: TemporaryDirectory) throws {
        let store = try StoreFixture.open(directory)
        for (number, day) in ["2026-01-15", "2026-02-01", "2026-02-27"].enumerated() {
            let name = day.replacing("-", with: "")
            try store.put(
                StoreFixture.record(
                    "\(name)-aaaaaaaaaaaa", at: StoreFixture.instant(day), order: UInt16(number), source: "新华社",
                    full: Array("the full text of article \(number), long enough to be found in a file".utf8),
                    row: Array("the row of article \(number), long enough to be found".utf8),
                    capture: Array(repeating: UInt8(ascii: "c"), count: 9000), views: 5))
        }
        let period = try #require(Period("2026-02"))
        let instant = try StoreFixture.instant("2026-02-27", second: 1)
        let record = try StoreFixture.record("some-own-id", at: instant)
        try store.run(period, claim: record.id) { (shard) throws(StoreError) in
            var record = record
            record.channel = try shard.channel(named: "资讯", create: true)?.number ?? 0
            _ = try shard.put(record)
            try shard.remember(request: "request-1", fingerprint: [1, 2, 3], article: record.id)
        }
        store.close()
    }

    private func findings(_ directory: TemporaryDirectory) throws -> [CheckFinding] {
        var findings: [CheckFinding] = []
        let summary = try Store.check(directory.entry("store")) { findings.append($0) }
        #expect(summary.findingCount == findings.count)
        #expect(summary.isSound == findings.isEmpty)
        return findings
    }

    @Test("is summed up in a sentence")
    func summary() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try store.put(StoreFixture.record("20260227-aaaa", at: StoreFixture.instant("2026-02-27")))
        store.close()
        let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect("\(summary)" == "1 article in 1 shard, \(summary.entryCount) entries: nothing is wrong")
    }

    @Test("finds nothing in a sound one, and counts what it looked at")
    func sound() throws {
        let directory = try TemporaryDirectory("check")
        try made(directory)
        let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(summary.articleCount == 4)
        #expect(summary.shardCount == 2)
        #expect(summary.unusedClaimCount == 0)
        #expect(summary.entryCount > 40)
    }

    @Test("is refused where there is no store")
    func absent() throws {
        let directory = try TemporaryDirectory("check")
        #expect(throws: StoreError.notAStore(path: directory.path)) { _ = try Store.check(directory.path) { _ in } }
        #expect(try FileSystem.list(directory.path).isEmpty)
    }

    /// Changes a shard behind the store's back.
    private func change(
        _ directory: TemporaryDirectory, _ name: String = "shards/2026-02",
        _ body: (inout WriteTransaction, Environment, ShardTableIndex) throws -> Void
    ) throws {
        var options = EnvironmentOptions(tables: ShardTableIndex.names)
        options.mapSize = 1 << 28
        let environment = try Environment(directory.entry("store/" + name), options)
        var transaction = try environment.beginWrite()
        try body(&transaction, environment, ShardTableIndex())
        try transaction.commit()
    }

    @Test(
        "names the entry that is missing, in whichever table, and where it is missed",
        arguments: [
            ("articles", "rows"), ("rows", "articles"), ("oldest", "articles"), ("source-index", "articles"),
            ("stats", "articles"), ("title-day", "articles"), ("changes", "articles"), ("channel-index", "articles"),
        ])
    func missing(table: String, foundIn: String) throws {
        let directory = try TemporaryDirectory("check")
        try made(directory)
        var lost: [UInt8] = []
        try change(directory) { transaction, environment, index in
            try transaction.withCursor(in: environment.table(index[table])) { (cursor) throws(LMDBError) in
                let isThere = try cursor.move(.first)
                #expect(isThere)
                cursor.withEntry { key, _ in lost = key.indices.map { key[$0] } }
            }
            try transaction.remove(lost.span, in: environment.table(index[table]))
        }
        let findings = try findings(directory)
        #expect(findings.contains { $0.shard == "2026-02" && $0.table == foundIn })
        #expect(findings.allSatisfy { $0.shard == "2026-02" })
    }

    @Test("names an entry that was put under another key or into another table")
    func misplaced() throws {
        let directory = try TemporaryDirectory("check")
        try made(directory)
        let id = Array("20260227-aaaaaaaaaaaa".utf8)
        try change(directory) { transaction, environment, index in
            var value: [UInt8] = []
            _ = try transaction.withValue(of: id.span, in: environment.table(index["articles"])) { span in
                value = span.indices.map { span[$0] }
            }
            let other = Array("20260228-aaaaaaaaaaaa".utf8)
            try transaction.put(other.span, value.span, in: environment.table(index["articles"]))
            try transaction.put(id.span, value.span, in: environment.table(index["oldest"]))
        }
        let findings = try findings(directory)
        #expect(
            findings.contains {
                $0 == "2026-02/articles/20260228-aaaaaaaaaaaa: its checksum does not fit"
            })
        #expect(findings.contains { $0 == "2026-02/oldest/20260227-aaaaaaaaaaaa: its checksum does not fit" })
    }

    @Test("names keys that no store makes")
    func badKey() throws {
        let directory = try TemporaryDirectory("check")
        try made(directory)
        try change(directory) { transaction, environment, index in
            try transaction.put([0, 0xFF].span, [1, 2, 3, 4, 5].span, in: environment.table(index["rows"]))
        }
        #expect(
            try findings(directory).map(\.description) == [
                "2026-02/rows/\\x00\\xff: its key is none that the store makes"
            ])
    }

    @Test("names every flip of a bit in a stored value, and reads never give the flipped bytes")
    func flips() throws {
        let directory = try TemporaryDirectory("check")
        try made(directory)
        let path = directory.entry("store/shards/2026-02/data.mdb")
        let texts = (1...2).flatMap { number in
            [
                "the full text of article \(number), long enough to be found in a file",
                "the row of article \(number), long enough to be found",
            ]
        }
        let sound = try FileSystem.read(path)
        for text in texts {
            let places = try ByteFaults.offsets(of: Array(text.utf8), in: path)
            #expect(!places.isEmpty)
            var bytes = sound
            for place in places { bytes[place + 7] ^= 0x20 }
            try FileSystem.writeAtomically(path, bytes)
            let findings = try findings(directory)
            #expect(findings.contains { $0.problem == "its checksum does not fit" }, "\(text)")
            let reader = try StoreFixture.open(directory).makeReader()
            let id = text.contains("article 1") ? "20260201-aaaaaaaaaaaa" : "20260227-aaaaaaaaaaaa"
            if text.contains("full") {
                let (outcome, read) = reader.text(id)
                #expect(outcome == .damaged(try #require(Period("2026-02"))))
                #expect(read.isEmpty)
                #expect(try reader.ids().contains(id))
            } else {
                #expect(reader.text(id).outcome != .absent)
                #expect(try reader.ids().contains("!" + id))
            }
            #expect(try reader.ids().count == 4)
        }
    }

    @Test("survives flips anywhere in a shard's file, names the shard, and reads never give flipped bytes")
    func pageFlips() throws {
        var random = SeededGenerator.forTest("flips in a shard")
        let directory = try TemporaryDirectory("check")
        try made(directory)
        let path = directory.entry("store/shards/2026-02/data.mdb")
        let sound = try FileSystem.read(path)
        var foundCount = 0
        for _ in 0..<60 {
            var bytes = sound
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
            try FileSystem.writeAtomically(path, bytes)
            let findings = try findings(directory)
            #expect(findings.allSatisfy { $0.shard == "2026-02" })
            if !findings.isEmpty { foundCount += 1 }
        }
        #expect(foundCount > 0)
    }

    @Test("names damage to the catalog", arguments: ["channels", "located", "meta"])
    func catalog(table: String) throws {
        let directory = try TemporaryDirectory("check")
        try made(directory)
        let names = ["channels", "located", "shards", "intents", "meta"]
        var options = EnvironmentOptions(tables: names)
        options.mapSize = 1 << 28
        do {
            let environment = try Environment(directory.entry("store/catalog"), options)
            var transaction = try environment.beginWrite()
            let place = environment.table(try #require(names.firstIndex(of: table)))
            var (key, value): ([UInt8], [UInt8]) = ([], [])
            try transaction.withCursor(in: place) { (cursor) throws(LMDBError) in
                _ = try cursor.move(.first)
                cursor.withEntry { (key, value) = (bytes($0), bytes($1)) }
            }
            value[value.count - 1] ^= 1
            try transaction.put(key.span, value.span, in: place)
            try transaction.commit()
        }
        let found = try findings(directory)
        #expect(found.contains { $0.shard == "catalog" && $0.table == table })
        if table == "located" {
            #expect(found.contains { $0.key == "some-own-id" && $0.table == "articles" })
        }
    }

    private func bytes(_ span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }

    @Test("removes claims without an article when nothing else is wrong")
    func unusedClaims() throws {
        let directory = try TemporaryDirectory("check")
        do {
            let store = try StoreFixture.open(directory)
            let id = try StoreFixture.id("never-written")
            let period = try #require(Period("2026-02"))
            #expect(throws: StoreError.absent(id)) {
                try store.run(period, claim: id) { (_) throws(StoreError) -> Void in throw .absent(id) }
            }
            store.close()
        }
        for count in [1, 0] {
            let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
            #expect(summary.unusedClaimCount == count)
        }
    }
}

/// The places of a shard's tables, as they are on disk.
struct ShardTableIndex {
    static let names = [
        "articles", "captures", "rows", "oldest", "channel-index", "source-index", "stats", "title-day", "changes",
        "requests", "meta",
    ]

    subscript(_ name: String) -> Int { Self.names.firstIndex(of: name) ?? 0 }
}

private func == (finding: CheckFinding, text: String) -> Bool { finding.description == text }
