import Files
import Foundation
import NewsClient
import NewsMessages
import TestKit
import Testing

/// Commands for a store that nobody serves, as they are run.
@Suite("A command on a store") struct StoreCommandTests {
    private let program = Places.programs.appending(path: "newsrpc-server").path

    private func run(_ arguments: [String], status: Int32 = 0) async throws -> String {
        let outcome = try await Subprocess.run(program, arguments)
        #expect(outcome.status == status, "\(arguments): \(outcome.output)")
        return outcome.output
    }

    /// A store with articles in three months.
    private func made(_ store: String) async throws -> [String] {
        let server = try #require(try await ServedStore.start(store))
        for month in ["01", "02", "05"] {
            for day in ["03", "17"] { _ = try await server.create("title \(month)", on: "\(month)-\(day)") }
        }
        let names = try #require(await server.list()).names
        #expect(await server.stop() == 0)
        return names
    }

    @Test(
        "is refused while the store is served, and where there is none",
        arguments: [["compact"], ["retain", "--retain", "24mo"], ["reshard", "--period", "year"]])
    func refused(command: [String]) async throws {
        let directory = try TemporaryDirectory("command")
        let store = directory.entry("store")
        let server = try #require(try await ServedStore.start(store))
        #expect(
            try await run([command[0], store] + command.dropFirst(), status: 1).contains("in use by another process"))
        #expect(await server.stop() == 0)
        let absent = directory.entry("absent")
        #expect(try await run([command[0], absent] + command.dropFirst(), status: 1).contains("not a store"))
        #expect(try !FileSystem.exists(absent))
    }

    @Test("drops old shards, after it has said which")
    func retain() async throws {
        let directory = try TemporaryDirectory("command")
        let store = directory.entry("store")
        let names = try await made(store)
        // The articles are of the first months of 2026.
        let now = Calendar(identifier: .gregorian).dateComponents([.year, .month], from: Date())
        let months = try (#require(now.year) - 2026) * 12 + #require(now.month) - 3
        let span = ["--retain", "\(max(1, months))mo"]
        #expect(try await run(["retain", store, "--dry-run"] + span).contains("2 shards before"))
        let output = try await run(["retain", store] + span)
        #expect(output.contains("2026-01: 2 articles") && output.contains(" dropped, 4 articles"))
        #expect(try await run(["retain", store] + span).contains("0 shards before"))
        #expect(try await run(["retain", store, "--retain", "2m"], status: 2).contains("--retain"))
        _ = try await run(["check", store])
        let server = try #require(try await ServedStore.start(store, arguments: ["--retain", "24mo"]))
        #expect(await server.list()?.names == Array(names.prefix(2)))
        #expect(await server.stop() == 0)
    }

    @Test("gives shards another length or number of slots and back, and all is as it was")
    func reshard() async throws {
        let directory = try TemporaryDirectory("command")
        let store = directory.entry("store")
        let names = try await made(store)
        for (options, layout, shards) in [
            ("--period quarter", "by quarter", ["2026-q1", "2026-q2"]),
            ("--slots 2", "by quarter in 2 slots", ["2026-q1.1of2", "2026-q1.2of2", "2026-q2.1of2", "2026-q2.2of2"]),
            ("--period year --slots 1", "by year", ["2026"]),
        ] {
            let words = options.split(separator: " ").map(String.init)
            #expect(try await run(["reshard", store] + words).contains(layout))
            #expect(try FileSystem.list(store + "/shards") == shards)
            let server = try #require(try await ServedStore.start(store))
            #expect(await server.list()?.names == names)
            for name in names { #expect(await server.get(name) != .failed("NOT_FOUND")) }
            #expect(await server.stop() == 0)
            _ = try await run(["check", store])
        }
        #expect(try await run(["reshard", store, "--period", "year"]).contains("already"))
        #expect(try await run(["reshard", store, "--abort"]).contains("nothing"))
        #expect(try await run(["reshard", store], status: 2).contains("--period"))
        #expect(try await run(["reshard", store, "--slots", "17"], status: 2).contains("1 to 16"))
        _ = try await run(["reshard", store, "--period", "month"])
        #expect(try FileSystem.list(store + "/shards") == ["2026-01", "2026-02", "2026-05"])
        _ = try await run(["check", store])
    }

    @Test("is made with the slots that are asked for, and not served when they are others")
    func slots() async throws {
        let directory = try TemporaryDirectory("command")
        let store = directory.entry("store")
        let server = try #require(try await ServedStore.start(store, arguments: ["--slots", "2"]))
        let names = [
            try await server.create("late", on: "02-17").name, try await server.create("early", on: "02-03").name,
        ]
        #expect(await server.list()?.names == names)
        #expect(await server.stop() == 0)
        #expect(try FileSystem.list(store + "/shards") == ["2026-02.1of2", "2026-02.2of2"])
        for arguments in [["--slots", "3"], ["--period", "year"]] {
            #expect(try await ServedStore.start(store, arguments: arguments) == nil)
            let log = try FileSystem.read(store + ".log")
            #expect(String(decoding: log, as: UTF8.self).contains("has its shards by month in 2 slots, not by"))
        }
        let same = try #require(try await ServedStore.start(store, arguments: ["--period", "month", "--slots", "2"]))
        #expect(await same.list()?.names == names)
        #expect(await same.stop() == 0)
        _ = try await run(["check", store])
    }

    @Test("compacts shards, and all is as it was")
    func compact() async throws {
        let directory = try TemporaryDirectory("command")
        let store = directory.entry("store")
        let names = try await made(store)
        #expect(try await run(["compact", store]).contains("0 shards compacted"))
        let output = try await run(["compact", store, "--shard", "2026-02", "--shard", "2026-05"])
        #expect(output.contains("2026-02: ") && output.contains("2 shards compacted"))
        #expect(try await run(["compact", store, "--shard", "2031-02"], status: 1).contains("2031-02: left as it is"))
        #expect(try await run(["compact", store, "--shard", "feb"], status: 2).contains("no shard has such a name"))
        _ = try await run(["check", store])
        let server = try #require(try await ServedStore.start(store))
        #expect(await server.list()?.names == names)
        #expect(await server.stop() == 0)
    }
}
