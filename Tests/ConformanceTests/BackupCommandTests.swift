import Files
import Foundation
import NewsMessages
import TestKit
import Testing

/// `newsrpc-server backup` and `restore` as they are run.
@Suite("The commands backup and restore", .serialized) struct BackupCommandTests {
    private static let program = Places.programs.appending(path: "newsrpc-server").path

    private func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Subprocess.Outcome {
        try await Subprocess.run(Self.program, arguments, environment: environment)
    }

    /// A store with articles in three months; its path.
    private func made(_ directory: TemporaryDirectory) async throws -> (store: String, names: [String]) {
        let store = directory.entry("store")
        let server = try #require(try await ServedStore.start(store))
        var names: [String] = []
        for number in 0..<6 {
            let body = String(repeating: "article \(number) ", count: number % 2 == 0 ? 2000 : 9)
            names.append(try await server.create("title \(number)", on: "0\(number % 3 + 1)-15", body: body).name)
        }
        #expect(await server.stop() == 0)
        return (store, names)
    }

    @Test("save a store, in a folder, in a folder with a base and in one file, and make it again")
    func roundTrip() async throws {
        let directory = try TemporaryDirectory("backup")
        let (store, names) = try await made(directory)
        let one = try await run(["backup", store, "--to", directory.entry("one")])
        #expect(one.status == 0 && one.output.hasPrefix("6 articles in 3 shards, "), "\(one.output)")
        #expect(one.output.contains("sha256 of the manifest: "))
        let server = try #require(try await ServedStore.start(store))
        let more = try await server.create("more", on: "03-20")
        let held = try await run(["backup", store, "--to", directory.entry("two")])
        #expect(held.status == 1 && held.output.contains("newsrpc-cli admin backup"), "\(held.output)")
        #expect(await server.stop() == 0)
        let two = try await run(["backup", store, "--to", directory.entry("two"), "--base", directory.entry("one")])
        #expect(two.status == 0 && two.output.contains("; 2 shards, ") && two.output.contains("as in the base"))
        let three = try await run(["backup", store, "--to", directory.entry("three.tar.zst"), "--rate", "64MiB"])
        #expect(three.status == 0, "\(three.output)")
        for (name, backup) in [("a", "two"), ("b", "three.tar.zst")] {
            let restored = try await run(["restore", directory.entry(backup), "--to", directory.entry(name)])
            #expect(restored.status == 0 && restored.output.hasPrefix("7 articles in 3 shards, "), "\(restored.output)")
            let check = try await run(["check", directory.entry(name)])
            #expect(check.status == 0, "\(check.output)")
            let next = try #require(try await ServedStore.start(directory.entry(name)))
            let list = try #require(await next.list())
            #expect(Set(list.names) == Set(names + [more.name]) && list.unreachable.isEmpty)
            _ = try await next.create("after", on: "02-02")
            #expect(await next.stop() == 0)
        }
    }

    @Test("refuse what they cannot use, each with the name of what is at fault")
    func refusals() async throws {
        let directory = try TemporaryDirectory("backup")
        let (store, _) = try await made(directory)
        let backup = directory.entry("b")
        #expect(try await run(["backup", store, "--to", backup]).status == 0)
        let again = try await run(["backup", store, "--to", backup])
        #expect(again.status == 1 && again.output.contains("\(backup) is there already"))
        let none = try await run(["backup", directory.entry("none"), "--to", directory.entry("x")])
        #expect(none.status == 1 && none.output.contains("none is not a store"))
        let usage = try await run(["backup", store, "--to", "x.tar.zst", "--base", backup])
        #expect(usage.status == 2 && usage.output.contains("--base"))
        let full = try await run(["restore", backup, "--to", store])
        #expect(full.status == 1 && full.output.contains("\(store) is there already"))
        let part = backup + "/parts/2026-02.mdb"
        try ByteFaults.flip(part, at: 9000)
        let damaged = try await run(["restore", backup, "--to", directory.entry("r")])
        #expect(damaged.status == 1 && damaged.output.contains("\(part) is damaged: its checksum is "))
        try FileSystem.remove(backup + "/manifest.json")
        let incomplete = try await run(["restore", backup, "--to", directory.entry("r")])
        #expect(incomplete.status == 1 && incomplete.output.contains("\(backup) is incomplete: "))
        #expect(try FileSystem.list(directory.path) == ["b", "store", "store.log"])
    }

    @Test("end with 3 when a shard is missing, and name it")
    func missing() async throws {
        let directory = try TemporaryDirectory("backup")
        let (store, _) = try await made(directory)
        try FileSystem.writeAtomically(store + "/shards/2026-02/QUARANTINE", Array("lost a page\n".utf8))
        let backup = try await run(["backup", store, "--to", directory.entry("b")])
        #expect(backup.status == 3 && backup.output.contains("missing: 2026-02: it is quarantined: lost a page"))
        let restored = try await run(["restore", directory.entry("b"), "--to", directory.entry("r")])
        #expect(restored.status == 3 && restored.output.contains("1 shard missing"), "\(restored.output)")
        let server = try #require(try await ServedStore.start(directory.entry("r")))
        #expect(await server.isServing("newsrpc.shard/2026-02") == false)
        #expect(await server.isServing("newsrpc.shard/2026-03") == true)
        #expect(await server.stop() == 0)
    }

    @Test("leave nothing that could be taken for a backup when SIGINT stops them")
    func interrupted() async throws {
        let directory = try TemporaryDirectory("backup")
        let (store, _) = try await made(directory)
        let target = directory.entry("b")
        let process = Process()
        process.executableURL = URL(filePath: Self.program)
        // 16 KiB a second: it would take half a minute.
        process.arguments = ["backup", store, "--to", target, "--rate", "16KiB"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try await until { FileManager.default.fileExists(atPath: target + ".partial/parts/catalog.mdb") }
        process.interrupt()
        let status = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                process.waitUntilExit()
                continuation.resume(returning: process.terminationStatus)
            }
        }
        #expect(status == 1)
        #expect(try FileSystem.list(directory.path) == ["store", "store.log"])
    }

    /// Looks again and again, for a minute at most.
    private func until(_ condition: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while !condition() {
            guard ContinuousClock.now < end else { throw Subprocess.Failure(description: "it never came to that") }
            await Task.yield()
        }
    }

    // MARK: - Faults of the disk

    /// Backups of one store, each with a fault at the next write or flush of what is written, until one has none.
    @Test(
        "whatever write or flush ends them or fails, leave the store as it is and no backup, or a whole one",
        .disabled(if: ServedStore.isSanitized, "a sanitizer must be loaded first"),
        arguments: [("kill", "b"), ("28", "b"), ("torn", "b.tar.zst"), ("5", "b.tar.zst")])
    func faults(action: String, name: String) async throws {
        let directory = try TemporaryDirectory("backup")
        let (store, _) = try await made(directory)
        let target = directory.entry(name)
        let shim = try await FaultShim.path()
        var call = 0
        var isUntouched = false
        while !isUntouched {
            call += 1
            let round = "\(action) at \(call)"
            guard call < 60 else { throw Subprocess.Failure(description: "\(round): no end of it") }
            let mark = directory.entry("mark")
            try FileSystem.remove(mark)
            let outcome = try await run(
                ["backup", store, "--to", target],
                environment: [
                    "LD_PRELOAD": shim, "NEWSRPC_FAULT_AT": "\(call)", "NEWSRPC_FAULT_ACTION": action,
                    "NEWSRPC_FAULT_KIND": "any", "NEWSRPC_FAULT_FILE": target + ".partial", "NEWSRPC_FAULT_MARK": mark,
                ])
            isUntouched = try !FileSystem.exists(mark)
            if try FileSystem.exists(target) { break }  // Renamed: what failed was behind it.
            #expect(!isUntouched && outcome.status != 0, "\(round): \(outcome.output)")
            let isKilled = action == "kill" || action == "torn"
            #expect(try FileSystem.exists(target + ".partial") == isKilled, "\(round): \(outcome.output)")
            if isKilled {
                let partial = target + ".partial"
                let inside = name == "b" ? partial : partial + "/archive"
                let restored = try await run(["restore", inside, "--to", directory.entry("r")])
                // Behind its last byte it may be whole, though nobody was told so.
                if restored.status == 0 {
                    let isWhole = try name != "b" || FileSystem.exists(partial + "/manifest.json")
                    #expect(isWhole && restored.output.hasPrefix("6 articles"), "\(round): \(restored.output)")
                    try FileSystem.removeTree(directory.entry("r"))
                }
            } else {
                #expect(outcome.output.contains("newsrpc-server: "), "\(round)")
            }
        }
        #expect(call > 2)
        let restored = try await run(["restore", target, "--to", directory.entry("r")])
        #expect(restored.status == 0 && restored.output.hasPrefix("6 articles"), "\(restored.output)")
        let check = try await run(["check", store])
        #expect(check.status == 0, "\(check.output)")
    }

    @Test(
        "a restore that ends in its middle leaves no store, and the next one makes it",
        .disabled(if: ServedStore.isSanitized, "a sanitizer must be loaded first"))
    func restoreFaults() async throws {
        let directory = try TemporaryDirectory("backup")
        let (store, _) = try await made(directory)
        let (backup, target) = (directory.entry("b"), directory.entry("r"))
        #expect(try await run(["backup", store, "--to", backup]).status == 0)
        let (shim, mark) = (try await FaultShim.path(), directory.entry("mark"))
        for call in 1..<60 {
            try FileSystem.remove(mark)
            let outcome = try await run(
                ["restore", backup, "--to", target],
                environment: [
                    "LD_PRELOAD": shim, "NEWSRPC_FAULT_AT": "\(call * 2)", "NEWSRPC_FAULT_ACTION": "kill",
                    "NEWSRPC_FAULT_KIND": "any", "NEWSRPC_FAULT_FILE": target + ".partial", "NEWSRPC_FAULT_MARK": mark,
                ])
            if try !FileSystem.exists(mark) {
                #expect(outcome.status == 0 && call > 3, "\(outcome.output)")
                break
            }
            #expect(try !FileSystem.exists(target), "call \(call * 2)")
        }
        let check = try await run(["check", target])
        #expect(check.status == 0 && check.output.hasPrefix("6 articles"), "\(check.output)")
        #expect(try !FileSystem.exists(target + ".partial"))
    }
}
