import Files
import Foundation
import NewsClient
import NewsMessages
import TestKit
import Testing

/// Damage to LMDB's own pages, which have no checksums, under the server as it is run: it costs at most the shard that
/// it is in, and one restart.
@Suite("Damage to a shard's pages", .serialized, .disabled(if: ServedStore.isSanitized, "faults are what it is about"))
struct DamagedShardTests {
    private static let months = ["01", "02", "03"]

    /// A store with articles in three months, and what they were.
    private func made(_ directory: TemporaryDirectory, perMonth: Int) async throws -> [String: Article] {
        let server = try #require(try await ServedStore.start(directory.entry("store")))
        var articles: [String: Article] = [:]
        for month in Self.months {
            for number in 0..<perMonth {
                let body = String(repeating: "article \(number) of month \(month) ", count: number % 5 == 0 ? 400 : 9)
                let day = number % 28 + 1
                let article = try await server.create(
                    "title \(number)", on: "\(month)-\(day < 10 ? "0" : "")\(day)", body: body)
                guard case .article(let stored) = await server.get(article.name) else {
                    throw Subprocess.Failure(description: "not stored: \(article.name)")
                }
                articles[article.name] = stored
            }
        }
        #expect(await server.stop() == 0)
        return articles
    }

    private func month(_ name: String) -> Substring { name.split(separator: "/")[1].dropFirst(4).prefix(2) }

    @Test(
        "a file that is cut while it is served ends the server once; then its shard is quarantined",
        .timeLimit(.minutes(5)))
    func cut() async throws {
        let directory = try TemporaryDirectory("damage")
        let articles = try await made(directory, perMonth: 3)
        let path = directory.entry("store/shards/2026-02/data.mdb")
        let server = try #require(try await ServedStore.start(directory.entry("store")))
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.truncate(atOffset: 8192)
        let names = articles.keys.filter { month($0) == "02" }
        _ = await server.get(try #require(names.first))
        #expect(await server.ended() == -SIGBUS)

        let next = try #require(try await ServedStore.start(directory.entry("store")))
        #expect(await next.isServing("newsrpc.shard/2026-02") == false)
        #expect(await next.isServing("newsrpc.shard/2026-03") == true)
        #expect(await next.isServing("") == true)
        for (name, article) in articles {
            let expected: ServedStore.Answer = month(name) == "02" ? .failed("UNAVAILABLE") : .article(article)
            #expect(await next.get(name) == expected)
        }
        let list = try #require(await next.list())
        #expect(list.names.count == 6 && !list.unreachable.isEmpty)
        _ = try await next.create("new", on: "03-20")
        #expect(await next.stop() == 0)
        #expect(next.text.contains("shard not served"))
        try await repair(directory, isWhole: false)
    }

    @Test("a damaged catalog keeps the server from starting, with a text that says what helps; repair makes it again")
    func catalog() async throws {
        let directory = try TemporaryDirectory("damage")
        let articles = try await made(directory, perMonth: 2)
        let path = directory.entry("store/catalog/data.mdb")
        try FileSystem.writeAtomically(path, [UInt8](repeating: 0, count: 32_768))
        let server = try await ServedStore.start(directory.entry("store"))
        #expect(server == nil)
        let log = try FileSystem.read(directory.entry("store.log"))
        #expect(String(decoding: log, as: UTF8.self).contains("/catalog"))
        try await repair(directory, isWhole: true)
        let next = try #require(try await ServedStore.start(directory.entry("store")))
        for (name, article) in articles { #expect(await next.get(name) == .article(article)) }
        #expect(await next.stop() == 0)
    }

    /// Repairs as an operator does, and expects a sound store that serves every shard.
    private func repair(_ directory: TemporaryDirectory, isWhole: Bool) async throws {
        let program = Places.programs.appending(path: "newsrpc-server").path
        let store = directory.entry("store")
        let check = try await Subprocess.run(program, ["check", store])
        #expect(check.status == 1, "\(check.output)")
        let repaired = try await Subprocess.run(program, ["repair", store])
        #expect(repaired.status == (isWhole ? 0 : 3), "\(repaired.output)")
        #expect(repaired.output.contains("kept: ") && repaired.output.contains("written anew: "))
        #expect(repaired.output.contains("nothing is lost") == isWhole)
        let again = try await Subprocess.run(program, ["check", store])
        #expect(again.status == 0, "\(again.output)")
        let server = try #require(try await ServedStore.start(store))
        _ = try await server.create("after the repair", on: "02-21")
        #expect(await server.stop() == 0)
        #expect(!server.text.contains("shard not served"))
    }

    @Test("whatever is flipped, the others are served, and no answer is wrong", .timeLimit(.minutes(10)))
    func flips() async throws {
        let directory = try TemporaryDirectory("damage")
        let articles = try await made(directory, perMonth: 30)
        var random = SeededGenerator.forTest("flipped shards")
        let rounds = ProcessEnvironment.value(of: "NEWSRPC_ROUNDS").flatMap { Int($0) } ?? 10
        let path = directory.entry("store/shards/2026-02/data.mdb")
        let sound = try FileSystem.read(path)
        let clean = try FileSystem.read(directory.entry("store/CLEAN"))
        for round in 0..<rounds {
            // As it was, but for some bits in the pages of one shard.
            for name in ["shards/2026-02/QUARANTINE", "FAULT", "CLEAN", "STARTED"] {
                try FileSystem.remove(directory.entry("store/" + name))
            }
            if random.oneIn(2) { try FileSystem.writeAtomically(directory.entry("store/CLEAN"), clean) }
            var bytes = sound
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let page = Int.random(in: 0..<(bytes.count / 4096), using: &random)
                let place = Int.random(in: 0..<(random.oneIn(4) ? 4096 : page < 2 ? 152 : 80), using: &random)
                bytes[page * 4096 + place] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
            }
            try FileSystem.writeAtomically(path, bytes)
            var isServed = false
            for attempt in 0..<3 where !isServed {
                isServed = try await serves(directory.entry("store"), articles, "round \(round), start \(attempt)")
            }
            #expect(isServed, "round \(round): three starts were not enough")
        }
    }

    private func expectNote(_ store: String, _ round: String) throws {
        let note = String(decoding: try FileSystem.read(store + "/FAULT"), as: UTF8.self)
        #expect(note.contains("2026-02"), "\(round): it named no shard")
    }

    /// Starts a server and asks it for everything.
    ///
    /// - Returns: `false` when it ended by itself.
    private func serves(_ store: String, _ articles: [String: Article], _ round: String) async throws -> Bool {
        guard let server = try await ServedStore.start(store) else {
            try expectNote(store, round)
            return false
        }
        var wasLost = false
        for (name, article) in articles where !wasLost {
            let answer = await server.get(name)
            if answer == .article(article) { continue }
            // A flip in a key of a file that nobody had reason to look at: the article is not found, and `check` tells.
            let codes = ["UNAVAILABLE", "DATA_LOSS", "NOT_FOUND"]
            if month(name) == "02", case .failed(let code) = answer, codes.contains(code) {
                wasLost = await server.isServing("") == nil
            } else {
                wasLost = await server.isServing("") == nil
                #expect(wasLost, "\(round): \(name) is \(answer)")
            }
        }
        if !wasLost {
            let list = await server.list()
            wasLost = list == nil
            if let list {
                #expect(list.names.filter { month($0) != "02" }.count == 60, "\(round)")
                #expect(list.names.allSatisfy { articles[$0] != nil })
            }
        }
        if !wasLost {
            _ = try? await server.create("more", on: "02-20")
            wasLost = await server.isServing("") == nil
        }
        guard wasLost else {
            #expect(await server.stop() == 0, "\(round)")
            return true
        }
        let ending = await server.ended()
        #expect([-SIGSEGV, -SIGBUS, -SIGABRT].contains(ending), "\(round): ended with \(ending): \(server.text)")
        try expectNote(store, "\(round), signal \(-ending)")
        return false
    }
}
