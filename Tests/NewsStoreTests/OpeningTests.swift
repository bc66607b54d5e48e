import Files
import LMDB
import NewsModel
import NewsStore
import TestKit
import Testing

@Suite("Opening a store") struct OpeningTests {
    /// A closed store with one article, and its directory.
    private func made() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try store.put(StoreFixture.record("20260227-aaaaaaaaaaaa", at: StoreFixture.instant("2026-02-27")))
        store.close()
        return directory
    }

    private func error(_ directory: TemporaryDirectory) -> StoreError? {
        do {
            _ = try StoreFixture.open(directory)
            return nil
        } catch {
            return error as? StoreError
        }
    }

    @Test("makes one where there is none, with the zone and period that were asked for")
    func create() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory) { $0.periodLength = .quarter }
        #expect(store.zone.name == "Asia/Shanghai")
        #expect(store.layout == ShardLayout(.quarter))
        #expect(store.tokenKey.count == 32)
        #expect(store.articleCount == 0)
        #expect(try store.period(of: StoreFixture.instant("2026-02-27")) == Period("2026-q1"))
        #expect(try FileSystem.list(directory.entry("store")) == ["LOCK", "STORE", "catalog", "shards"])
    }

    @Test("keeps zone, period, key and articles, whatever the options say later")
    func reopen() throws {
        let directory = try TemporaryDirectory("store")
        let first = try StoreFixture.open(directory) { $0.periodLength = .year }
        let key = first.tokenKey
        let revision = try first.put(
            StoreFixture.record("20260227-aaaaaaaaaaaa", at: StoreFixture.instant("2026-02-27")))
        first.close()
        let store = try StoreFixture.open(directory) { $0.timeZone = "UTC" }
        #expect(store.zone.name == "Asia/Shanghai")
        #expect(store.layout == ShardLayout(.year))
        #expect(store.tokenKey == key)
        #expect(store.articleCount == 1)
        #expect(store.publishedRevision == revision)
        #expect(
            try store.put(
                StoreFixture.record("20260227-bbbbbbbbbbbb", at: StoreFixture.instant("2026-02-27"))) == revision + 1)
    }

    @Test(
        "takes an empty directory, and one that a creation left which never finished",
        arguments: [
            [], ["LOCK"], ["LOCK", "catalog", "shards"], ["LOCK", "catalog", "shards", "STORE.new"], ["lost+found"],
        ])
    func unfinished(names: [String]) throws {
        let directory = try TemporaryDirectory("store")
        for name in names {
            let path = directory.entry("store/" + name)
            let isFile = name == "LOCK" || name == "STORE.new"
            try FileSystem.makeDirectory(isFile ? directory.entry("store") : path, intermediates: true)
            if isFile { try FileSystem.writeAtomically(path, []) }
        }
        #expect(error(directory) == nil)
    }

    @Test("refuses a directory that holds other things, and writes nothing into it")
    func notAStore() throws {
        let directory = try TemporaryDirectory("store")
        let path = directory.entry("store")
        try FileSystem.makeDirectory(path)
        try FileSystem.writeAtomically(path + "/notes.txt", [1])
        #expect(error(directory) == .notAStore(path: path))
        #expect(try FileSystem.list(path) == ["notes.txt"])
    }

    @Test("refuses shards without their STORE file")
    func lostStoreFile() throws {
        let directory = try made()
        try FileSystem.remove(directory.entry("store/STORE"))
        guard case .damagedStoreFile? = error(directory) else {
            Issue.record("opened without STORE")
            return
        }
    }

    @Test("refuses a newer format before it looks at anything else")
    func newer() throws {
        let directory = try made()
        let path = directory.entry("store/STORE")
        try FileSystem.writeAtomically(path, Array("newsrpc store\nformat 3\nsomething new\n".utf8))
        #expect(error(directory) == .newerFormat(path: path, found: 3, supported: 2))
    }

    @Test("refuses a STORE file with any byte changed or cut off")
    func damagedStoreFile() throws {
        let directory = try made()
        let path = directory.entry("store/STORE")
        let bytes = try FileSystem.read(path)
        for place in bytes.indices {
            var flipped = bytes
            flipped[place] ^= 0x01
            try FileSystem.writeAtomically(path, flipped)
            switch error(directory) {
            case .damagedStoreFile?, .newerFormat?: break
            case let other: Issue.record("byte \(place) flipped: \(String(describing: other))")
            }
        }
        for count in [0, 1, 13, 14, 24, bytes.count - 1] {
            try FileSystem.writeAtomically(path, Array(bytes.prefix(count)))
            guard case .damagedStoreFile? = error(directory) else {
                Issue.record("opened with \(count) bytes")
                continue
            }
        }
        try FileSystem.writeAtomically(path, bytes)
        #expect(error(directory) == nil)
    }

    @Test("refuses a second user while the first has it, and no longer")
    func held() throws {
        let directory = try made()
        let store = try StoreFixture.open(directory)
        #expect(error(directory) == .held(path: directory.entry("store")))
        #expect(throws: StoreError.held(path: directory.entry("store"))) {
            _ = try Store.check(directory.entry("store")) { _ in }
        }
        store.close()
        #expect(error(directory) == nil)
    }

    @Test("says so where nothing can be written")
    func notWritable() {
        // Nobody can make a directory there, whoever runs the test.
        for path in ["/proc/newsrpc", "/proc/self/newsrpc/store"] {
            do {
                _ = try Store.open(path, StoreFixture.options())
                Issue.record("made a store at \(path)")
            } catch {
                switch error {
                case .notWritable, .file: break
                default: Issue.record("\(error)")
                }
            }
        }
    }

    @Test("refuses an unknown time zone before it makes anything")
    func zone() throws {
        let directory = try TemporaryDirectory("store")
        #expect(throws: StoreError.zoneUnknown(name: "Asia/Atlantis")) {
            _ = try StoreFixture.open(directory) { $0.timeZone = "Asia/Atlantis" }
        }
        #expect(error(directory) == nil)
    }

    @Test("opens with a shard that cannot be, and names it", arguments: ["cut", "lost", "foreign"])
    func badShard(damage: String) throws {
        let directory = try made()
        let period = try #require(Period("2026-02"))
        let path = directory.entry("store/shards/2026-02/data.mdb")
        switch damage {
        case "cut": try ByteFaults.truncate(path, to: 8192)
        case "lost": try FileSystem.remove(path)
        default:
            let other = try made()
            try FileSystem.rename(other.entry("store/shards/2026-02/data.mdb"), to: path)
        }
        let store = try StoreFixture.open(directory)
        #expect(store.unavailableShards.keys.map(\.description) == ["2026-02"])
        let reader = try store.makeReader()
        #expect(reader.text("20260227-aaaaaaaaaaaa").outcome == .unavailable(period))
        let rows = try reader.rows()
        #expect(rows.map(\.item) == [.unavailable(period)])
        try store.put(StoreFixture.record("20260127-aaaaaaaaaaaa", at: StoreFixture.instant("2026-01-27")))
        #expect(reader.text("20260127-aaaaaaaaaaaa").text == "full 20260127-aaaaaaaaaaaa")
        #expect(throws: StoreError.unavailable(period)) {
            try store.put(StoreFixture.record("20260227-bbbbbbbbbbbb", at: StoreFixture.instant("2026-02-27")))
        }
    }

    @Test("removes a shard that was being made when the process ended")
    func unfinishedShard() throws {
        let directory = try made()
        let path = directory.entry("store/shards/.new-2026-03")
        try FileSystem.makeDirectory(path)
        try FileSystem.writeAtomically(path + "/data.mdb", [])
        let store = try StoreFixture.open(directory)
        #expect(store.shardCount == 1)
        #expect(try !FileSystem.exists(path))
    }

    @Test("refuses everything once it is closed, and closes twice without harm")
    func closed() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let record = try StoreFixture.record("20260227-aaaaaaaaaaaa", at: StoreFixture.instant("2026-02-27"))
        try store.put(record)
        let reader = try store.makeReader()
        store.close()
        store.close()
        #expect(throws: StoreError.closed) { try store.put(record) }
        #expect(try reader.text("20260227-aaaaaaaaaaaa").outcome == .unavailable(#require(Period("2026-02"))))
    }

    @Test("finishes what was submitted before it is closed")
    func finishes() throws {
        let directory = try TemporaryDirectory("store")
        do {
            let store = try StoreFixture.open(directory)
            for number in 0..<50 {
                let record = try StoreFixture.record(
                    "20260227-\(1000 + number)", at: StoreFixture.instant("2026-02-27", second: number))
                let lane = number.isMultiple(of: 2) ? WriteLane.foreground : .background
                let command = TestCommand(period: store.period(of: record.sortInstant)) {
                    (shard) throws(StoreError) in try shard.put(record)
                }
                store.submit(command, lane: lane) { _ in }
            }
            store.close()
        }
        #expect(try StoreFixture.open(directory).articleCount == 50)
    }

    @Test("keeps few shards open when told so, and still reads and writes all of them")
    func openShards() throws {
        let directory = try TemporaryDirectory("store")
        let months = (1...12).map { "2025-\($0 < 10 ? "0" : "")\($0)-15" }
        func id(_ day: String) -> String { day.replacing("-", with: "") + "-aaaaaaaaaaaa" }
        for _ in 0..<2 {
            let store = try StoreFixture.open(directory) { $0.openShardsMax = 3 }
            for day in months { try store.put(StoreFixture.record(id(day), at: StoreFixture.instant(day))) }
            let (first, second) = (try store.makeReader(), try store.makeReader())
            for day in months.reversed() {
                #expect(first.text(id(day)).text == "full \(id(day))")
                #expect(second.text(id(day)).text == "full \(id(day))")
            }
            #expect(try first.ids() == months.reversed().map(id))
            store.close()
        }
    }
}
