import Files
import Foundation
import LMDB
import NewsModel
import Synchronization
import TestKit
import Testing
import Threads

@testable import NewsStore

@Suite("A backup") struct BackupTests {
    private func made(_ directory: TemporaryDirectory, _ change: (inout StoreOptions) -> Void = { _ in }) throws
        -> Store
    {
        let store = try StoreFixture.open(directory, change)
        try BackupFixture.fill(store)
        return store
    }

    @Test(
        "of a store that is served makes the same store again, from a folder and from an archive",
        arguments: ["b", "b.tar.zst"])
    func roundTrip(name: String) throws {
        let directory = try TemporaryDirectory("backup")
        let store = try made(directory)
        let contents = try BackupFixture.contents(store)
        let target = directory.entry(name)
        let observer = Canceller(after: .max)
        let summary = try store.backup(to: BackupTarget(target), observer: observer)
        #expect(summary.articleCount == 25 && summary.shardCount == 5 && summary.isComplete)
        #expect(summary.position == store.publishedRevision && summary.endPosition == summary.position)
        #expect(summary.path == target && summary.manifestHash.count == 32 && summary.linkedShardCount == 0)
        #expect(observer.progress.doneBytes == observer.progress.totalBytes && observer.progress.doneCount == 7)
        try store.put(StoreFixture.record("20260227-afterwards", at: StoreFixture.instant("2026-02-27")))

        let (restore, back) = try BackupFixture.restored(target, to: directory.entry("restored"))
        #expect(back == contents)
        #expect(restore.position == summary.position && restore.articleCount == 25)
        #expect(restore.byteCount == summary.byteCount && restore.isComplete)
        store.close()
        #expect(try Store.check(directory.entry("store")) { Issue.record("\($0)") }.articleCount == 26)
        let names = ["restored", "store", name].sorted()
        #expect(try FileSystem.list(directory.path) == names, "nothing else is left")
    }

    @Test("in a folder has its parts and a manifest, and is no store that could be served by mistake")
    func layout() throws {
        let directory = try TemporaryDirectory("backup")
        let store = try made(directory)
        _ = try store.backup(to: .folder(directory.entry("b/")))
        let parts = ["STORE", "2025-11.mdb", "2025-12.mdb", "2026-01.mdb", "2026-02.mdb", "catalog.mdb", "undated.mdb"]
        #expect(
            try BackupFixture.tree(directory.entry("b")) == ["manifest.json"] + parts.map { "parts/" + $0 }.sorted())
        #expect(throws: StoreError.notAStore(path: directory.entry("b"))) { try Store.open(directory.entry("b")) }
        #expect(try FileStamp(of: directory.entry("b/parts/STORE")).mode == 0o600)
    }

    @Test("in an archive is what tar reads")
    func foreignTar() throws {
        let directory = try TemporaryDirectory("backup")
        let store = try made(directory)
        let contents = try BackupFixture.contents(store)
        _ = try store.backup(to: .archive(directory.entry("b.tar.zst")))
        func run(_ script: String) throws -> [String] {
            var child = try ChildProcess("/bin/sh", ["-c", "cd \(directory.path) && \(script)"])
            var lines: [String] = []
            while let line = try child.nextLine(timeout: 30_000_000_000) { lines.append(line) }
            let ending = child.wait()
            #expect(ending == .exited(0), "\(script): \(lines)")
            return lines
        }
        let names = try run("tar --zstd -tf b.tar.zst")
        #expect(names.first == "parts/STORE" && names.last == "manifest.json" && names.count == 8)
        // Unpacked it is a backup, and packed again by tar as well.
        _ = try run("mkdir b && tar --zstd -xf b.tar.zst -C b && tar --zstd -cf again.tar.zst -C b .")
        #expect(try BackupFixture.restored(directory.entry("b"), to: directory.entry("one")).contents == contents)
        #expect(
            try BackupFixture.restored(directory.entry("again.tar.zst"), to: directory.entry("two")).contents
                == contents)
    }

    @Test("has all shards of a store that may have few open, and leaves no more open than before")
    func manyShards() throws {
        let directory = try TemporaryDirectory("backup")
        let store = try made(directory) { $0.openShardsMax = 2 }
        let contents = try BackupFixture.contents(store)
        _ = try store.backup(to: .folder(directory.entry("b")))
        // The one that reads here may have opened two of its own.
        let fileCount = try FileSystem.list("/proc/self/fd").count { number in
            let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + number)
            return path?.hasPrefix(directory.entry("store/shards/")) == true && path?.hasSuffix("/lock.mdb") == true
        }
        #expect(fileCount <= 3)
        #expect(try BackupFixture.contents(store) == contents)
        #expect(try BackupFixture.restored(directory.entry("b"), to: directory.entry("r")).contents == contents)
    }

    @Test("goes to no place where something is", arguments: ["b", "b.tar.zst"])
    func occupied(name: String) throws {
        let directory = try TemporaryDirectory("backup")
        let store = try made(directory)
        let target = directory.entry(name)
        if name == "b" { try FileSystem.makeDirectory(target) }
        try FileSystem.writeAtomically(name == "b" ? target + "/mine" : target, [1])
        #expect(BackupFixture.fault { _ = try store.backup(to: BackupTarget(target)) } == .exists(path: target))
        #expect(try FileSystem.list(directory.path) == [name, "store"].sorted())
    }

    @Test("that is cancelled leaves nothing, wherever it was, and the store as it is", arguments: ["b", "b.tar.zst"])
    func cancelled(name: String) throws {
        let directory = try TemporaryDirectory("backup")
        let store = try made(directory)
        for count in 0..<7 {
            #expect(throws: StoreError.cancelled) {
                try store.backup(to: BackupTarget(directory.entry(name)), observer: Canceller(after: count))
            }
            #expect(try FileSystem.list(directory.path) == ["store"])
        }
        let target = directory.entry(name)
        _ = try store.backup(to: BackupTarget(target))
        for count in 0..<6 {
            #expect(throws: StoreError.cancelled) {
                try Store.restore(target, to: directory.entry("r"), observer: Canceller(after: count)) { _ in }
            }
            #expect(try FileSystem.list(directory.path) == [name, "store"].sorted())
        }
        try store.put(StoreFixture.record("20260227-afterwards", at: StoreFixture.instant("2026-02-27")))
    }

    @Test("says so when a commit fails under it, and when the store is closed; another one can be made")
    func interrupted() throws {
        let directory = try TemporaryDirectory("backup")
        let isFailing = Atomic(false)
        let store = try made(directory) { options in
            options.commitFault = { moment, _ in
                moment == .before && isFailing.exchange(false, ordering: .relaxed) ? .system(code: 5) : nil
            }
        }
        var options = BackupOptions()
        options.bytesPerSecond = 1 << 30
        options.now = { 0 }
        let record = try StoreFixture.record("20251127-fails", at: StoreFixture.instant("2025-11-27"))
        let isFirst = Atomic(true)
        options.wait = { [weak store] _ in
            guard isFirst.exchange(false, ordering: .relaxed) else { return }
            isFailing.store(true, ordering: .relaxed)
            _ = try? store?.put(record)
        }
        let target = BackupTarget.folder(directory.entry("b"))
        #expect(BackupFixture.fault { _ = try store.backup(to: target, options) } == .interrupted(shard: "2025-11"))
        #expect(try FileSystem.list(directory.path) == ["store"])
        try store.put(record)
        let closing = Monitor<Threads.Thread?>(nil)
        options.wait = { [weak store] _ in
            guard let store, closing.withLock({ $0 == nil }) else { return }
            closing.withLock { $0 = Threads.Thread.start(name: "closing") { store.close() } }
            // Its turn never comes while the backup is made; it returns when the store begins to close.
            #expect(throws: StoreError.closed) { try store.operations.enter() }
        }
        #expect(throws: StoreError.closed) { try store.backup(to: target, options) }
        closing.withLock { $0 }?.join()
        #expect(throws: StoreError.closed) { try store.backup(to: target) }
        #expect(try FileSystem.list(directory.path) == ["store"])
        #expect(try Store.check(directory.entry("store")) { Issue.record("\($0)") }.articleCount == 26)
    }

    @Test("has a move that could not be settled with its intent, and the restored store settles it")
    func unsettled() throws {
        let directory = try TemporaryDirectory("backup")
        let commitsLeft = Atomic(Int.max)
        let store = try made(directory) { options in
            options.catalogFault = { moment in
                guard moment == .before else { return nil }
                return commitsLeft.subtract(1, ordering: .relaxed).newValue == 0 ? .system(code: 5) : nil
            }
        }
        let id = "20260210-n0aaaaaaaaaa"
        let period = try #require(Period("2026-02"))
        commitsLeft.store(3, ordering: .relaxed)  // The intent, `located`, the end of the intent.
        try store.move(StoreFixture.record(id, at: StoreFixture.instant("2025-12-24")), from: period)
        #expect(store.context.catalog.openIntents.map(\.id.text) == [id])
        let contents = try BackupFixture.contents(store)
        _ = try store.backup(to: .folder(directory.entry("b")))
        #expect(try BackupFixture.restored(directory.entry("b"), to: directory.entry("r")).contents == contents)
        let restored = try Store.open(directory.entry("r"), StoreFixture.options())
        #expect(restored.context.catalog.openIntents.isEmpty)
    }

    @Test("names the shards that cannot be read, and so does the store that is made of it, until they are given up")
    func missing() throws {
        let directory = try TemporaryDirectory("backup")
        try made(directory).close()
        try FileSystem.writeAtomically(
            directory.entry("store/shards/2026-01/QUARANTINE"), Array("a page is gone\n".utf8))
        let store = try StoreFixture.open(directory)
        let target = directory.entry("b")
        let summary = try store.backup(to: .folder(target))
        #expect(!summary.isComplete && summary.shardCount == 4 && summary.articleCount == 19)
        #expect(summary.missing.map(\.period.description) == ["2026-01"])
        #expect(summary.missing.first?.reason == "it is quarantined: a page is gone")
        #expect("\(summary)".hasSuffix("1 shard missing"))
        let findings = Mutex<[String]>([])
        let path = directory.entry("r")
        let restore = try Store.restore(target, to: path) { finding in findings.withLock { $0.append(finding.shard) } }
        #expect(findings.withLock { $0 } == ["2026-01"] && !restore.isComplete && restore.missing == summary.missing)
        let restored = try Store.open(path, StoreFixture.options())
        #expect(restored.unavailableShards.keys.map(\.description) == ["2026-01"])
        #expect(restored.publishedRevision == restore.firstRevision)
        restored.close()
        // What the catalog says of its articles is kept until then, and the place of the revisions beyond.
        let repair = try Store.repair(path, time: "1", makeRow: { _ in nil }) { _ in }
        #expect(repair.lost.map(\.text).sorted() == ["own-20260112-2", "own-20260115-5"])
        let after = try Store.open(path, StoreFixture.options())
        #expect(after.publishedRevision == restore.firstRevision && after.unavailableShards.isEmpty)
    }
}
