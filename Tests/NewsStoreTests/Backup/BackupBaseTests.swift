import Files
import NewsModel
import NewsStore
import TestKit
import Testing

@Suite("A backup with a base") struct BackupBaseTests {
    private func backup(_ store: Store, _ directory: TemporaryDirectory, _ name: String, base: String?) throws
        -> BackupSummary
    {
        var options = BackupOptions()
        options.base = base.map { directory.entry($0) }
        return try store.backup(to: BackupTarget(directory.entry(name)), options)
    }

    @Test("links what has not changed, copies the rest, and is whole without its base")
    func incremental() throws {
        let directory = try TemporaryDirectory("backup")
        let store = try StoreFixture.open(directory)
        try BackupFixture.fill(store)
        let first = try backup(store, directory, "one", base: nil)
        try store.put(StoreFixture.record("20260227-aaaaaaaaaaaa", at: StoreFixture.instant("2026-02-27")))
        let second = try backup(store, directory, "two", base: "one")
        #expect(second.linkedShardCount == 4 && second.shardCount == 5 && second.articleCount == 26)
        #expect(second.linkedByteCount > 0 && second.position == first.position + 1)
        // Another start of the server is no change, and neither is a base that has links itself.
        store.close()
        let again = try StoreFixture.open(directory)
        try again.put(StoreFixture.record("20251127-bbbbbbbbbbbb", at: StoreFixture.instant("2025-11-27")))
        let contents = try BackupFixture.contents(again)
        let third = try backup(again, directory, "three", base: "two")
        #expect(third.linkedShardCount == 4)
        func inode(_ backup: String, _ part: String) throws -> FileStamp {
            try FileStamp(of: directory.entry("\(backup)/parts/\(part).mdb"))
        }
        #expect(try inode("one", "2026-01") == inode("three", "2026-01"))
        #expect(try inode("two", "2026-02") == inode("three", "2026-02"))
        #expect(try inode("two", "2025-11") != inode("three", "2025-11"))
        for name in ["one", "two"] { try FileSystem.removeTree(directory.entry(name)) }
        #expect(try BackupFixture.restored(directory.entry("three"), to: directory.entry("r")).contents == contents)
    }

    @Test("copies a shard whose file was made anew, though its transactions are as many")
    func otherFile() throws {
        let directory = try TemporaryDirectory("backup")
        let store = try StoreFixture.open(directory)
        try BackupFixture.fill(store)
        _ = try backup(store, directory, "one", base: nil)
        store.close()
        let path = directory.entry("store/shards/2026-01/data.mdb")
        try FileSystem.writeAtomically(path, try FileSystem.read(path))
        let again = try StoreFixture.open(directory)
        #expect(try backup(again, directory, "two", base: "one").linkedShardCount == 4)
    }

    @Test("is not made when the base has a gap, is damaged, or is none of this store's")
    func gaps() throws {
        let directory = try TemporaryDirectory("backup")
        let store = try StoreFixture.open(directory)
        try BackupFixture.fill(store)
        _ = try backup(store, directory, "one", base: nil)
        let one = directory.entry("one")
        func fault(_ base: String = "one") -> BackupFault? {
            BackupFixture.fault { _ = try backup(store, directory, "two", base: base) }
        }
        #expect(fault("none") == .notABackup(path: directory.entry("none")))
        let part = one + "/parts/2026-01.mdb"
        let bytes = try FileSystem.read(part)
        try FileSystem.remove(part)
        #expect(fault() == .incomplete(path: one, reason: "parts/2026-01.mdb is missing"))
        try FileSystem.writeAtomically(part, Array(bytes.dropLast()))
        #expect(fault() == .damaged(path: part, reason: "it has \(bytes.count - 1) bytes in place of \(bytes.count)"))
        try FileSystem.writeAtomically(part, bytes)
        try ByteFaults.flip(one + "/manifest.json", at: 100)
        guard case .damaged(one + "/manifest.json", _) = fault() else { return #expect(Bool(false)) }
        try ByteFaults.flip(one + "/manifest.json", at: 100)
        let other = try Store.open(directory.entry("other"), StoreFixture.options())
        _ = try other.backup(to: .folder(directory.entry("others")))
        #expect(fault("others") == .unfitBase(path: directory.entry("others"), reason: "it is of another store"))
        #expect(try FileSystem.list(directory.path) == ["one", "other", "others", "store"])
        #expect(fault() == nil)
    }

    @Test("of a store that was put back is not made on what came later")
    func putBack() throws {
        let directory = try TemporaryDirectory("backup")
        let store = try StoreFixture.open(directory)
        try BackupFixture.fill(store)
        _ = try backup(store, directory, "one", base: nil)
        store.close()
        _ = try Store.restore(directory.entry("one"), to: directory.entry("r")) { _ in }
        let restored = try Store.open(directory.entry("r"), StoreFixture.options())
        try restored.put(StoreFixture.record("20260227-aaaaaaaaaaaa", at: StoreFixture.instant("2026-02-27")))
        let later = try backup(restored, directory, "later", base: "one")
        #expect(later.linkedShardCount == 0, "its files are others, whatever their numbers are")
        restored.close()
        let old = try StoreFixture.open(directory)
        let fault = BackupFixture.fault { _ = try backup(old, directory, "two", base: "later") }
        guard case .unfitBase = fault else { return #expect(Bool(false), "\(String(describing: fault))") }
    }
}
