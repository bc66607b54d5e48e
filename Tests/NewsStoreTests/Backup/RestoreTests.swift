import Files
import NewsModel
import NewsStore
import TestKit
import Testing

@Suite("A restored store") struct RestoreTests {
    private func backup(_ directory: TemporaryDirectory) throws -> (path: String, tokenKey: [UInt8], position: UInt64) {
        let store = try StoreFixture.open(directory)
        try BackupFixture.fill(store)
        let summary = try store.backup(to: .folder(directory.entry("b")))
        return (summary.path, store.tokenKey, summary.position)
    }

    @Test(
        "is another store to its clients: positions and tokens of the old one are refused, revisions never given again")
    func identity() throws {
        let directory = try TemporaryDirectory("backup")
        let (backup, tokenKey, position) = try backup(directory)
        var firsts: Set<UInt64> = []
        for name in ["one", "two"] {
            let path = directory.entry(name)
            let summary = try Store.restore(backup, to: path) { Issue.record("\($0)") }
            let store = try Store.open(path, StoreFixture.options())
            #expect(store.tokenKey != tokenKey)
            for revision in [0, 1, position, position + 5, summary.firstRevision] {
                let text = FeedPosition(revision: revision).text(key: SipHash(key: tokenKey))
                #expect(throws: FeedPositionError.unknown) { try FeedPosition(text, key: SipHash(key: store.tokenKey)) }
            }
            #expect(store.publishedRevision == summary.firstRevision && summary.firstRevision >= position + 1 << 32)
            let record = try StoreFixture.record("20260227-aaaaaaaaaaaa", at: StoreFixture.instant("2026-02-27"))
            #expect(try store.put(record) == summary.firstRevision + 1)
            firsts.insert(summary.firstRevision)
            let reader = try store.makeReader()
            let changes = try reader.changes(after: summary.firstRevision, limit: 10).changes
            #expect(changes.map(\.id.text) == ["20260227-aaaaaaaaaaaa"])
            // What happened before is told as well, to whoever asks from the beginning.
            #expect(try reader.changes(after: 0, limit: 100).changes.count == 25)
            // It is a store like any other, also for a backup.
            let again = try store.backup(to: .folder(directory.entry(name + "-b")))
            #expect(again.position == summary.firstRevision + 1)
            #expect(try BackupFixture.restored(again.path, to: directory.entry(name + "-r")).contents.count == 26)
        }
        #expect(firsts.count == 2, "two stores of one backup are two")
    }

    @Test("begins at once, without a look at shards that were just compared")
    func quickStart() throws {
        let directory = try TemporaryDirectory("backup")
        let (backup, _, _) = try backup(directory)
        let path = directory.entry("r")
        _ = try Store.restore(backup, to: path) { Issue.record("\($0)") }
        let record = String(decoding: try FileSystem.read(path + "/CLEAN"), as: UTF8.self)
        #expect(record.split(separator: "\n").count { $0.hasPrefix("shard ") } == 5)
        #expect(try FileStamp(of: path + "/STORE").mode == 0o600)
        let store = try Store.open(path, StoreFixture.options { $0.walkCommand = ["/bin/false"] })
        #expect(store.unavailableShards.isEmpty && store.articleCount == 25)
    }

    @Test("takes the place of an empty folder, which may be the root of a disk, and of no other")
    func places() throws {
        let directory = try TemporaryDirectory("backup")
        let (backup, _, _) = try backup(directory)
        let path = directory.entry("r")
        try FileSystem.makeDirectory(path + "/lost+found", intermediates: true)
        try FileSystem.makeDirectory(path + "/.restoring/shards/2026-02", intermediates: true)
        let stamp = try FileStamp(of: path).text.split(separator: "-").first
        _ = try Store.restore(backup, to: path) { Issue.record("\($0)") }
        #expect(try FileStamp(of: path).text.split(separator: "-").first == stamp, "the folder is the same")
        #expect(try FileSystem.list(path) == ["CLEAN", "LOCK", "STORE", "catalog", "lost+found", "shards"])
        #expect(try Store.check(path) { Issue.record("\($0)") }.articleCount == 25)
        for place in [path, backup, directory.entry("store"), directory.entry("b/manifest.json")] {
            let fault = BackupFixture.fault { _ = try Store.restore(backup, to: place) { _ in } }
            #expect(fault == .exists(path: place))
        }
        let deep = directory.entry("some/where/r")
        #expect(try Store.restore(backup, to: deep) { Issue.record("\($0)") }.articleCount == 25)
        #expect(try FileSystem.list(directory.path) == ["b", "r", "some", "store"])
    }

    @Test("takes what an interrupted restore left for its own place, unless that is still under way")
    func leftovers() throws {
        let directory = try TemporaryDirectory("backup")
        let (backup, _, _) = try backup(directory)
        let path = directory.entry("r")
        try FileSystem.makeDirectory(path + ".partial/shards/2026-02", intermediates: true)
        try FileSystem.writeAtomically(path + ".partial/shards/2026-02/data.mdb", [1, 2, 3])
        var lock: DirectoryLock? = try DirectoryLock(itself: path + ".partial")
        #expect(lock != nil)
        let fault = BackupFixture.fault { _ = try Store.restore(backup, to: path) { _ in } }
        #expect(fault == .busy(path: path + ".partial"))
        lock = nil
        #expect(try BackupFixture.restored(backup, to: path).contents.count == 25)
        #expect(try FileSystem.list(directory.path) == ["b", "r", "store"])
        // What somebody else keeps under such a name stays.
        try FileSystem.makeDirectory(directory.entry("x.partial"))
        try FileSystem.writeAtomically(directory.entry("x.partial/mine"), [1])
        let other = BackupFixture.fault { _ = try Store.restore(backup, to: directory.entry("x")) { _ in } }
        #expect(other == .exists(path: directory.entry("x.partial")))
        let named = directory.entry("y.partial")
        #expect(BackupFixture.fault { _ = try Store.restore(backup, to: named) { _ in } } == .reservedName(path: named))
    }
}
