import Files
import NewsModel
import TestKit
import Testing

@testable import NewsStore

@Suite("A damaged backup") struct BackupDamageTests {
    private func made(_ directory: TemporaryDirectory, _ name: String) throws -> String {
        let store = try StoreFixture.open(directory)
        try BackupFixture.fill(store, perMonth: 2)
        _ = try store.backup(to: BackupTarget(directory.entry(name)))
        return directory.entry(name)
    }

    /// What a backup holds.
    private func restored(_ backup: String, _ directory: TemporaryDirectory) throws -> [String] {
        let path = directory.entry("r")
        _ = try Store.restore(backup, to: path) { Issue.record("\($0)") }
        let store = try Store.open(path, StoreFixture.options())
        let ids = try store.makeReader().ids()
        store.close()
        try FileSystem.removeTree(path)
        return ids
    }

    private func fault(_ directory: TemporaryDirectory, _ backup: String) -> BackupFault? {
        BackupFixture.fault {
            _ = try Store.restore(backup, to: directory.entry("r")) { Issue.record("\($0)") }
        }
    }

    @Test("is refused for any byte of its manifest")
    func manifest() throws {
        let directory = try TemporaryDirectory("backup")
        let store = try StoreFixture.open(directory)
        try store.put(StoreFixture.record("20260227-aaaaaaaaaaaa", at: StoreFixture.instant("2026-02-27")))
        let backup = try store.backup(to: .folder(directory.entry("b"))).path
        let path = backup + "/manifest.json"
        let bytes = try FileSystem.read(path)
        var slotted = try BackupManifest(bytes, path: path)
        #expect(slotted.bytes == bytes && slotted.storeFormat == 1)
        slotted.storeFormat = 2  // The store has had slots.
        #expect(String(decoding: slotted.bytes, as: UTF8.self).contains("\"version\": 2"))
        #expect(try BackupManifest(slotted.bytes, path: path) == slotted)
        var random = SeededGenerator.forTest("flipped manifest")
        for place in bytes.indices {
            var flipped = bytes
            flipped[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(throws: StoreError.self, "byte \(place)") { try BackupManifest(flipped, path: path) }
        }
        for place in stride(from: 3, to: bytes.count, by: bytes.count / 7) {
            try ByteFaults.flip(path, at: place)
            let fault = fault(directory, backup)
            #expect(fault != nil && "\(String(describing: fault))".contains("manifest.json"))
            try ByteFaults.flip(path, at: place)
        }
        try FileSystem.writeAtomically(path, Array(bytes.dropLast(20)))
        #expect(fault(directory, backup) != nil)
        let later = String(decoding: bytes, as: UTF8.self).replacing("\"version\": 1", with: "\"version\": 3")
        try FileSystem.writeAtomically(path, Array(later.utf8))
        #expect(fault(directory, backup) == .newerVersion(path: path, found: 3, supported: 2))
        #expect(try FileSystem.list(directory.path) == ["b", "store"])
    }

    @Test("is refused for any byte of its files, and the message names the file")
    func files() throws {
        let directory = try TemporaryDirectory("backup")
        let backup = try made(directory, "b")
        var random = SeededGenerator.forTest("flipped parts")
        for name in try FileSystem.list(backup + "/parts") {
            let path = backup + "/parts/" + name
            let bytes = try FileSystem.read(path)
            for _ in 0..<3 {
                let place = Int.random(in: bytes.indices, using: &random)
                try ByteFaults.flip(path, at: place, mask: 1 << UInt8.random(in: 0..<8, using: &random))
                let fault = fault(directory, backup)
                if case .damaged(path, let reason) = fault, reason.hasPrefix("its checksum is ") {
                } else {
                    Issue.record("\(name), byte \(place): \(String(describing: fault))")
                }
                try FileSystem.writeAtomically(path, bytes)
            }
        }
        #expect(fault(directory, backup) == nil)
    }

    @Test("is refused when it is cut, wherever, or a file of it is gone")
    func incomplete() throws {
        let directory = try TemporaryDirectory("backup")
        let backup = try made(directory, "b")
        for name in ["manifest.json", "parts/STORE", "parts/catalog.mdb", "parts/2026-02.mdb"] {
            let bytes = try FileSystem.read(backup + "/" + name)
            try FileSystem.remove(backup + "/" + name)
            let reason =
                name == "manifest.json" ? "it has no manifest.json, which is written last" : "\(name) is missing"
            #expect(fault(directory, backup) == .incomplete(path: backup, reason: reason))
            try FileSystem.writeAtomically(backup + "/" + name, Array(bytes.dropLast(7)))
            #expect(fault(directory, backup) != nil)
            try FileSystem.writeAtomically(backup + "/" + name, bytes)
        }
        #expect(fault(directory, directory.entry("none")) == .notABackup(path: directory.entry("none")))
        #expect(fault(directory, directory.entry("store")) == .notABackup(path: directory.entry("store")))
        #expect(fault(directory, backup) == nil)
    }

    @Test("in an archive is refused when it is cut or changed, and when it is something else")
    func archive() throws {
        let directory = try TemporaryDirectory("backup")
        let backup = try made(directory, "b.tar.zst")
        let ids = try restored(backup, directory)
        let bytes = try FileSystem.read(backup)
        for count in [0, 1, 17, bytes.count / 3, bytes.count / 2, bytes.count - 5, bytes.count - 1] {
            try FileSystem.writeAtomically(backup, Array(bytes.prefix(count)))
            guard case .incomplete(backup, _) = fault(directory, backup) else {
                Issue.record("\(count) of \(bytes.count) bytes are taken for whole")
                continue
            }
        }
        var random = SeededGenerator.forTest("flipped archive")
        var harmlessCount = 0
        for _ in 0..<20 {
            // The first bytes say how much memory it takes, which may be said otherwise.
            let place = Int.random(in: 6..<bytes.count, using: &random)
            try FileSystem.writeAtomically(backup, bytes)
            try ByteFaults.flip(backup, at: place, mask: 1 << UInt8.random(in: 0..<8, using: &random))
            if fault(directory, backup) != nil { continue }
            // Some bits of a compressed block stand for nothing: its content has the checksum that it had.
            harmlessCount += 1
            try FileSystem.removeTree(directory.entry("r"))
            #expect(try restored(backup, directory) == ids, "byte \(place)")
        }
        #expect(harmlessCount < 5)
        try FileSystem.writeAtomically(backup, Array("no archive".utf8))
        #expect(fault(directory, backup) != nil)
        #expect(try FileSystem.list(directory.path) == ["b.tar.zst", "store"])
    }

    @Test("whose files are sound and make no sound store is refused")
    func unsound() throws {
        let directory = try TemporaryDirectory("backup")
        let backup = try made(directory, "b")
        // Another shard's file under this one's name, with a manifest that fits.
        var manifest = try BackupManifest(inFolder: backup)
        let other = try #require(manifest.parts.first { $0.name == "2026-01" })
        let index = try #require(manifest.parts.firstIndex { $0.name == "2025-12" })
        manifest.parts[index].byteCount = other.byteCount
        manifest.parts[index].checksum = other.checksum
        let bytes = try FileSystem.read(backup + "/parts/2026-01.mdb")
        try FileSystem.writeAtomically(backup + "/parts/2025-12.mdb", bytes)
        try FileSystem.writeAtomically(backup + "/manifest.json", manifest.bytes)
        let fault = BackupFixture.fault { _ = try Store.restore(backup, to: directory.entry("r")) { _ in } }
        guard case .unsound(backup, let count) = fault else {
            return #expect(Bool(false), "\(String(describing: fault))")
        }
        #expect(count > 0)
        #expect(try FileSystem.list(directory.path) == ["b", "store"])
    }
}
