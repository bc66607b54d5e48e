import Files
import Foundation
import NewsClient
import NewsMessages
import TestKit
import Testing

/// Ends of the process at each call that changes a file of the store: while it recovers from an earlier end, and while
/// it is given other shards. Tests/Faults/faults.c brings them about.
@Suite(
    "An end of the process in the middle", .serialized,
    .disabled(if: ServedStore.isSanitized, "a sanitizer must be loaded first"))
struct RecoveryCrashTests {
    private let program = Places.programs.appending(path: "newsrpc-server").path
    private let rounds = ProcessEnvironment.value(of: "NEWSRPC_ROUNDS").flatMap { Int($0) }

    /// What makes a program end at a call on a file below a folder, counted from 1.
    private func fault(at call: Int, below folder: String, mark: String) async throws -> [String: String] {
        [
            "LD_PRELOAD": try await FaultShim.path(), "NEWSRPC_FAULT_AT": "\(call)", "NEWSRPC_FAULT_ACTION": "kill",
            "NEWSRPC_FAULT_FILE": folder, "NEWSRPC_FAULT_MARK": mark,
        ]
    }

    private func copy(_ store: String, to other: String) async throws {
        try FileSystem.removeTree(other)
        let outcome = try await Subprocess.run("cp", ["-a", store, other])
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    /// The calls to try: some by the seed, or with NEWSRPC_ROUNDS as many as that from the first on.
    private func calls(_ name: String, upTo last: Int) -> [Int] {
        if let rounds { return Array(1...rounds) }
        var random = SeededGenerator.forTest(name)
        return (0..<5).map { _ in Int.random(in: 1...last, using: &random) }
    }

    /// Articles in three months, stored one by one.
    private func fill(_ store: String) async throws -> [Article] {
        let server = try #require(try await ServedStore.start(store))
        var articles: [Article] = []
        for month in ["01", "02", "04"] {
            for day in ["03", "17"] {
                let body = String(repeating: "text. ", count: day == "03" ? 2000 : 5)
                articles.append(try await server.create("title \(month)-\(day)", on: "\(month)-\(day)", body: body))
            }
        }
        articles.append(try await server.create("chosen", on: "02-09", id: "an-id-of-my-own"))
        #expect(await server.stop() == 0)
        return articles
    }

    /// Expects each article once, whole, and no other.
    private func expectWhole(_ server: ServedStore, _ articles: [Article], _ round: String) async {
        for article in articles {
            guard case .article(let stored) = await server.get(article.name) else {
                Issue.record("\(round): \(article.name) was acknowledged and is not there")
                continue
            }
            #expect(stored.title == article.title && stored.body == article.body, "\(round)")
        }
        let list = await server.list()
        #expect(list?.names.sorted() == articles.map(\.name).sorted(), "\(round)")
        #expect(list?.unreachable == [], "\(round)")
    }

    private func expectSound(_ store: String, _ articles: [Article], _ round: String) async throws {
        let server = try #require(try await ServedStore.start(store), "\(round): the next start failed")
        await expectWhole(server, articles, round)
        _ = try await server.create("later", on: "03-01", id: "created-later")
        #expect(await server.stop() == 0, "\(round)")
        let check = try await Subprocess.run(program, ["check", store])
        #expect(check.status == 0, "\(round): \(check.output)")
    }

    /// Moves an article to another month, and ends the server at a call of the move.
    private func interruptMove(_ store: String, _ articles: [Article], at call: Int, mark: String) async throws {
        let server = try #require(
            try await ServedStore.start(
                store,
                environment: [
                    "LD_PRELOAD": try await FaultShim.path(), "NEWSRPC_FAULT_AT": "\(call)",
                    "NEWSRPC_FAULT_ACTION": "kill", "NEWSRPC_FAULT_MARK": mark,
                ]))
        for article in [articles[0], articles[6]] {
            var request = UpdateArticleRequest()
            request.article = Article()
            request.article?.name = article.name
            request.article?.publishTime = Timestamp()
            request.article?.publishTime?.seconds = 1_779_000_000  // May 2026: a shard that is not there yet.
            _ = try? await server.client.updateArticle(request)
        }
        _ = await server.stop()
    }

    @Test("of a recovery leaves what the next one recovers from", .timeLimit(.minutes(15)))
    func recovery() async throws {
        let directory = try TemporaryDirectory("recovery")
        let (whole, cut, store) = (directory.entry("whole"), directory.entry("cut"), directory.entry("store"))
        let mark = directory.entry("mark")
        let articles = try await fill(whole)
        var random = SeededGenerator.forTest("where a move ends")
        var (endCount, quietCount) = (0, 0)
        // A move that was cut later leaves less to be done: some recoveries are over before others.
        for call in calls("where a recovery ends", upTo: 8) where quietCount < 8 {
            let before = endCount
            try await copy(whole, to: cut)
            try await interruptMove(cut, articles, at: Int.random(in: 2...20, using: &random), mark: mark)
            try await copy(cut, to: store)
            // The second end comes one call later than the first, in a store that the first one left.
            for number in [call, call + 1] {
                try FileSystem.remove(mark)
                let environment = try await fault(at: number, below: store, mark: mark)
                if let server = try await ServedStore.start(store, environment: environment) { await server.kill() }
                if try FileSystem.exists(mark) { endCount += 1 }
            }
            try await expectSound(store, articles, "an end at call \(call) of a recovery")
            quietCount = endCount == before ? quietCount + 1 : 0
        }
        #expect(endCount > 0)
        print("ends of recoveries: \(endCount)")
    }

    @Test("of a reshard leaves the store as it was or as it shall be, and the same command goes on")
    func reshard() async throws {
        let directory = try TemporaryDirectory("recovery")
        let (whole, store, mark) = (directory.entry("whole"), directory.entry("store"), directory.entry("mark"))
        let articles = try await fill(whole)
        var endCount = 0
        for call in calls("where a reshard ends", upTo: 80) {
            try await copy(whole, to: store)
            try FileSystem.remove(mark)
            let command = ["reshard", store, "--period", "quarter"]
            let environment = try await fault(at: call, below: store, mark: mark)
            let first = try await Subprocess.run(program, command, environment: environment)
            let hasEnded = try FileSystem.exists(mark)
            #expect(hasEnded == (first.status != 0), "call \(call): \(first.output)")
            if hasEnded { endCount += 1 }
            if call.isMultiple(of: 2) {
                let server = try #require(try await ServedStore.start(store), "call \(call)")
                await expectWhole(server, articles, "after call \(call)")
                #expect(await server.stop() == 0)
            }
            let second = try await Subprocess.run(program, command)
            #expect(second.status == 0, "call \(call): \(second.output)")
            #expect(try FileSystem.list(store + "/shards") == ["2026-q1", "2026-q2"])
            try await expectSound(store, articles, "a reshard that ended at call \(call)")
            if !hasEnded { break }
        }
        #expect(endCount > 0)
        print("ends of reshards: \(endCount)")
    }
}
